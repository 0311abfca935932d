"""``qosmatin campaign ...``: people judge what systems translated."""

from __future__ import annotations

import json
import random
import shlex
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer
from rich.table import Table

from qosmatin.corpus.errors import InputError
from qosmatin.corpus.formats.lines import line_text

from .console import error_console, open_output
from .stores import check_extra, opened_store
from .tables import output_console

if TYPE_CHECKING:
    from qosmatin.config.campaign import CampaignConfig
    from qosmatin.job.campaign_results import Results
    from qosmatin.review.campaigns.model import Campaign
    from qosmatin.review.campaigns.results import AnnotatorState, Opinion

app = typer.Typer(
    help="People judge what systems translated: make a campaign, serve its pages, rank (docs/campaigns.md).",
    no_args_is_help=True,
    rich_markup_mode=None,
)

_FOLDER = Annotated[Path, typer.Argument(help="The folder that has the campaign's store.", show_default=False)]
_NAME = Annotated[str | None, typer.Option("--campaign", help="Which campaign, where there are several.")]
_DATABASE = Annotated[
    str | None, typer.Option(metavar="URL", help="PostgreSQL: postgresql://...; default: review.db in the folder.")
]
_OUTPUT = Annotated[Path | None, typer.Option("--output", "-o", help="Default: standard output.")]


@app.command("new")
def new(
    config: Annotated[Path, typer.Argument(help="The campaign's config (docs/campaigns.md).", show_default=False)],
    address: Annotated[
        str, typer.Option(metavar="URL", help="The address of the pages, for the links.")
    ] = "http://127.0.0.1:8765",
    database: _DATABASE = None,
) -> None:
    """Make a campaign of a config, and print a link for each annotator.

    Run again it changes nothing, and prints new links for those who have not come yet.

    Example: qosmatin campaign new configs/campaigns/engines.yaml
    """
    check_extra("campaigns")
    from qosmatin.config.campaign import CampaignConfig  # noqa: PLC0415
    from qosmatin.config.yaml_models import read_model  # noqa: PLC0415
    from qosmatin.job.campaign_material import read_material  # noqa: PLC0415
    from qosmatin.review.campaigns.building import build  # noqa: PLC0415
    from qosmatin.review.campaigns.keeping import add_campaign  # noqa: PLC0415
    from qosmatin.review.store.database import writing  # noqa: PLC0415

    wanted = read_model(config, CampaignConfig)
    material = _chosen(wanted, read_material(wanted))
    plan = _plan(wanted)
    wanted.folder.mkdir(parents=True, exist_ok=True)
    with opened_store(wanted.folder, database) as engine, writing(engine) as connection:
        links = [_annotator(connection, name, wanted.invite) for name in dict.fromkeys(wanted.annotators)]
        info, documents = build(plan, material, [pseudonym for pseudonym, _ in links])
        _, is_new = add_campaign(
            connection, wanted.campaign, info, documents, {pseudonym: {} for pseudonym, _ in links}
        )
    outputs = {
        (one.owner, one.place): sum(len(item["tgt"]) for item in one.items) for one in documents if one.part == "data"
    }
    _say(
        f"campaign '{wanted.campaign}' {'made' if is_new else 'is there already, unchanged'}: "
        f"{len(material)} documents, {len(outputs)} turns, {sum(outputs.values()):,} outputs to judge, "
        f"{len(links)} annotators"
    )
    for (pseudonym, secret), name in zip(links, dict.fromkeys(wanted.annotators), strict=True):
        link = f"{address.rstrip('/')}/invitation/{secret}" if secret else f"{address.rstrip('/')}/campaigns"
        typer.echo(f"{name}\t{pseudonym}\t{link}")
    _say(f"serve it: qosmatin campaign serve {wanted.folder}; each link works once, within a week")


def _chosen(config: CampaignConfig, material: list[list[dict[str, Any]]]) -> list[list[dict[str, Any]]]:
    """Return the documents that are judged, with the spans that are put in before."""
    from qosmatin.review.campaigns.suggesting import by_checks, by_file, suggest_spans  # noqa: PLC0415

    wanted = None if config.documents is None else config.documents + config.calibration
    if wanted is not None and wanted < len(material):
        chosen = sorted(random.Random(f"{config.seed}/documents").sample(range(len(material)), wanted))
        material = [material[at] for at in chosen]
    material = [items[: config.passages] for items in material]
    if config.suggestions is None:
        return material
    by = config.suggestions.by
    suggest = by_file(by) if isinstance(by, Path) else by_checks((config.source_lang, config.target_lang))
    return suggest_spans(material, suggest, config.suggestions.share, config.seed)


def _plan(config: CampaignConfig) -> Any:
    from qosmatin.corpus.files.text import read_text  # noqa: PLC0415
    from qosmatin.review.campaigns.building import Plan  # noqa: PLC0415

    tutorial: list[Any] = []
    if config.tutorial is not None:
        try:
            tutorial = json.loads(read_text(config.tutorial))
            fits = all(isinstance(item["tgt"], dict) for document in tutorial for item in document)
        except (ValueError, TypeError, KeyError):
            fits = False
        if not fits:
            raise InputError("a tutorial is a JSON list of documents, each a list of items with tgt", config.tutorial)
    checks = config.checks
    return Plan(
        config.protocol,
        (config.source_lang, config.target_lang),
        seed=config.seed,
        assignment=config.assignment,
        side_by_side=config.side_by_side,
        overlap=config.overlap,
        documents_each=config.documents_each,
        checks=checks.count if checks else 0,
        checks_every=checks.every if checks else 5,
        checks_warn=bool(checks and checks.warn),
        calibration=config.calibration,
        tutorial=tutorial,
    )


def _annotator(connection: Any, name: str, invite: bool) -> tuple[str, str | None]:
    """Return the pseudonym of an annotator, and the secret of a new invitation where they have no account."""
    from qosmatin.review.people.accounts import all_accounts, fold_name, open_invitations  # noqa: PLC0415
    from qosmatin.review.people.sessions import invite as make  # noqa: PLC0415

    if not invite:
        return name, None
    login = fold_name(name)
    known = {one.name: one.pseudonym for one in all_accounts(connection)}
    if login in known:
        return known[login], None
    asked = {one: pseudonym for one, pseudonym, _, _ in open_invitations(connection)}
    secret, pseudonym = make(connection, login, "reviewer", asked.get(login, ""))
    return pseudonym, secret


@app.command("serve")
def serve_campaigns(
    folder: _FOLDER,
    *,
    port: Annotated[int, typer.Option(min=0, max=65535, help="Port of the pages; 0 for any that is free.")] = 8765,
    reviewer: Annotated[str, typer.Option(help="The pseudonym of who judges, where nobody logs in.")] = "r1",
    host: Annotated[str, typer.Option(help="Address to serve on; any but this machine's own needs TLS.")] = "127.0.0.1",
    tls_cert: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Certificate (PEM) to serve HTTPS with.")
    ] = None,
    tls_key: Annotated[Path | None, typer.Option(metavar="FILE", help="Private key of the certificate.")] = None,
    public_name: Annotated[str | None, typer.Option(metavar="NAME", help="How browsers call this server.")] = None,
    behind_proxy: Annotated[
        str | None, typer.Option(metavar="NAME", help="The public name of a proxy in front that speaks TLS.")
    ] = None,
    database: _DATABASE = None,
) -> None:
    """Serve the pages of the campaigns in a folder; whoever was invited logs in.

    The pages of a corpus's review have them too (`qosmatin review CORPUS`); this needs no corpus.

    Example: qosmatin campaign serve corpora/ilyashev --port 8770 --help
    """
    check_extra("campaigns")
    from qosmatin.job.opened import open_corpus  # noqa: PLC0415
    from qosmatin.review.editing.realigning import JobEvidence  # noqa: PLC0415
    from qosmatin.review.gate.door import Serving  # noqa: PLC0415
    from qosmatin.review.people.accounts import count_accounts, open_invitations  # noqa: PLC0415
    from qosmatin.review.server import needs_login, open_store, serve  # noqa: PLC0415
    from qosmatin.stages.align import review_evidence  # noqa: PLC0415

    engine = open_store(folder, database)
    serving = Serving(
        host, port, tls_cert=tls_cert, tls_key=tls_key, public_name=public_name, behind_proxy=behind_proxy
    )
    with engine.connect() as connection:
        invited = count_accounts(connection) > 0 or bool(open_invitations(connection))
    login = needs_login(engine, serving, folder) or invited
    say = error_console()
    is_corpus = (folder / "manifest.json").is_file()
    evidence = JobEvidence(*review_evidence(open_corpus(folder, say))) if is_corpus else None
    serve(
        engine,
        folder,
        reviewer=reviewer,
        serving=serving,
        login=login,
        evidence=evidence,
        names=False,  # who judges stays a number
        started=lambda address: say.print(f"campaigns at {address}campaigns (Ctrl-C stops it)", highlight=False),
    )


_TEST = Annotated[Literal["wilcoxon", "t"], typer.Option(help="Of two systems: signed ranks, or the paired t-test.")]


@app.command("results")
def show_results(
    folder: _FOLDER,
    *,
    campaign: _NAME = None,
    format_: Annotated[
        Literal["table", "json", "markdown", "latex", "html"], typer.Option("--format", "-f", help="What to print.")
    ] = "table",
    test: _TEST = "wilcoxon",
    standardise: Annotated[bool, typer.Option(help="Take each annotator's mean and spread away first.")] = False,
    leave_out: Annotated[list[str] | None, typer.Option(help="An annotator who does not count. Repeatable.")] = None,
    output: _OUTPUT = None,
    database: _DATABASE = None,
) -> None:
    """Print the systems as people rank them, with intervals and clusters, and how the annotators do.

    Example: qosmatin campaign new configs/campaigns/engines.yaml && qosmatin campaign results corpora/ilyashev
    """
    from qosmatin.job.campaign_results import results_of  # noqa: PLC0415

    with _read(folder, campaign, database) as (found, states, known, _):
        results = results_of(known, found, states, test=test, standard=standardise, leave_out=leave_out or ())
    if format_ == "json":
        with open_output(output) as stream:
            stream.write(json.dumps(results.as_json(), ensure_ascii=False, indent=2) + "\n")
    elif format_ != "table" or output is not None:
        from qosmatin.eval.ranking_report import render_ranking  # noqa: PLC0415

        words = ["qosmatin", "campaign", "results", str(folder), "--campaign", results.campaign.name]
        words += [] if test == "wilcoxon" else ["--test", test]
        words += ["--standardise"] if standardise else []
        words += [word for name in leave_out or () for word in ("--leave-out", name)]
        made = "markdown" if format_ == "table" else format_
        text = render_ranking(made, results.campaign.name, shlex.join(words), results.rankings, list(_told(results)))
        with open_output(output) as stream:
            stream.write(text)
    else:
        _print(results)


@app.command("metrics")
def show_metrics(
    folder: _FOLDER,
    *,
    campaign: _NAME = None,
    metric: Annotated[list[str] | None, typer.Option(help="As in `qosmatin score`. Repeatable.")] = None,
    scores: Annotated[
        list[Path] | None,
        typer.Option(metavar="FILE", help="Scores of other metrics, as TSV: metric, system, item, score. Repeatable."),
    ] = None,
    format_: Annotated[Literal["table", "json"], typer.Option("--format", "-f", help="What to print.")] = "table",
    database: _DATABASE = None,
) -> None:
    """Print how far metrics agree with the people of a campaign: on systems, and on single translations.

    Example: qosmatin campaign new configs/campaigns/engines.yaml && printf 'length\\ten\\ta\\t1\\n' > scores.tsv &&
    qosmatin campaign metrics corpora/ilyashev --scores scores.tsv
    """
    from dataclasses import asdict  # noqa: PLC0415

    from qosmatin.job.campaign_results import (  # noqa: PLC0415
        beside_people,
        judged_of,
        read_scores,
        sacrebleu_scores,
    )

    with _read(folder, campaign, database) as (found, _, known, documents):
        judged = judged_of(found)
        by_metric: dict[str, tuple[dict[tuple[str, str], float], dict[str, float]]] = {}
        if metric or not scores:
            by_metric |= sacrebleu_scores(documents, metric or (), known.own.get("languages", [None, None])[1])
        for path in scores or ():
            by_metric |= read_scores(path)
    if not judged:
        _say(f"nothing was judged yet in campaign '{known.name}'")
    rows = [beside_people(judged, name, *both) for name, both in by_metric.items()]
    with output_console() as console:
        if format_ == "json":
            console.file.write(json.dumps([asdict(one) for one in rows], ensure_ascii=False, indent=2) + "\n")
            return
        table = Table(
            "Metric", "Systems", "Accuracy", "Pearson", "Kendall", "Translations", "Pearson", "Accuracy (ties)"
        )
        for one in rows:
            ours, theirs = one.systems, one.segments
            figures = (ours.accuracy, ours.pearson, ours.kendall)
            table.add_row(
                one.metric, str(ours.systems), *map(_figure, figures), str(theirs.scores), _figure(theirs.pearson),
                _figure(theirs.accuracy),
            )  # fmt: skip
        console.print(table)


@app.command("export")
def export_campaign(
    folder: _FOLDER,
    output: Annotated[Path, typer.Option("--output", "-o", help="A file; for pearmut a folder.", show_default=False)],
    *,
    format_: Annotated[
        Literal["jsonl", "tsv", "mqm", "pearmut"],
        typer.Option("--format", "-f", help="A row for each output; WMT's MQM table; Pearmut's three files."),
    ] = "jsonl",
    campaign: _NAME = None,
    database: _DATABASE = None,
) -> None:
    """Write what people said: as rows, as WMT's table of errors, or for Pearmut (`pearmut add-existing`).

    Example: qosmatin campaign new configs/campaigns/engines.yaml &&
    qosmatin campaign export corpora/ilyashev -o judged.jsonl
    """
    check_extra("campaigns")
    from qosmatin.review.campaigns import keeping, pearmut, tables  # noqa: PLC0415

    if format_ == "pearmut":
        with opened_store(folder, database) as engine, engine.connect() as connection:
            known = keeping.choose_campaign(connection, campaign)
            documents, names = keeping.read_documents(connection, known), keeping.annotators_of(connection, known)
            log = keeping.read_log(connection, known)
        pearmut.write_pearmut(output, known, documents, names, log)
        _say(f"{len(log)} judgements in {output}: campaigns.json, annotations.json, progress.json")
        return
    with _read(folder, campaign, database) as (found, _, known, _documents), open_output(output) as stream:
        if format_ == "jsonl":
            source, target = known.own.get("languages", (None, None))
            named = {"campaign": known.name, "protocol": known.protocol, "source_lang": source, "target_lang": target}
            rows = [{**named, **row} for row in tables.rows(found)]
            stream.writelines(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
            return
        lines = _tsv(found) if format_ == "tsv" else [tables.MQM_COLUMNS, *tables.mqm_rows(found)]
        stream.writelines("\t".join(line_text(str(cell)) for cell in line) + "\n" for line in lines)


def _tsv(found: list[Opinion]) -> Iterator[tuple[str, ...]]:
    from qosmatin.review.campaigns.tables import COLUMNS, rows  # noqa: PLC0415

    yield COLUMNS
    for row in rows(found):
        cells = [json.dumps(row[name], ensure_ascii=False) if name == "spans" else row[name] for name in COLUMNS]
        yield tuple("" if cell is None else str(cell) for cell in cells)


@app.command("import")
def import_campaign(
    folder: _FOLDER,
    campaigns: Annotated[Path, typer.Argument(help="campaigns.json of Pearmut.", show_default=False)],
    *,
    annotations: Annotated[
        Path | None, typer.Option(metavar="FILE", help="annotations.json, or a log (.jsonl).")
    ] = None,
    progress: Annotated[Path | None, typer.Option(metavar="FILE", help="progress.json.")] = None,
    database: _DATABASE = None,
) -> None:
    """Bring a campaign of Pearmut in, with what was judged; all of it or nothing. Run again, it changes nothing.

    Example: qosmatin campaign new configs/campaigns/engines.yaml && qosmatin campaign export corpora/ilyashev -o out
    -f pearmut && qosmatin campaign import campaigns/copy out/campaigns.json --annotations out/annotations.json
    """
    check_extra("campaigns")
    from qosmatin.review.campaigns import keeping  # noqa: PLC0415
    from qosmatin.review.campaigns.pearmut import read_pearmut  # noqa: PLC0415
    from qosmatin.review.store.database import writing  # noqa: PLC0415

    foreign = read_pearmut(campaigns, annotations, progress)
    folder.mkdir(parents=True, exist_ok=True)
    with opened_store(folder, database) as engine, writing(engine) as connection:
        for one in foreign:
            known, is_new = keeping.add_campaign(
                connection, one.name, one.info, one.documents, one.annotators, rest=one.rest
            )
            if is_new:
                keeping.add_judgements(connection, known, one.judgements)
            told = f"{len(one.documents)} documents, {len(one.judgements)} judgements"
            _say(f"campaign '{one.name}': {told if is_new else 'is there already'}")


@contextmanager
def _read(
    folder: Path, name: str | None, database: str | None
) -> Iterator[tuple[list[Opinion], list[AnnotatorState], Campaign, list[Any]]]:
    """Give what people said in a campaign, how they do, the campaign, and its documents."""
    check_extra("campaigns")
    from qosmatin.review.campaigns import keeping, results  # noqa: PLC0415

    with opened_store(folder, database) as engine:
        with engine.connect() as connection:
            campaign = keeping.choose_campaign(connection, name)
            log = keeping.read_log(connection, campaign)
            documents = keeping.read_documents(connection, campaign)
            names = keeping.annotators_of(connection, campaign)
        found = results.opinions(campaign, log)
        yield found, results.annotators(campaign, documents, names, log), campaign, documents


def _print(results: Results) -> None:
    from qosmatin.eval.ranking_report import cells  # noqa: PLC0415

    with output_console() as console:
        for name, ranking in results.rankings.items():
            table = Table("Rank", "System", "Score", "95 %", "Passages", title=name or results.campaign.name)
            for at, one in enumerate(ranking):
                last = at + 1 < len(ranking) and ranking[at + 1].cluster != one.cluster
                table.add_row(*cells(one), end_section=last)
            console.print(table)
        for line in _told(results):
            console.print(line, markup=False, soft_wrap=True)


def _told(results: Results) -> Iterator[str]:
    named = {"wilcoxon": "Wilcoxon's signed ranks", "t": "the paired t-test"}[results.test]
    yield f"A line stands where all above are better than all below ({named}, p < 0.05); ranks and intervals likewise."
    found = results.agreement
    yield (
        f"{found.shared} outputs were judged by two or more: Krippendorff's alpha {_figure(found.alpha)}; "
        f"the same order of two systems in {_figure(found.ordered)} of {found.pairs}"
    )
    for one in results.states:
        own = results.twice.get(one.annotator)
        told = f"{one.annotator}: {one.done} of {one.total} documents, {one.minutes:.1f} minutes, "
        told += f"{one.failed} of {one.checks} checks failed, like the others {_figure(one.like_others)}"
        told += f", like themselves {_figure(own.alpha)}" if own else ""
        yield told + (f"; look at: {', '.join(one.odd)}" if one.odd else "")
    if results.suggested is not None:
        with_, alone = results.suggested
        yield f"Mean score with suggested spans {with_:.2f}, without {alone:.2f}"


def _figure(value: float | None) -> str:
    return "-" if value is None else f"{value:.3f}"


def _say(words: str) -> None:
    error_console().print(words, markup=False, highlight=False, soft_wrap=True)
