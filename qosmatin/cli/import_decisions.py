"""Taking in a file that reviewers worked on: what they decided and remarked in it, beside what was said since."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path

from rich.console import Console

from qosmatin.corpus.decisions import decision_to_json, read_decisions
from qosmatin.corpus.errors import InputError
from qosmatin.corpus.files.atomic import write_text
from qosmatin.corpus.files.text import read_text
from qosmatin.corpus.formats.files import format_of
from qosmatin.corpus.formats.lines import line_text
from qosmatin.corpus.formats.placing import TagPlacer, collapse_tags, follow_edit
from qosmatin.corpus.formats.remarked import FileRemarks, Known, find_remarks
from qosmatin.corpus.formats.review import FileReview, review
from qosmatin.corpus.formats.segments import SegmentPair
from qosmatin.corpus.formats.told import Told
from qosmatin.corpus.model import Pair
from qosmatin.corpus.remarks import remark_to_json
from qosmatin.corpus.storage.view import CorpusView
from qosmatin.job.importing import read_pairs
from qosmatin.job.linking import linker_for
from qosmatin.job.opened import choose_translations, open_corpus
from qosmatin.job.pipeline import Job
from qosmatin.job.remarks import known_remarks
from qosmatin.stages.decisions import flagged_by_now, said_by_now


def import_decisions(
    console: Console, files: Iterable[Path], output: Path, *, corpus: Path, reviewer: str, take_conflicts: bool
) -> None:
    """Add what files decide and remark on the pairs of a corpus to a file of decisions, and say what they cannot."""
    job = open_corpus(corpus, console)
    here = _Corpus(job, [*job.config.decisions, output])
    decisions, remarks = [], []
    for path in files:
        segments, told = _read_for_review(path, job.config.sources[0].lang, here.target_langs)
        at = datetime.now(UTC).isoformat(timespec="seconds")
        first_row = format_of(path).first_row
        found = review(segments, here.pairs, here.texts, reviewer=reviewer, at=at, first_row=first_row)
        said = find_remarks(
            segments, here.pairs, here.texts, here.known,
            reviewer=reviewer, at=at, file=path.name, first_row=first_row,
        )  # fmt: skip
        if take_conflicts:
            _take_conflicts(found, said)
        decisions += found.decisions
        remarks += said.remarks
        _tell_found(console, path, found, said)
        tell(console, told)
        moved = here.count_moved_tags(segments) if format_of(path).holds_tags else 0
        if moved:
            console.print(f"  {moved:,} rows have other inline tags than the corpus; theirs are not taken in")
        for row, reason in _conflicts(found, said):
            console.print(f"  {row}: {reason}", markup=False, highlight=False)
    _add(output, [*map(decision_to_json, decisions), *map(remark_to_json, remarks)])
    same = output.resolve() in (path.resolve() for path in job.config.decisions)
    hint = "" if same else f"; name {output} under 'decisions' in the config, and run the job"
    comments = f" and {len(remarks)} comments" if remarks else ""
    console.print(f"{len(decisions)} decisions{comments} added to {output}{hint}", markup=False, highlight=False)


class _Corpus:
    """The pairs of a corpus as they stand now, with what is remarked on them; ``known`` are remarks by pair."""

    def __init__(self, job: Job, files: Iterable[Path]) -> None:
        view = CorpusView(job.folder, said_by_now(job)[0])
        translations = choose_translations(job, [])
        self.pairs: dict[str, Pair] = {pair.id: pair for name in translations for pair in view.pairs(name)}
        names = {name for pair in self.pairs.values() for name in (pair.source_document, pair.target_document)}
        self.texts = {name: view.document(name).text for name in names}
        self._langs = {one.id: job.config.translation(one.translation).lang for one in self.pairs.values()}
        self.target_langs = list(dict.fromkeys(self._langs.values()))
        self.known: dict[str, list[Known]] = known_remarks(job, translations, flagged_by_now(job)[0], files)
        self._placers = {
            lang: TagPlacer(view, job.config.text.mend, linker_for(job.config.sources[0].lang, lang))
            for lang in self.target_langs
        }

    def count_moved_tags(self, segments: Iterable[SegmentPair]) -> int:
        """Return in how many rows the target has other tags, or elsewhere, than an export would have."""
        tagged = [(one, self.pairs[one.id]) for one in segments if one.id in self.pairs]
        return sum(_has_other_tags(one, pair, self._placers[self._langs[pair.id]]) for one, pair in tagged)


def _take_conflicts(found: FileReview, said: FileRemarks) -> None:
    """Let the words of a file stand where others were said since."""
    found.decisions += [one.decision for one in found.conflicts if one.decision is not None]
    found.conflicts = [one for one in found.conflicts if one.decision is None]
    said.remarks += [one.remark for one in said.conflicts]
    said.conflicts = []


def _conflicts(found: FileReview, said: FileRemarks) -> list[tuple[str, str]]:
    return [*((one.row, one.reason) for one in found.conflicts), *((one.row, one.reason) for one in said.conflicts)]


def _tell_found(console: Console, path: Path, found: FileReview, said: FileRemarks) -> None:
    counts = [f"{len(found.decisions)} decisions", f"{found.unchanged} rows unchanged"]
    if said.remarks:
        counts.append(f"{len(said.remarks)} new comments")
    counts.append(f"{len(found.conflicts) + len(said.conflicts)} conflicts")
    console.print(f"{path}: {', '.join(counts)}", markup=False, highlight=False)
    if said.missing:
        console.print(f"  {said.missing:,} remarks are not in the file, or are newer; they stay", highlight=False)


def _add(path: Path, lines: Iterable[str]) -> None:
    """Add lines to a file of decisions; those that it has are checked and stay as they are."""
    earlier = ""
    if path.exists():
        read_decisions(path)
        earlier = read_text(path)
    gap = "\n" if earlier and not earlier.endswith("\n") else ""
    write_text(path, earlier + gap + "".join(f"{line}\n" for line in lines))


def _has_other_tags(segment: SegmentPair, pair: Pair, placer: TagPlacer) -> bool:
    """Whether the target of a row has other tags, or elsewhere, than an export would have."""
    target = line_text(segment.target)
    expected = follow_edit(pair.target_text, target, placer.tags_of(pair)[1])
    given = collapse_tags(segment.target, segment.target_tags)
    return [(tag.at, tag.kind) for tag in given] != [(tag.at, tag.kind) for tag in expected]


def tell(console: Console, told: Told) -> None:
    """Say which language codes served where others were asked for, and what was left out."""
    for line in told.lines():
        console.print(f"  {line}", markup=False, highlight=False)


def _read_for_review(path: Path, source_lang: str, target_langs: list[str]) -> tuple[list[SegmentPair], Told]:
    """Read a file in whichever of the corpus' target languages it is."""
    fault: InputError | None = None
    for lang in target_langs:
        told = Told()
        try:
            return list(read_pairs(path, source_lang, lang, told)), told
        except InputError as error:
            fault = fault or error
    raise fault or InputError("the corpus has no translation", path)
