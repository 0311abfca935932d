"""``qosmatin export``: the pairs of a corpus as files for people and CAT tools."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from qosmatin.corpus.errors import InputError
from qosmatin.corpus.files.atomic import replacing_file
from qosmatin.corpus.formats.captions import captions_of, is_cue
from qosmatin.corpus.formats.files import PAIR_FORMATS, Heading, PairFormat, pair_format, pair_formats, write_segments
from qosmatin.corpus.formats.placing import TagPlacer
from qosmatin.corpus.formats.segments import SegmentPair, segment_of
from qosmatin.corpus.formats.xces import file_name_of
from qosmatin.corpus.languages import check_language
from qosmatin.corpus.model import Pair
from qosmatin.corpus.storage.view import CorpusView
from qosmatin.job.delivering import deliver_originals
from qosmatin.job.linking import linker_for
from qosmatin.job.opened import choose_translations, open_corpus
from qosmatin.job.pipeline import Job
from qosmatin.job.remarks import Said, remarks_on_pairs
from qosmatin.stages.decisions import flagged_by_now, said_by_now
from qosmatin.translate.profiles import HOUSE
from qosmatin.translate.training.chat_lines import chat_lines

_ORIGINAL, _CHAT = "original", "chat"
_FORMATS = (
    f"What to write: {', '.join(one.name for one in PAIR_FORMATS)}, {_ORIGINAL}, {_CHAT}, or what a package adds."
)


def export(
    corpus: Annotated[Path, typer.Argument(help="The corpus folder that `qosmatin run` made.", show_default=False)],
    *,
    output_format: Annotated[str, typer.Option("--format", "-f", help=_FORMATS)] = "tmx",
    translation: Annotated[list[str] | None, typer.Option("-t", help="Only this translation. Repeatable.")] = None,
    document: Annotated[list[str] | None, typer.Option(help="Only this source document. Repeatable.")] = None,
    output: Annotated[
        Path | None, typer.Option("-o", "--output", help="A file (xces: a folder); default: in CORPUS/exports.")
    ] = None,
    refused: Annotated[bool, typer.Option("--with-refused", help="Also pairs that a filter refused.")] = False,
    source_code: Annotated[str | None, typer.Option(help="Write this language code, as kk-KZ, for the source.")] = None,
    target_code: Annotated[str | None, typer.Option(help="Write this language code, as en-US, for the target.")] = None,
    remarks: Annotated[
        bool, typer.Option(help="With flags, comments and what was done to each pair, where the format has room.")
    ] = True,
    profile: Annotated[str, typer.Option(help="chat: how models are asked, a profile of docs/translation.md.")] = HOUSE,
) -> None:
    """Write the pairs of a corpus as TMX, XLIFF, a spreadsheet, or for print; one file for each translation.

    xliff is version 1.2, xliff2 version 2.1; xces is OPUS's alignment with its texts. original is each document in
    the format of its file (.docx .html .txt .srt .vtt), translated as people left it; srt and vtt are the translations
    of subtitles, in the cues of their sources: a file, or a folder where there are several documents. chat is JSONL of
    messages, for trainers of language models. Reviewers are named only if the config lists them under publish.people.

    Example: qosmatin export corpora/ilyashev --format xlsx -t en
    """
    console = Console(soft_wrap=True)
    job = open_corpus(corpus, console)
    names = choose_translations(job, translation or [])
    if output is not None and len(names) > 1:
        raise InputError(f"-o is one file, and there are {len(names)} translations; choose one with -t")
    view = CorpusView(job.folder)
    sources = set(document) if document else None
    if output_format == _ORIGINAL:
        deliver_originals(job, CorpusView(job.folder, said_by_now(job)[0]), names, sources, output)
        return
    if output_format == _CHAT:
        _export_chats(job, view, names, sources, output, profile=profile, refused=refused)
        return
    kind = pair_format(output_format)
    for name in names:
        section = job.config.translation(name)
        config = job.config.dataset_of(section)
        path = output or corpus / "exports" / f"{config}{kind.written}"
        langs = (
            check_language(source_code or job.config.sources[0].lang),
            check_language(target_code or section.lang),
        )
        if kind.write_corpus is not None:
            hidden = set() if refused else set(map(str, job.folder.read("filtered", name)["pair_id"].to_pylist()))
            count = kind.write_corpus(path, view, name, langs, refused=hidden, sources=sources)
        elif kind.write_cues is not None:
            _export_cues(console, kind, path, view, name, sources=sources, refused=refused)
            continue
        else:
            pairs = view.pairs(name, sources) if refused else view.kept_pairs(name, sources)
            title = f"{job.config.corpus.name}: {config}"
            placer = TagPlacer(view, job.config.text.mend, linker_for(job.config.sources[0].lang, section.lang))
            said = remarks_on_pairs(job, view, name, flagged_by_now(job)[0]) if remarks and kind.holds_remarks else {}
            segments = _segments(pairs, placer, set(job.config.publish.people), said)
            count = write_segments(output_format, path, segments, Heading(title, *langs))
        console.print(f"{path}: {count:,} pairs", markup=False, highlight=False)
        documents = [one for ids in view.document_pairs(name) if sources is None or ids[0] in sources for one in ids]
        tags = sum(not is_cue(tag) for one in documents for tag in view.tags(one))
        if tags and not kind.holds_tags:
            holding = ", ".join(one.name for one in pair_formats().values() if one.holds_tags)
            console.print(f"  {tags:,} inline tags are left out; {holding} hold them", highlight=False)
        elif tags:
            console.print(f"  {_tell_tags(tags, placer)}", highlight=False)


def _export_chats(
    job: Job,
    view: CorpusView,
    names: Sequence[str],
    sources: set[str] | None,
    output: Path | None,
    *,
    profile: str,
    refused: bool,
) -> None:
    """Write pairs as chats, a file for each translation; what a reviewer refused is none."""
    for name in names:
        section = job.config.translation(name)
        path = output or job.folder.path / "exports" / f"{job.config.dataset_of(section)}.chat.jsonl"
        pairs = view.pairs(name, sources) if refused else view.kept_pairs(name, sources)
        texts = ((one.source_text, one.target_text) for one in pairs if one.status != "rejected")
        lines = chat_lines((both for both in texts if all(both)), (job.config.sources[0].lang, section.lang), profile)
        count = 0
        path.parent.mkdir(parents=True, exist_ok=True)
        with replacing_file(path) as beside, beside.open("w", encoding="utf-8", newline="\n") as stream:
            for line in lines:
                stream.write(line)
                count += 1
        job.console.print(f"{path}: {count:,} chats", markup=False, highlight=False)


def _export_cues(
    console: Console,
    kind: PairFormat,
    path: Path,
    view: CorpusView,
    translation: str,
    *,
    sources: set[str] | None,
    refused: bool,
) -> None:
    """Write the translations of subtitles: of one document a file, of several a folder with a file for each."""
    assert kind.write_cues is not None
    names = [source for source, _ in view.document_pairs(translation) if sources is None or source in sources]
    timed = [source for source in names if any(map(is_cue, view.tags(source)))]
    if not timed:
        raise InputError(
            f"no source document of '{translation}' came from subtitles; {kind.name} needs .srt or .vtt files"
        )
    if len(timed) > 1:
        path = path.with_suffix("") if path.suffix == kind.written else path
    for source in timed:
        pairs = view.pairs(translation, {source}) if refused else view.kept_pairs(translation, {source})
        kept = [pair for pair in pairs if pair.status != "rejected"]
        tags = view.tags(source)
        cues = captions_of(view.document(source).text, tags, kept)
        file = path if len(timed) == 1 else path / file_name_of(source, kind.written)
        file.parent.mkdir(parents=True, exist_ok=True)
        with replacing_file(file) as beside:
            count = kind.write_cues(beside, cues)
        whole = len({tag.id for tag in tags if is_cue(tag)})
        note = f"; {whole - count:,} have no translation" if count < whole else ""
        console.print(f"{file}: {count:,} of {whole:,} cues{note}", markup=False, highlight=False)
    if len(timed) < len(names):
        console.print(f"  {len(names) - len(timed):,} documents did not come from subtitles", highlight=False)


def _segments(
    pairs: Iterable[Pair], placer: TagPlacer, people: set[str], said: Mapping[str, Said]
) -> Iterator[SegmentPair]:
    for pair in pairs:
        if pair.source_spans and pair.target_spans:
            segment = segment_of(pair, people, placer.tags_of(pair))
            yield replace(segment, **said[pair.id]) if pair.id in said else segment


def _tell_tags(tags: int, placer: TagPlacer) -> str:
    """Say what became of the inline tags of the documents that were written."""
    told = f"{placer.placed:,} of {tags:,} inline tags are in their places"
    if placer.edited:
        told += f" ({placer.edited:,} of them by the words that stayed, in texts that were edited)"
    if placer.projected:
        told += f" ({placer.projected:,} of them by the words around, in translations that had none)"
    missing = tags - placer.placed
    return told + (f"; {missing:,} stand in sentences that are not exported" if missing else "")
