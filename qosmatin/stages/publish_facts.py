"""What the card and the metadata of a dataset say beside its rows: from the config, the tables and people's words."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from qosmatin import __version__
from qosmatin.config.job import TranslationSection
from qosmatin.corpus.dataset import (
    CardFacts,
    ConfigSummary,
    CroissantFacts,
    DocumentsSummary,
    Permission,
    PublishedConfig,
    SplitPlan,
    TranslationFacts,
    read_kept,
    responsible_use,
)
from qosmatin.corpus.files.hashing import fingerprint, hash_path
from qosmatin.corpus.files.text import read_text
from qosmatin.corpus.model import Decision
from qosmatin.corpus.storage.view import CorpusView
from qosmatin.job.pipeline import Job

from .publish_documents import original_language
from .publish_said import Said


def publish_settings(job: Job, _part: str) -> object:
    """Return what publishing depends on: all of the config but where things are on this machine."""
    config = job.config.model_dump(mode="json", exclude={"decisions": True, "corpus": {"folder"}})
    for section in (*config["sources"], *config["translations"]):
        for name in ("files", "manifest", "matches", "model"):
            section.pop(name, None)
    for benchmark, named in zip(config["publish"]["never_in_train"], job.config.publish.never_in_train, strict=True):
        benchmark["files"] = [hash_path(path) for path in named.files if path.is_file()]
    if config["publish"].pop("judgements"):
        config["publish"]["judgements"] = [hash_path(one) for one in job.config.publish.judgements if one.is_file()]
    card = config["publish"]["card"]
    card |= {name: hash_path(path) for name, path in job.config.publish.card.sections.items() if path.is_file()}
    return config


def card_facts(
    job: Job,
    view: CorpusView,
    plan: SplitPlan,
    said: Said,
    *,
    version: str,
    date: str,
    summaries: Sequence[ConfigSummary],
) -> CardFacts:
    """Return what the card is written from, beside what was counted while the rows were written."""
    config = job.config
    aligners = sorted({str(name) for one in summaries for name in _aligners(job, one.translation)})
    scores = job.folder.read("scores")
    return CardFacts(
        name=config.corpus.name,
        version=version,
        description=config.corpus.description,
        licence=config.corpus.licence,
        tool=f"Qosmätin {__version__}",
        config_hash=fingerprint(publish_settings(job, "")),
        aligners=aligners,
        filters=[one.model_dump(mode="json") for one in config.filters],
        translations=[_translation_facts(job, view, said, translation) for translation in config.translations],
        scores=scores.filter(pc.equal(scores["group"], pa.scalar("corpus"))).to_pylist(),
        documents=published_documents(job),
        permissions=[Permission(tuple(one.documents), one.reason) for one in config.publish.permitted],
        unplaced=_unplaced(view, [one.name for one in config.translations]),
        lost_flags=said.lost,
        clusters=len(plan.clusters),
        benchmarks=[one.name for one in config.publish.never_in_train],
        citation=config.publish.citation,
        date=date,
        creators=config.publish.card.creators,
        contact=config.publish.card.contact,
        homepage=config.publish.card.homepage,
        originals=_originals(view, [one.name for one in config.translations]),
        canary=config.publish.card.canary,
        sections={name: read_text(path).strip() for name, path in config.publish.card.sections.items()},
        kept=read_kept(job.folder.dataset / "README.md"),
    )


def croissant_facts(facts: CardFacts, configs: Sequence[PublishedConfig]) -> CroissantFacts:
    """Return what the metadata say of a dataset as a whole."""
    return CroissantFacts(
        name=facts.name,
        version=facts.version,
        description=" ".join(facts.description.split()),
        licence=facts.licence,
        languages=list(dict.fromkeys(lang for one in configs for lang in one.languages)),
        citation=facts.bibtex,
        date=facts.date,
        creators=facts.creators,
        url=facts.homepage,
        rai=responsible_use(
            facts,
            [one for one in configs if isinstance(one, ConfigSummary)],
            [one for one in configs if isinstance(one, DocumentsSummary)],
        ),
    )


def _originals(view: CorpusView, translations: Sequence[str]) -> dict[str, int]:
    """Count the source documents by the language that they, or what they translate, were first written in."""
    families: dict[str, list[str]] = defaultdict(list)
    for name in translations:
        for source, target in view.document_pairs(name):
            families[source].append(target)
    return Counter(
        original_language((view.lang(name), view.provenance(name).kind) for name in (source, *targets)) or "not known"
        for source, targets in families.items()
    )


def _aligners(job: Job, translation: str) -> list[Any]:
    return list(job.folder.read("beads", translation, ["aligner"])["aligner"].unique().to_pylist())


def _unplaced(view: CorpusView, translations: Sequence[str]) -> int:
    """Count the decisions whose place in the documents is gone."""
    decided = {tuple(anchor.document for anchor in decision.anchors) for decision in view.decisions}
    return sum(
        len(view.placed_decisions(view.document(source), view.document(target))[1])
        for name in translations
        for source, target in view.document_pairs(name)
        if (source, target) in decided or (target, source) in decided
    )


def _translation_facts(job: Job, view: CorpusView, said: Said, translation: TranslationSection) -> TranslationFacts:
    """Count what filters refused, and what people decided: the last word of each person on each pair."""
    filtered = job.folder.read("filtered", translation.name)
    refused = Counter(map(str, filtered["filter"].to_pylist()))
    refused_pairs = set(map(str, filtered["pair_id"].to_pylist()))
    targets = {target for _, target in view.document_pairs(translation.name)}
    if left_out := set(said.left_out(translation.name)) - refused_pairs:
        refused["flagged"] = len(left_out)
    words: dict[str, dict[str, Decision]] = defaultdict(dict)
    for decision in view.decisions:
        if (decision.confirms or decision.operation == "reject") and any(
            anchor.document in targets for anchor in decision.anchors
        ):
            words[decision.pair_id].pop(decision.reviewer, None)
            words[decision.pair_id][decision.reviewer] = decision
    last = Counter(list(of_pair.values())[-1].operation == "reject" for of_pair in words.values())
    several = [{_word(one) for one in of_pair.values()} for of_pair in words.values() if len(of_pair) > 1]
    return TranslationFacts(
        translation.name,
        job.config.dataset_of(translation),
        translation.kind,
        refused,
        confirmed=last[False],
        rejected=last[True],
        several=len(several),
        agreed=sum(len(said_of_pair) == 1 for said_of_pair in several),
    )


def _word(decision: Decision) -> tuple[str, str | None, str | None]:
    """Return what a decision says, whoever made it."""
    return decision.operation, decision.value, decision.source_value


def published_documents(job: Job) -> list[dict[str, Any]]:
    """Return id, language, kind, maker, licence, address and rights of all documents, of what engines wrote too."""
    columns = ["id", "lang", "kind", "by", "licence", "url", "rights"]
    documents = job.folder.read("documents", columns=columns).to_pylist()
    for translation in job.config.translations:
        table = job.folder.read("translations", translation.name)
        made = table.filter(table["sentences"].is_valid()).select(["target_document", "lang", "kind", "by", "licence"])
        rows = made.rename_columns(["id", "lang", "kind", "by", "licence"]).to_pylist()
        documents += [{**row, "kind": row["kind"] or "machine", "url": None, "rights": None} for row in rows]
    return documents
