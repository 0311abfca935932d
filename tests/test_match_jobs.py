"""Jobs whose documents find each other by content: from two shuffled folders to a dataset, and what people say."""

import shutil
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from datasets import load_dataset
from hypothesis import given
from hypothesis import strategies as st
from matched_documents import made_document, write_folders
from rich.console import Console

from qosmatin.config.job import load_config
from qosmatin.corpus.decisions import decision_to_json, place_decisions, read_decisions, said_boundaries
from qosmatin.corpus.errors import ConfigError, InputError
from qosmatin.corpus.matches import MatchWord, opening, place_words, read_match_words, said_matches
from qosmatin.corpus.splitting.segmenting import segment
from qosmatin.corpus.storage.folder import CorpusFolder
from qosmatin.corpus.storage.retraction import find_documents, remove_documents
from qosmatin.corpus.storage.view import CorpusView
from qosmatin.job.pairing import DocumentCandidate, MatchedDocuments, pair_documents
from qosmatin.job.pipeline import DoneUnit, open_job, plan_job, run_job
from qosmatin.job.problems import read_problems
from qosmatin.stages.order import STAGES

CONFIG = """\
corpus: {name: found, version: 1.0.0, folder: out, licence: CC0-1.0}
sources: [{files: [a], lang: kk, licence: CC0-1.0}]
translations: [{name: en, lang: en, kind: human, files: [b], pairing: content, licence: CC0-1.0}]
"""


def write_config(work: Path, *more: str, replacing: Mapping[str, str] | None = None) -> None:
    text = CONFIG
    for old, new in (replacing or {}).items():
        assert old in text
        text = text.replace(old, new)
    (work / "job.yaml").write_text("\n".join([text, *more, ""]), encoding="utf-8")


def run(work: Path, until: str | None = None) -> dict[str, DoneUnit]:
    """Run the job of a folder; returns its units."""
    done: list[DoneUnit] = []
    job = open_job(load_config(work / "job.yaml"), Console(file=StringIO()))
    run_job(job, STAGES, until=until, tell=done.append)
    return {one.name: one for one in done}


def matches(work: Path) -> list[dict[str, Any]]:
    return CorpusFolder(work / "out").read("matches", "en").to_pylist()


def pairs(work: Path, *states: str) -> dict[str, str]:
    return {
        row["source_document"]: row["target_document"].removesuffix("@en")
        for row in matches(work)
        if row["state"] in (states or ("found", "accepted"))
    }


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, str]]:
    """A job that has run, and what belongs together in it. Not to be changed; see ``work``."""
    folder = tmp_path_factory.mktemp("matched") / "job"
    right = write_folders(folder, 6)
    write_config(folder)
    run(folder)
    return folder, right


@pytest.fixture
def work(made: tuple[Path, dict[str, str]], tmp_path: Path) -> tuple[Path, dict[str, str]]:
    """A copy of ``made`` that a test may change."""
    shutil.copytree(made[0], tmp_path / "job")
    return tmp_path / "job", made[1]


def test_two_shuffled_folders_become_a_dataset(made: tuple[Path, dict[str, str]], tmp_path: Path) -> None:
    folder, right = made
    assert not {path.name for path in (folder / "a").iterdir()} & {path.name for path in (folder / "b").iterdir()}
    assert pairs(folder) == right
    rows = load_dataset(str(folder / "out" / "dataset"), "kk-en", split="train", cache_dir=str(tmp_path / "cache"))
    assert {row["document"] for row in rows} == set(right)
    wanted = {pair for at in range(6) for pair in zip(*(side.split("\n") for side in made_document(at)), strict=True)}
    found = {(row["translation"]["kk"], row["translation"]["en"]) for row in rows}
    assert len(found & wanted) >= 0.95 * len(wanted)
    confidences = CorpusFolder(folder / "out").read("translations", "en")["match"].to_pylist()
    assert len(confidences) == 6
    assert min(confidences) >= 0.5


def test_the_report_lists_matches_and_who_found_nobody(made: tuple[Path, dict[str, str]]) -> None:
    folder, right = made
    text = (folder / "out" / "report" / "matches-en.tsv").read_text(encoding="utf-8")
    lines = [line.split("\t") for line in text.splitlines()]
    assert lines[0] == ["source", "target", "verdict", "confidence", "state", "why"]
    assert {(one[0], one[1]) for one in lines[1:7]} == set(right.items())
    assert [float(one[3]) for one in lines[1:7]] == sorted(float(one[3]) for one in lines[1:7])
    assert [(bool(one[0]), bool(one[1]), one[4]) for one in lines[7:]] in (
        [(True, False, "alone"), (False, True, "alone")],
        [(False, True, "alone"), (True, False, "alone")],
    )
    assert all(one[5].startswith("nearest: ") or one[5] == "no candidate" for one in lines[7:])


@pytest.fixture(scope="module")
def cut(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str, str, str]:
    """A folder whose first source has its translation in two files, the smaller first; and a copy of another source.

    Returns the folder, the source, the larger part of its translation, and the smaller one.
    """
    folder = tmp_path_factory.mktemp("cut") / "job"
    right = write_folders(folder, 6)
    source, target = next(iter(right.items()))
    path = folder / "b" / f"{target}.txt"
    lines = path.read_text(encoding="utf-8").split("\n")
    path.write_text("\n".join(lines[4:]), encoding="utf-8")
    (folder / "b" / "begins.txt").write_text("\n".join(lines[:4]), encoding="utf-8")
    other = (folder / "a" / f"{list(right)[1]}.txt").read_text(encoding="utf-8")
    (folder / "a" / "zz-copy.txt").write_text(other.replace("бүгін", "кеше") + "\nБітті.", encoding="utf-8")
    return folder, source, target, "begins"


@pytest.mark.parametrize("side", ["translations", "sources"])
def test_a_document_in_two_files_is_told_and_joined_where_the_config_says_so(
    cut: tuple[Path, str, str, str], tmp_path: Path, side: str
) -> None:
    folder, source, target, part = tmp_path / "job", *cut[1:]
    shutil.copytree(cut[0], folder)
    whole, larger = f"{source}", f"{target}@en"
    swapped = {}
    if side == "sources":  # the same the other way round: one Kazakh document in two files
        swapped = {"files: [a], lang: kk": "files: [b], lang: en", "en, lang: en": "kk, lang: kk",
                   "human, files: [b]": "human, files: [a]"}  # fmt: skip
        whole, larger = f"{source}@kk", target
    name = "kk" if swapped else "en"
    small = part if swapped else f"{part}@en"
    write_config(folder, replacing=swapped)
    run(folder, until="pair")
    corpus = CorpusFolder(folder / "out")
    rows = {one["target_document"] or one["source_document"]: one for one in corpus.read("matches", name).to_pylist()}
    rows |= {one["source_document"]: one for one in rows.values() if one["source_document"]}
    assert (rows[small]["state"], rows[small]["part_of"], rows[small]["nearest"]) == ("alone", whole, whole)
    copies = [one for one in rows.values() if one["source_copy_of"] or one["target_copy_of"]]
    assert len({(one["source_document"], one["target_document"]) for one in copies}) == 1
    write_config(folder, replacing={**swapped, "pairing: content": "pairing: content, parts: join"})
    units = run(folder)
    assert not units[f"match/{name}"].reason
    assert "1 parts of documents joined" in units[f"pair/{name}"].summary
    view = CorpusView(corpus)
    assert view.text(larger) == "\n\n".join((folder / "b" / f"{one}.txt").read_text("utf-8") for one in (part, target))
    pairs = list(view.pairs(name, [source if not swapped else target]))
    assert len([one for one in pairs if one.source_text and one.target_text]) == 12
    assert min(one.confidence or 0 for one in pairs) > 0.5
    report = (folder / "out" / "report" / f"matches-{name}.tsv").read_text(encoding="utf-8")
    assert f"\tjoined\tpart of {source}; nearest: " in report
    assert "near-duplicate of " in report
    assert not any(one.reason for one in run(folder).values())
    if swapped:  # who takes a part down takes its text out of the whole
        remove_documents(corpus, find_documents(corpus, part), [name], "2026-11-29")
        assert target not in corpus.read("sentences")["document"].to_pylist()
        run(folder, until="align")
        assert CorpusView(corpus).text(target) == (folder / "b" / f"{target}.txt").read_text("utf-8")


@pytest.mark.parametrize("side", ["translations", "sources"])
def test_a_document_in_three_files_is_joined_in_its_order(tmp_path: Path, side: str) -> None:
    folder = tmp_path / "job"
    source, target = next(iter(write_folders(folder, 6).items()))
    lines = (folder / "b" / f"{target}.txt").read_text(encoding="utf-8").split("\n")
    parts = {"zz-begins": lines[:3], target: lines[3:8], "aa-ends": lines[8:]}
    for name, some in parts.items():
        (folder / "b" / f"{name}.txt").write_text("\n".join(some), encoding="utf-8")
    swapped = {}
    if side == "sources":
        swapped = {"files: [a], lang: kk": "files: [b], lang: en", "en, lang: en": "kk, lang: kk",
                   "human, files: [b]": "human, files: [a]"}  # fmt: skip
    write_config(folder, replacing={**swapped, "pairing: content": "pairing: content, parts: join"})
    units = run(folder, until="join" if swapped else "align")
    name, mark = ("kk", "") if swapped else ("en", "@en")
    assert "1 documents joined of 3 parts" in units[f"join/{name}"].summary
    corpus = CorpusFolder(folder / "out")
    [joined] = corpus.read("joined", name).to_pylist()
    assert (joined["id"], joined["parts"]) == (f"{target}{mark}", [f"{one}{mark}" for one in parts])
    assert joined["text"] == "\n\n".join("\n".join(some) for some in parts.values())
    if not swapped:
        pairs = list(CorpusView(corpus).pairs(name, [source]))
        assert len([one for one in pairs if one.source_text and one.target_text]) == 12


def test_what_has_not_changed_is_not_matched_again(work: tuple[Path, dict[str, str]]) -> None:
    folder, right = work
    assert not run(folder)["match/en"].reason  # in another place, with the same documents
    assert not any(one.reason for one in run(folder).values())
    (folder / "matches.tsv").write_text("source\ttarget\tverdict\n", encoding="utf-8")
    write_config(folder, replacing={"pairing: content": "pairing: content, matches: matches.tsv"})
    job = open_job(load_config(folder / "job.yaml"), Console(file=StringIO()))
    plan = {unit.name: unit.reason for unit in plan_job(job, STAGES)}
    assert plan["match/en"] == ""
    assert plan["pair/en"] == "its input has changed"
    one = next(iter(right))
    with (folder / "a" / f"{one}.txt").open("a", encoding="utf-8") as stream:
        stream.write("\nТағы бір сөйлем.")
    job = open_job(load_config(folder / "job.yaml"), Console(file=StringIO()))
    plan = {unit.name: unit.reason for unit in plan_job(job, STAGES)}
    assert plan["match/en"] == "reads documents.parquet, which would be made anew; 7 sources with 7 translations"


def test_what_a_person_writes_into_the_list_stands(work: tuple[Path, dict[str, str]]) -> None:
    folder, right = work
    text = (folder / "out" / "report" / "matches-en.tsv").read_text(encoding="utf-8")
    header, *lines = [line.split("\t") for line in text.splitlines()]
    lines[0][2], lines[1][2] = "refuse", "accept"
    refused = lines[0][:2]
    lone = [next(one[side] for one in lines[6:] if one[side]) for side in (0, 1)]
    lines.append([lone[0], f"{lone[1]}.txt", "accept", "", "", "I know better"])
    (folder / "mine.tsv").write_text("\n".join("\t".join(line) for line in [header, *lines]), encoding="utf-8")
    write_config(folder, replacing={"pairing: content": "pairing: content, matches: mine.tsv"})
    units = run(folder)
    assert not units["match/en"].reason
    assert "4 matches found; 2 set by people; 1 refused by people" in units["pair/en"].summary
    wanted = {**right, lone[0]: lone[1]}
    del wanted[refused[0]]
    assert pairs(folder) == wanted
    assert pairs(folder, "refused") == dict([refused])
    report = (folder / "out" / "report" / "matches-en.tsv").read_text(encoding="utf-8")
    assert f"{refused[0]}\t{refused[1]}\trefuse\t" in report
    assert f"{lone[0]}\t{lone[1]}\taccept\t" in report
    assert "said by mine.tsv" in report


@pytest.mark.parametrize("operation", ["match", "mismatch"])
def test_a_decision_stands_when_files_are_renamed(work: tuple[Path, dict[str, str]], operation: str) -> None:
    folder, right = work
    row = next(row for row in matches(folder) if row["state"] == "found")
    names = row["source_document"], row["target_document"].removesuffix("@en")
    word = MatchWord(names[0], f"{names[1]}@en", operation == "match", "r1", row["source_text"], row["target_text"])
    said = word.decision(datetime.now(UTC).isoformat())
    (folder / "said.jsonl").write_text(decision_to_json(said) + "\n", encoding="utf-8")
    assert said_matches(read_decisions(folder / "said.jsonl")) == [word]
    write_config(folder, "decisions: said.jsonl")
    new = "renamed", "called-otherwise"
    for side, old, name in zip("ab", names, new, strict=True):
        (folder / side / f"{old}.txt").rename(folder / side / f"{name}.txt")
    run(folder)
    state = "accepted" if operation == "match" else "refused"
    assert pairs(folder, state) == {new[0]: new[1]}
    wanted = {source: target for source, target in right.items() if source != names[0]}
    assert pairs(folder) == wanted | ({new[0]: new[1]} if operation == "match" else {})


def test_matches_below_the_asked_confidence_are_left_out_and_counted(work: tuple[Path, dict[str, str]]) -> None:
    folder, right = work
    least = sorted(row["confidence"] for row in matches(folder) if row["state"] == "found")[2]
    write_config(folder, replacing={"pairing: content": f"pairing: content, min_match: {least!r}"})
    units = run(folder, until="translate")
    doubtful = pairs(folder, "doubtful")
    assert f"{len(doubtful)} left out below" in units["pair/en"].summary
    assert 1 <= len(doubtful) <= 2
    assert pairs(folder) | doubtful == right
    assert not units["match/en"].reason
    assert units["translate/en"].summary.startswith(f"{6 - len(doubtful)} of 7 documents")


def test_documents_that_cannot_be_read_are_told_and_the_others_go_on(work: tuple[Path, dict[str, str]]) -> None:
    folder, right = work
    source, target = next(iter(right.items()))
    for side, name in (("a", source), ("b", next(value for value in right.values() if value != target))):
        (folder / side / f"{name}.txt").unlink()
        (folder / side / f"{name}.docx").write_bytes(b"no archive")
    job = open_job(load_config(folder / "job.yaml"), Console(file=StringIO()))
    with pytest.raises(InputError, match="2 documents cannot be read"):
        run_job(job, STAGES, until="read")
    write_config(folder, "on_error: skip")
    run(folder, until="translate")
    problems = read_problems(CorpusFolder(folder / "out"), ["t"])
    assert [one.translation for one in problems] == [None, "en"]
    assert set(pairs(folder)) <= set(right) - {source}
    assert len(pairs(folder)) == 4


def test_a_retracted_source_takes_its_match_with_it(work: tuple[Path, dict[str, str]]) -> None:
    folder, right = work
    source, target = next(iter(right.items()))
    corpus = CorpusFolder(folder / "out")
    gone = find_documents(corpus, source)
    assert gone == [source, f"{target}@en"]
    remove_documents(corpus, gone, ["en"], "2026-11-29")
    assert source not in pairs(folder)
    assert f"{target}@en" not in corpus.read("candidates", "en")["target_document"].to_pylist()
    run(folder, until="pair")
    assert set(pairs(folder)) == set(right) - {source}


@pytest.mark.parametrize(
    ("section", "fault"),
    [
        ("files: [b], min_match: 0.9", "'min_match' goes with 'pairing: content'"),
        ("files: [b], matches: list.tsv", "'matches' goes with 'pairing: content'"),
        ("files: [b], pairing: content, min_match: 0.3", "greater than or equal to 0.5"),
        ("files: [b], pairing: guess", "pairing"),
        ("files: [b], parts: join", "'parts' goes with 'pairing: content'"),
        ("files: [b], pairing: content, matches: none.tsv", "none.tsv"),
        ("files: [b], pairing: content, matches: bad.tsv", "bad.tsv:2: 'maybe' is no verdict; write accept, refuse"),
        ("manifest: of.tsv, pairing: content", "'of' says what 'pairing: content' is to find"),
    ],
)
def test_faults_of_the_config(tmp_path: Path, section: str, fault: str) -> None:
    for side in ("a", "b"):
        (tmp_path / side).mkdir()
        (tmp_path / side / f"{side}.txt").write_text("Қар жауды.", encoding="utf-8")
    (tmp_path / "bad.tsv").write_text("source\ttarget\tverdict\na\tb\tmaybe\n", encoding="utf-8")
    (tmp_path / "of.tsv").write_text("path\tof\nb/b.txt\ta\n", encoding="utf-8")
    write_config(tmp_path, replacing={"files: [b], pairing: content": section})
    with pytest.raises(ConfigError) as told:
        open_job(load_config(tmp_path / "job.yaml"), Console(file=StringIO()))
    assert fault in str(told.value)


@pytest.mark.parametrize(
    ("rows", "found"),
    [
        ("a\tb\taccept", [("a", "b", True)]),
        ("a\tb\t Refuse ", [("a", "b", False)]),
        ("a\tb\t", []),
        ("a\t\taccept", "mine.tsv:2: 'accept' needs a source and a target"),
        ("\tb\trefuse", "mine.tsv:2: 'refuse' needs a source and a target"),
        ("a\tb\tyes", "mine.tsv:2: 'yes' is no verdict"),
    ],
)
def test_lists_of_matches(tmp_path: Path, rows: str, found: list[tuple[str, str, bool]] | str) -> None:
    path = tmp_path / "mine.tsv"
    path.write_text(f"source\ttarget\tverdict\n{rows}\n", encoding="utf-8")
    if isinstance(found, str):
        with pytest.raises(InputError) as told:
            read_match_words(path)
        assert found in str(told.value)
    else:
        assert [(one.source, one.target, one.accepted) for one in read_match_words(path)] == found


def test_a_list_without_a_verdict_column_is_refused(tmp_path: Path) -> None:
    (tmp_path / "mine.tsv").write_text("source\ttarget\na\tb\n", encoding="utf-8")
    with pytest.raises(InputError, match="columns source, target and verdict"):
        read_match_words(tmp_path / "mine.tsv")


SOURCES, TARGETS = {"a1": "Бір.", "a2": "Екі.", "a3": "Үш."}, {"b1@en": "One.", "b2@en": "Two.", "b3@en": "Two."}


@pytest.mark.parametrize(
    ("word", "placed"),
    [
        (("a1", "b1"), ("a1", "b1@en")),
        (("a1", "b1@en"), ("a1", "b1@en")),
        (("a1.txt", "b1.docx"), ("a1", "b1@en")),
        (("a1", "gone"), None),
        (("", "b1"), None),
        (("old", "b1", "Бір.", "One."), ("a1", "b1@en")),  # renamed
        (("a2", "b1", "Бір.", "One."), ("a1", "b1@en")),  # its old name is another document's now
        (("a1", "b1", "Өзгерді.", "One."), ("a1", "b1@en")),  # the text has changed
        (("a1", "b3", "Бір.", "Two."), ("a1", "b3@en")),  # two begin alike: the name decides
        (("a1", "old", "Бір.", "Two."), None),  # two begin alike, and neither has the name
    ],
)
def test_words_find_their_documents(word: tuple[str, ...], placed: tuple[str, str] | None) -> None:
    source, target, *texts = word
    found, lost = place_words([MatchWord(source, target, True, "r1", *texts)], SOURCES, TARGETS, "en")
    assert [(one.source, one.target) for one in found] == ([] if placed is None else [placed])
    assert len(lost) == (placed is None)


def test_words_on_documents_are_no_words_on_their_sentences() -> None:
    word = MatchWord("a1", "b1@en", True, "r1", SOURCES["a1"], TARGETS["b1@en"]).decision("2026-11-29T00:00:00Z")
    sides = segment("Бір.", "kk", document="a1"), segment("One.", "en", document="b1@en")
    assert said_boundaries([word], "a1", "Бір.") == ([], [])
    assert place_decisions([word], *sides) == ([], [])


def candidate(source: str, target: str, confidence: float, chosen: bool = False) -> DocumentCandidate:
    return DocumentCandidate(source, target, confidence, confidence / 2, chosen)


CANDIDATES = [candidate("a", "x", 0.9, True), candidate("a", "y", 0.6), candidate("b", "y", 0.7, True)]


@pytest.mark.parametrize(
    ("words", "least", "wanted"),
    [
        ([], 0.5, [("a", "x", "found"), ("b", "y", "found"), ("c", None, "alone")]),
        ([], 0.8, [("a", "x", "found"), ("b", "y", "doubtful"), ("c", None, "alone")]),
        ([("a", "x", False)], 0.5, [("b", "y", "found"), ("a", "x", "refused"), ("a", None, "alone"),
                                    ("c", None, "alone"), (None, "x", "alone")]),
        ([("a", "x", False), ("b", "y", False)], 0.5, [("a", "y", "found"), ("a", "x", "refused"),
         ("b", "y", "refused"), ("b", None, "alone"), ("c", None, "alone"), (None, "x", "alone")]),
        ([("a", "y", True)], 0.5, [("a", "y", "accepted"), ("b", None, "alone"), ("c", None, "alone"),
                                   (None, "x", "alone")]),
        ([("a", "y", True), ("b", "y", True)], 0.5, [("a", "x", "found"), ("b", "y", "accepted"),
                                                     ("c", None, "alone")]),
        ([("a", "y", True), ("a", "y", False)], 0.5, [("a", "x", "found"), ("b", "y", "found"),
                                                      ("a", "y", "refused"), ("c", None, "alone")]),
        ([("a", "x", False), ("a", "x", True)], 0.95, [("a", "x", "accepted"), ("b", "y", "doubtful"),
                                                       ("c", None, "alone")]),
    ],
)  # fmt: skip
def test_what_goes_on_as_pairs(
    words: list[tuple[str, str, bool]], least: float, wanted: list[tuple[str | None, str | None, str]]
) -> None:
    said = [MatchWord(*word, "r1") for word in words]
    found = pair_documents(["a", "b", "c"], ["x", "y"], CANDIDATES, said, least)
    assert [(one.source, one.target, one.state) for one in found] == wanted


names = st.sampled_from("abc"), st.sampled_from("xyz")


@given(
    st.lists(
        st.builds(candidate, *names, st.floats(0, 1), st.booleans()), unique_by=lambda one: (one.source, one.target)
    ),
    st.lists(st.builds(MatchWord, *names, st.booleans(), st.just("r1"))),
)
def test_pairs_are_one_to_one_and_obey_people(candidates: list[DocumentCandidate], words: list[MatchWord]) -> None:
    found = pair_documents("abc", "xyz", candidates, words, 0.7)
    matched = [one for one in found if one.state in ("found", "accepted", "doubtful")]
    assert len({one.source for one in matched}) == len({one.target for one in matched}) == len(matched)
    for word in {(word.source, word.target): word for word in words}.values():
        if not word.accepted:
            assert (word.source, word.target) not in {(one.source, one.target) for one in matched}
    if words and words[-1].accepted:
        assert MatchedDocuments(words[-1].source, words[-1].target, "accepted") in [
            replace(one, confidence=None, covered=None, by=None) for one in found
        ]
    told = {one.source for one in matched} | {one.target for one in matched}
    told |= {one.source or one.target for one in found if one.state == "alone"}
    assert told == set("abcxyz")


def test_an_opening_is_what_people_see_first() -> None:
    assert opening("\n  Қар жауды.\n") == "Қар жауды."
    assert len(opening("а" * 1000)) == 400
    assert opening("a\0b") == "a\ufffdb"
