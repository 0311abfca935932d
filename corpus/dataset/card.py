"""The card of a dataset (``README.md``): written from the data alone, for loaders, for the hub and for people."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from importlib.resources import files
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import urlsplit

import jinja2
import yaml

from qosmatin.corpus.errors import InputError
from qosmatin.corpus.files.regular import read_utf8
from qosmatin.corpus.languages import with_script

from .columns import described_columns
from .documents import DocumentsSummary
from .judged import JudgedSummary
from .kept import kept_blocks
from .licences import Permission, conflict, demand, hub_licence, licence_class
from .parallel import ParallelSummary
from .shards import SplitCounts
from .splits import SPLITS
from .told import machines, personal_told
from .writing import ConfigSummary

_SIZES = ((1_000, "n<1K"), (10_000, "1K<n<10K"), (100_000, "10K<n<100K"), (1_000_000, "100K<n<1M"))


class PublishedConfig(Protocol):
    """What loaders need to know of a config: of pairs, of several languages, of whole documents, or of judgements."""

    name: str
    splits: dict[str, SplitCounts]

    @property
    def languages(self) -> tuple[str, ...]:
        """The languages of its texts."""

    @property
    def features(self) -> Any:
        """Its columns."""


@dataclass(frozen=True, slots=True)
class TranslationFacts:
    """What became of the beads of one translation, which ``config`` publishes.

    ``kind`` is who made it; ``refused`` counts by filter. Of the pairs that people decided on, they ``confirmed`` (or
    edited) some and ``rejected`` others; on ``several`` of them more than one person decided, and all of these
    ``agreed`` on some.
    """

    name: str
    config: str
    kind: str
    refused: Mapping[str, int] = field(default_factory=dict)
    confirmed: int = 0
    rejected: int = 0
    several: int = 0
    agreed: int = 0


@dataclass(frozen=True, slots=True)
class CardFacts:
    """What the card is written from, beside the configs' summaries.

    ``filters`` are the filters with their settings, in order; ``scores`` are rows of the scores table; ``unplaced``
    counts reviewers' decisions whose place in the documents is gone, ``lost_flags`` such flags. ``date`` is
    today's (ISO 8601); ``sections`` are those that people wrote, as Markdown by name, and ``kept`` what they wrote into
    an earlier card. ``canary`` is a string that stands with what is held out, ``changes`` the changelog's entry of this
    version; ``originals`` counts source documents by the language that they were first written in. ``drift`` says what
    share each split got of what was asked.
    """

    name: str
    version: str
    description: str
    licence: str
    tool: str
    config_hash: str
    aligners: Sequence[str]
    filters: Sequence[Mapping[str, Any]]
    translations: Sequence[TranslationFacts]
    scores: Sequence[Mapping[str, Any]]
    documents: Sequence[Mapping[str, Any]]
    permissions: Sequence[Permission] = ()
    unplaced: int = 0
    lost_flags: int = 0
    clusters: int = 0
    drift: Sequence[str] = ()
    benchmarks: Sequence[str] = ()
    citation: str = ""
    date: str = ""
    creators: Sequence[str] = ()
    contact: str = ""
    homepage: str = ""
    canary: str = ""
    changes: str = ""
    originals: Mapping[str, int] = field(default_factory=dict)
    sections: Mapping[str, str] = field(default_factory=dict)
    kept: Mapping[str, str] = field(default_factory=dict)

    @property
    def bibtex(self) -> str:
        """How to cite the dataset: as the config says, or else by name, version and description."""
        if self.citation:
            return self.citation
        key = re.sub(r"\W", "", self.name) + self.date[:4]
        lines = [f"author = {{{' and '.join(f'{{{name}}}' for name in self.creators)}}}"] if self.creators else []
        lines += [f"title = {{{self.name}, version {self.version}}}", f"year = {{{self.date[:4]}}}"]
        lines += [f"url = {{{self.homepage}}}"] if self.homepage else []
        if self.description:
            lines.append(f"note = {{{' '.join(self.description.split())}}}")
        return f"@misc{{{key},\n  " + ",\n  ".join(lines) + "\n}"

    @property
    def threshold(self) -> float | None:
        """The confidence from which on pairs were published, None where no filter asks for any."""
        asked = [float(one["min"]) for one in self.filters if one["name"] == "confidence"]
        return max(asked, default=None)


def write_card(
    folder: Path,
    summaries: Sequence[ConfigSummary],
    parallel: Sequence[ParallelSummary],
    facts: CardFacts,
    *,
    judged: Sequence[JudgedSummary] = (),
    documents: Sequence[DocumentsSummary] = (),
) -> None:
    """Write ``README.md``: the YAML head that loaders read, and the card that people read, from the data alone.

    A config without rows is not there; its pairs that were kept from training are counted all the same.
    """
    configs = [one for one in summaries if one.rows]
    published: list[PublishedConfig] = [*configs, *parallel, *documents, *judged]
    environment = jinja2.Environment(
        undefined=jinja2.StrictUndefined, trim_blocks=True, lstrip_blocks=True, keep_trailing_newline=True
    )
    environment.filters["cell"] = lambda value: str(value).replace("|", "\\|").replace("\n", " ")
    environment.filters["thousands"] = lambda value: f"{value:,}"
    environment.filters["variable"] = lambda name: re.sub(r"\W", "_", name)
    environment.filters["share"] = lambda part, whole: _per_cent(part / whole) if whole else "none"
    environment.filters["column"] = lambda counts, number: sorted({key[number] for key in counts})
    environment.filters["kinds"] = _kinds
    environment.filters["precisions"] = _precisions
    source = files("qosmatin.corpus").joinpath("templates", "card.md.j2").read_text(encoding="utf-8")
    template = environment.from_string(source)
    head = yaml.safe_dump(card_head(folder, published, facts), allow_unicode=True, sort_keys=False, width=120)
    body = template.render(
        head=head,
        configs=configs,
        parallel=list(parallel),
        judged=list(judged),
        documents=list(documents),
        facts=facts,
        rows=sum(one.rows for one in configs),
        machine=machines(configs),
        scripts=sorted({with_script(lang) for one in published for lang in one.languages}),
        personal=personal_told(configs, documents),
        introduction=kept_blocks(facts.kept, "introduction"),
        notes=kept_blocks(facts.kept, "notes"),
        described=described_columns(published),
        origins=_origins(facts.documents),
        rights=Counter(one["rights"] for one in facts.documents if one["rights"]).most_common(),
        reviewed=sum(one.reviewed for one in configs),
        held_out=[split for split in SPLITS[1:] if any(split in one.splits for one in published)],
        several_splits=any(len(one.splits) > 1 for one in configs),
        withheld={one.name: _total(summaries, one.name, _withheld) for one in facts.translations},
        published_pairs={one.name: _total(summaries, one.name, _published).total() for one in facts.translations},
        kinds={one.name: one.kind for one in facts.translations},
        licences=Counter(str(document["licence"]) for document in facts.documents),
        conflict=lambda licence: conflict(licence, facts.licence),
        demand=demand,
        licence_class=licence_class,
        flagged_left_out=any("flagged" in one.refused for one in facts.translations),
        citation=facts.bibtex,
    )
    (folder / "README.md").write_text(body, encoding="utf-8", newline="\n")


def _total(
    summaries: Sequence[ConfigSummary], translation: str, counts: Callable[[ConfigSummary], Counter[str]]
) -> Counter[str]:
    """Return counts over all configs of a translation."""
    return sum((counts(one) for one in summaries if one.translation == translation), Counter[str]())


def _withheld(summary: ConfigSummary) -> Counter[str]:
    return Counter(leak.rule for _, leak in summary.withheld)


def _published(summary: ConfigSummary) -> Counter[str]:
    return Counter({split: counts.rows for split, counts in summary.splits.items()})


def _kinds(summary: ConfigSummary, side: str) -> list[str]:
    """Return whose work the texts of a side are; a machine's is marked."""
    found = sorted({makers[0 if side == "source" else 2] for makers in summary.makers})
    return [f"**{kind}**" if kind == "machine" else kind for kind in found]


def _per_cent(share: float, certain: bool = True) -> str:
    """Return a share (0 to 1) in per cent; what is not all of it is not called 100, and no estimate is."""
    if share > 0.9995 and not (certain and share == 1):
        return "more than 99.9 %"
    return "100 %" if share == 1 else f"{100 * share:.1f} %"


def _precisions(summary: ConfigSummary, threshold: float | None) -> list[tuple[float, int, str]]:
    """Return confidence, pairs that are at least so sure, and their mean confidence: for all, and where fewer are."""
    rows: list[tuple[float, int, str]] = []
    for least, (pairs, total) in summary.confident.items():
        if not rows or 0 < pairs < rows[-1][1]:
            mean = _per_cent(total / pairs, certain=False) if pairs else "not known"
            rows.append((least if rows else threshold or 0.0, pairs, mean))
    return rows


def _origins(documents: Sequence[Mapping[str, Any]]) -> list[tuple[tuple[str, ...], int]]:
    """Return language, kind, maker, licence and host of documents, each with how many there are, most first."""
    counts = Counter(
        (
            str(one["lang"]),
            str(one["kind"]),
            one["by"] or "not stated",
            str(one["licence"]),
            urlsplit(one["url"] or "").hostname or "not stated",
        )
        for one in documents
    )
    return sorted(counts.items(), key=lambda item: (-item[1], item[0]))


def card_head(folder: Path, configs: Sequence[PublishedConfig], facts: CardFacts) -> dict[str, Any]:
    """Return the YAML head of the card of a dataset folder, as the hub and ``load_dataset`` read it."""
    rows = sum(split.rows for one in configs for split in one.splits.values())
    languages = dict.fromkeys(lang.split("-")[0] for one in configs for lang in one.languages)
    return {
        "pretty_name": facts.name,
        "language": list(languages),
        **hub_licence(facts.licence),
        "multilinguality": ["translation"],
        "task_categories": ["translation"],
        "size_categories": [next((size for limit, size in _SIZES if rows < limit), "1M<n<10M")],
        # Where there is no row there is no config to carry it.
        **({} if configs else {"version": facts.version}),
        "configs": [_config_entry(number, one, facts.version) for number, one in enumerate(configs)],
        "dataset_info": [_info_entry(folder, one) for one in configs],
    }


def _config_entry(number: int, summary: PublishedConfig, version: str) -> dict[str, Any]:
    data_files = [{"split": split, "path": f"{summary.name}/{split}-*.parquet"} for split in summary.splits]
    entry = {"config_name": summary.name, "version": version, "data_files": data_files}
    return {**entry, "default": True} if number == 0 else entry


def _info_entry(folder: Path, summary: PublishedConfig) -> dict[str, Any]:
    from datasets import DatasetInfo, SplitDict, SplitInfo  # noqa: PLC0415 - takes a second to load

    splits = SplitDict()
    for split, counts in summary.splits.items():
        splits.add(SplitInfo(name=split, num_bytes=counts.size, num_examples=counts.rows))
    info = DatasetInfo(
        features=summary.features,
        splits=splits,
        download_size=sum(path.stat().st_size for path in (folder / summary.name).glob("*.parquet")),
        dataset_size=sum(counts.size for counts in summary.splits.values()),
    )
    return {"config_name": summary.name, **info._to_yaml_dict()}


def read_version(dataset: Path) -> str | None:
    """Return the version that a dataset folder's card states, or None where there is none, or the card is damaged."""
    card = dataset / "README.md"
    if not card.exists():
        return None
    try:
        _, text, _ = read_utf8(card).split("---\n", 2)
        head = yaml.safe_load(text)
        version = head["configs"][0].get("version") if head.get("configs") else head.get("version")
    except (InputError, yaml.YAMLError, ValueError, LookupError, TypeError, AttributeError):
        return None
    return None if version is None else str(version)
