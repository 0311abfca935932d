"""The library as scripts and notebooks call it: ``qosmatin.split`` and its kin, and ``qosmatin.open``."""

import dataclasses
import inspect
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from small_corpus import EN, KK

import qosmatin
from qosmatin import library
from qosmatin.align import align as bare_align
from qosmatin.align import align_corpus, align_tasks
from qosmatin.align import match as bare_match
from qosmatin.align.tasks import Task
from qosmatin.corpus import split as bare_split
from qosmatin.corpus.errors import ConfigError, InputError, QosmatinError
from qosmatin.corpus.storage.folder import CorpusFolder
from qosmatin.corpus.storage.view import CorpusView
from qosmatin.eval import Settings, corpus_scoring_set, find_comparisons, score_systems
from qosmatin.eval import score as bare_score

ROOT = Path(__file__).parent.parent
SOURCE = ["Сот басталды.", "Ол келді."]
TARGET = ["The trial began.", "He came."]
PLAIN = Settings(samples=0, trials=0)

FRESH = {
    "the name alone": ("", ["numba", "torch", "numpy", "pyarrow", "pydantic", "qosmatin.library"]),
    "splitting": ("assert len(qosmatin.split('Ол келді. Сот басталды.', 'kk')) == 2", ["numba", "torch", "pandas"]),
    "a room named, not called": ("qosmatin.eval", None),
    "calling a room": (
        "assert len(qosmatin.align(['Ол келді.'], ['He came.'], 'kk', 'en')) == 1", ["torch", "pandas", "polars"]
    ),
    "calling a room after what stands in it": (
        "from qosmatin.align import align\nimport qosmatin.align.tasks\n"
        "assert align(['Ол келді.'], ['He came.'], 'kk', 'en')[0].shape == '1-1'\n"
        "assert list(qosmatin.align(['Ол келді.'], ['He came.'], 'kk', 'en'))[0]['shape'] == '1-1'\n"
        "assert qosmatin.align.align is align", ["torch"],
    ),
    "from the package": (
        "from qosmatin import align, translate, split\n"
        "assert list(align(['Ол келді.'], ['He came.'], 'kk', 'en'))[0]['shape'] == '1-1'\n"
        "assert align.align_corpus and callable(translate) and split", ["torch"],
    ),
    "the room as a module": ("import qosmatin.align as room\nassert room.align and callable(room)", ["torch"]),
    "commands that align nothing": (
        "from qosmatin.cli import export, import_, review_admin, score", ["numba", "scipy", "sklearn", "torch"]
    ),
    "all that stands in the room": (
        "import qosmatin.align as room\nassert all(getattr(room, name) for name in room.__all__)", ["torch"]
    ),
    "all names": ("from qosmatin import *\nassert open is qosmatin.open and score", ["torch"]),
}  # fmt: skip


@pytest.mark.parametrize("name", FRESH)
def test_a_fresh_process_imports_what_it_uses(name: str) -> None:
    code, unwanted = FRESH[name]
    if unwanted is None:  # rooms without a function of their name are imported by their users, as ever
        code, unwanted = f"try:\n    {code}\nexcept AttributeError:\n    pass\nelse:\n    assert 0", ["numba", "torch"]
    found = f"found = [one for one in {unwanted} if one in sys.modules]\nassert not found, found"
    command = [sys.executable, "-c", f"import sys, qosmatin\n{code}\n{found}"]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(command, env=environment, capture_output=True, encoding="utf-8", check=False)
    assert done.returncode == 0, done.stderr


def test_an_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="has no attribute 'aling'"):
        qosmatin.aling  # noqa: B018
    assert {"align", "open", "split", "translate"} <= set(dir(qosmatin))


def results() -> dict[str, library.tables.Rows]:
    return {
        "split": qosmatin.split("Ол <b>келді</b>. Сот & басталды.", "kk"),
        "align": qosmatin.align(SOURCE, TARGET, "kk", "en"),
        "match": qosmatin.match(list(KK.values()), list(EN.values())[::-1], "kk", "en"),
        "score": qosmatin.score(TARGET, TARGET, target_lang="en", settings=PLAIN),
        "translate": translated(["<i>Ол</i>", "Сот"]),
    }


def translated(sentences: list[str], **more: Any) -> library.Translations:
    echo = [sys.executable, "-c", "import sys\nfor line in sys.stdin: print(line.strip().upper())"]
    return qosmatin.translate(sentences, "kk", "en", engine="command", command=echo, **more)


def test_results_are_plain_dataclasses_that_are_tables_and_pages() -> None:
    for name, result in results().items():
        assert dataclasses.is_dataclass(result), name
        rows = list(result)
        assert len(rows) == len(result) > 0
        assert result.to_pandas().to_dict("records")[0].keys() == rows[0].keys()
        assert result.to_polars().to_dicts() == rows == result.to_arrow().to_pylist()
        page = result._repr_html_()
        assert page.count("<tr>") == len(rows) + 1
        assert set(re.findall(r"</?(\w+)", page)) <= {"p", "table", "thead", "tbody", "tr", "th", "td"}, name


def test_what_stands_in_a_notebook_is_escaped_and_short() -> None:
    text = " ".join(f"Ол {number} <script>alert(1)</script> деді." for number in range(50))
    page = qosmatin.split(text, "kk")._repr_html_()
    assert "<script" not in page
    assert "&lt;script&gt;" in page
    assert "<p>30 more</p>" in page


def test_functions_give_what_the_rooms_give() -> None:
    assert [*qosmatin.split("Ол келді. Сот басталды.", "kk").sentences] == bare_split("Ол келді. Сот басталды.", "kk")
    assert [*qosmatin.align(SOURCE, TARGET, "kk", "en").beads] == bare_align(SOURCE, TARGET, "kk", "en")
    assert qosmatin.match(list(KK.values()), list(EN.values()), "kk", "en").matches == tuple(
        bare_match(list(KK.values()), list(EN.values()), "kk", "en")
    )
    both = {"one": TARGET, "two": SOURCE}
    assert qosmatin.score(both, [TARGET, SOURCE], target_lang="en", settings=PLAIN).evaluation.scores == list(
        bare_score(both, [TARGET, SOURCE], target_lang="en", settings=PLAIN).scores
    )


def test_a_cache_answers_the_second_time(tmp_path: Path) -> None:
    cache = tmp_path / "answers.sqlite"
    first = translated(["Ол", "Сот"], cache=cache)
    assert first.texts == ["ОЛ", "СОТ"]
    assert cache.exists()
    assert translated(["Ол", "Сот"], cache=str(cache)).answers == first.answers


def test_folders_are_aligned_and_what_fails_is_told(small_job: Path, tmp_path: Path) -> None:
    for lang in ("kk", "en"):
        shutil.copytree(small_job / lang, tmp_path / lang)
        (tmp_path / lang / "broken.docx").write_bytes(b"no archive")
    (tmp_path / "kk" / "alone.txt").write_text("Жалғыз.", encoding="utf-8")
    done = qosmatin.align_files(tmp_path / "kk", str(tmp_path / "en"), "kk", "en")
    assert [one.job.id for one in done.documents] == ["broken", "one", "three", "two"]
    assert list(done.failed) == ["broken"]
    assert [Path(path).name for path in done.alone] == ["alone.txt"]
    assert len(done) == 9
    assert "1 failed, 1 without a partner" in done._repr_html_()


def test_a_corpus_is_opened_for_reading(small_job: Path) -> None:
    corpus = qosmatin.open(small_job / "out")
    assert corpus.translations == {"en": "kk-en"}
    pairs = corpus.pairs("kk-en")
    assert pairs.to_arrow().equals(corpus.pairs("en").to_arrow())
    frame = pairs.to_pandas()
    assert len(frame) == len(pairs.to_polars()) == len(pairs) == 9
    assert set(frame["source_licence"]) == {"CC0-1.0"}
    assert set(frame["target_by"]) == {"A bureau"}
    assert frame["confidence"].between(0, 1).all()
    assert corpus.documents().to_polars()["id"].len() == 6
    assert len(corpus.sentences()) == 18
    assert len(corpus.decisions()) == len(corpus.scores()) == 0
    assert "en (kk-en)" in corpus._repr_html_()
    assert "pairs en: 9 rows" in pairs._repr_html_()


def test_pairs_that_a_filter_refused_are_there_when_asked_for(small_job: Path, tmp_path: Path) -> None:
    shutil.copytree(small_job / "out", tmp_path / "out")
    folder = CorpusFolder(tmp_path / "out")
    refused = next(iter(CorpusView(folder).pairs("en"))).id
    folder.write("filtered", [[{"pair_id": refused, "filter": "script", "reason": "why"}]], "en")
    corpus = qosmatin.open(tmp_path / "out")
    assert refused not in [row["id"] for row in corpus.pairs("en")]
    assert len(corpus.pairs("en", everything=True)) == len(corpus.pairs("en")) + 1


def test_a_question_without_an_answer_is_told(small_job: Path, tmp_path: Path) -> None:
    corpus = qosmatin.open(str(small_job / "out"))
    with pytest.raises(InputError, match=r"no aligned translation 'kk-ru'; there are en \(kk-en\)"):
        corpus.pairs("kk-ru")
    for path, why in (
        (tmp_path / "none", "is not there"),
        (tmp_path, "has no manifest"),
        (Path(__file__), "is a file"),
    ):
        with pytest.raises(InputError, match=why):
            qosmatin.open(path)


LIST = "a list of texts is meant"
TRAPS: list[tuple[str, Callable[..., Any], tuple[Any, ...], dict[str, Any], str]] = [
    # A string where a list is meant, and its cousins.
    ("align, source", qosmatin.align, ("Ол келді.", TARGET, "kk", "en"), {}, LIST),
    ("align, target", qosmatin.align, (SOURCE, "He came.", "kk", "en"), {}, LIST),
    ("align, bytes", qosmatin.align, (SOURCE, b"He came.", "kk", "en"), {}, LIST),
    ("align, none", qosmatin.align, (None, TARGET, "kk", "en"), {}, LIST),
    ("align, numbers", qosmatin.align, ([1, 2], TARGET, "kk", "en"), {}, r"source\[0\] is of the type int"),
    ("align, generator", qosmatin.align, ((one for one in SOURCE), TARGET, "kk", "en"), {}, LIST),
    ("align, sentences", qosmatin.align, (bare_split("Ол келді.", "kk"), TARGET, "kk", "en"), {}, "a text"),
    ("bare align", bare_align, ("Ол келді.", TARGET, "kk", "en"), {}, LIST),
    ("align_corpus, flat", align_corpus, ((SOURCE, TARGET), "kk", "en"), {}, "is one text"),
    ("align_corpus, texts", align_corpus, (SOURCE, "kk", "en"), {}, "no pair"),
    ("align_tasks", align_tasks, ([Task("Ол келді.", TARGET)], "kk", "en"), {}, LIST),
    ("match, sources", qosmatin.match, ("Ол келді.", TARGET, "kk", "en"), {}, LIST),
    ("bare match", bare_match, (SOURCE, "He came.", "kk", "en"), {}, LIST),
    ("score, system", qosmatin.score, ("He came.", ["He came."]), {}, LIST),
    ("score, system by name", qosmatin.score, ({"a": "He came."}, ["He came."]), {}, LIST),
    ("score, reference", qosmatin.score, (["He came."], "He came."), {}, LIST),
    ("score, sources", qosmatin.score, (["He came."], ["He came."]), {"sources": "Ол келді."}, LIST),
    ("score, lengths", qosmatin.score, ({"a": TARGET}, ["He came."]), {}, "a has 2, reference 1 has 1"),
    ("score_systems, flat references", score_systems, ({"a": TARGET}, TARGET), {}, "is one text"),
    ("score_systems, reference", score_systems, ({"a": TARGET}, "He came."), {}, "a list of references"),
    ("score_systems, no names", score_systems, (TARGET, [TARGET]), {}, "by name"),
    ("translate", qosmatin.translate, ("Ол келді.", "kk", "en"), {"engine": "command"}, LIST),
    ("split, list", qosmatin.split, (SOURCE, "kk"), {}, "one text"),
    ("bare split, list", bare_split, (SOURCE, "kk"), {}, "one text"),
    ("bare split, none", bare_split, (None, "kk"), {}, "one text"),
    # What is no language.
    ("split, name", qosmatin.split, ("Ол.", "kazakh"), {}, "did you mean 'kk'"),
    ("split, country", bare_split, ("Ол.", "kz"), {}, "did you mean 'kk'"),
    ("split, none", bare_split, ("Ол.", None), {}, "a language's code is meant"),
    ("split, list of codes", qosmatin.split, ("Ол.", ["kk"]), {}, "a language's code is meant"),
    ("align, name", qosmatin.align, (SOURCE, TARGET, "kazakh", "english"), {}, "did you mean 'kk'"),
    ("bare align, name", bare_align, (SOURCE, TARGET, "kk", "english"), {}, "did you mean 'en'"),
    ("align_corpus, name", align_corpus, ([(SOURCE, TARGET)], "kazakh", "en"), {}, "did you mean 'kk'"),
    ("align_files, name", qosmatin.align_files, ("kk", "en", "kazakh", "en"), {}, "did you mean 'kk'"),
    ("match, name", bare_match, (SOURCE, TARGET, "kk", "russian"), {}, "did you mean 'ru'"),
    ("score, name", qosmatin.score, (TARGET, TARGET), {"target_lang": "kazakh"}, "did you mean 'kk'"),
    ("translate, name", qosmatin.translate, (SOURCE, "kazakh", "en"), {"engine": "command"}, "did you mean 'kk'"),
    ("translate, one language", qosmatin.translate, (SOURCE, "kk", "kk"), {"engine": "command"}, "two languages"),
    # Nothing where something is meant.
    ("align, blank", qosmatin.align, ([""], TARGET, "kk", "en"), {}, "no text in it"),
    ("align, one blank", qosmatin.align, (SOURCE, ["He came.", " "], "kk", "en"), {}, r"target\[1\] is blank"),
    ("align, empty", qosmatin.align, ([], TARGET, "kk", "en"), {}, "no text in it"),
    ("match, blank", qosmatin.match, ([""], TARGET, "kk", "en"), {}, "no text in it"),
    ("score, blank", qosmatin.score, ([""], [""]), {}, "no text in it"),
    ("score, empty", qosmatin.score, ([], []), {}, "no text in it"),
    ("translate, blank", qosmatin.translate, (["", " "], "kk", "en"), {"engine": "command"}, "no text in it"),
    # A path where a folder object is meant, and things where a path is.
    ("view, text", CorpusView, ("corpora/x",), {}, "CorpusFolder"),
    ("view, path", CorpusView, (Path("corpora/x"),), {}, "CorpusFolder"),
    ("find_comparisons", find_comparisons, ("corpora/x",), {}, "CorpusFolder"),
    ("corpus_scoring_set", corpus_scoring_set, (Path("corpora/x"), None), {}, "CorpusFolder"),
    ("open, folder object", qosmatin.open, (CorpusFolder(Path("corpora/x")),), {}, "a corpus folder is meant"),
    ("open, none", qosmatin.open, (None,), {}, "a corpus folder is meant"),
    ("align_files, lists", qosmatin.align_files, (SOURCE, TARGET, "kk", "en"), {}, "a path is meant"),
    ("align_files, no folder", qosmatin.align_files, ("no", "none", "kk", "en"), {}, "is no folder"),
    # Engines.
    ("translate, engine", qosmatin.translate, (SOURCE, "kk", "en"), {"engine": "nllb"}, "known are amazon"),
    ("translate, setting", qosmatin.translate, (SOURCE, "kk", "en"), {"engine": "ctranslate2", "modle": 1}, "modle"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("call", "arguments", "named", "told"), [one[1:] for one in TRAPS], ids=[one[0] for one in TRAPS]
)
def test_a_trap_is_an_error_that_says_so(
    call: Callable[..., Any], arguments: tuple[Any, ...], named: dict[str, Any], told: str
) -> None:
    with pytest.raises((InputError, ConfigError), match=told):
        call(*arguments, **named)


def test_every_function_of_the_face_has_its_traps_in_the_table() -> None:
    called = {getattr(call, "__name__", "").rpartition(".")[2] for _, call, *_ in TRAPS}
    assert set(qosmatin.__all__) - {"open"} <= called
    for name in library.__all__:
        assert inspect.getdoc(getattr(library, name)), name
    assert issubclass(ConfigError, QosmatinError)
