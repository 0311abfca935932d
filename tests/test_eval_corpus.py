"""Scoring a corpus folder, two runs of a job, and the commands."""

import json
import shlex
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from qosmatin.cli import evaluate as evaluate_commands
from qosmatin.cli import score as score_commands
from qosmatin.corpus.errors import InputError
from qosmatin.corpus.storage.folder import CorpusFolder
from qosmatin.eval.compare_runs import corpus_run_sets
from qosmatin.eval.corpus_sets import Comparison, corpus_scoring_set, find_comparisons, score_rows
from qosmatin.eval.evaluation import Settings, evaluate

SOURCES = ["Бірінші сөйлем осы.", "Екінші сөйлем осында.", "Үшінші сөйлем мұнда."]
TEXTS = {
    "human": ["The first sentence is this.", "The second sentence is here.", "The third sentence is there."],
    "mt": ["The first sentence this is.", "Second sentence is here.", "A third sentence there."],
    "edited": ["The first sentence is this.", "The second sentence is here.", "A third sentence is there."],
}
KINDS = {"human": "human", "mt": "machine", "edited": "post-edited"}


def bead_row(translation: str, document: str, index: int) -> dict[str, object]:
    """A bead of one sentence on either side; the last one of a human translation is not sure."""
    return {
        "translation": translation,
        "source_document": document,
        "target_document": f"{document}.{translation}",
        "index": index,
        "source_start": index,
        "source_end": index + 1,
        "target_start": index,
        "target_end": index + 1,
        "confidence": 0.4 if index == 2 and translation == "human" else 0.9,
        "aligner": "test",
    }


def make_corpus(path: Path, mt: list[str], documents: int = 2) -> CorpusFolder:
    """A folder of documents of three sentences, each with three translations."""
    folder = CorpusFolder(path)
    ids = [f"d{number}" for number in range(documents)]
    rows, sentences = [], []
    for name in ids:
        of_mt = f"{name}.mt"
        for lang, translation, texts, more in [
            ("kk", None, SOURCES, {"kind": "original", "domain": "news" if name == "d0" else "law"}),
            *(
                (
                    "en",
                    key,
                    mt if key == "mt" else texts,
                    {"kind": KINDS[key], "by": key.upper(), "of": name if key != "edited" else of_mt},
                )
                for key, texts in TEXTS.items()
            ),
        ]:
            document = name if translation is None else f"{name}.{translation}"
            rows.append(
                {
                    "id": document,
                    "lang": lang,
                    "translation": translation,
                    "text": " ".join(texts),
                    "licence": "x",
                    "faults": [],
                    **more,
                }
            )
            start = 0
            for index, text in enumerate(texts):
                sentences.append(
                    {
                        "document": document,
                        "index": index,
                        "start": start,
                        "end": start + len(text),
                        "paragraph": 0,
                        "text": text,
                    }
                )
                start += len(text) + 1
    folder.write("documents", [rows])
    folder.write("sentences", [sentences])
    folder.write("decisions", [[]])
    for translation in TEXTS:
        beads = [bead_row(translation, name, i) for name in ids for i in range(3)]
        folder.write("beads", [beads], translation)
        folder.write("translations", [[]], translation)
    return folder


@pytest.fixture
def folder(tmp_path: Path) -> CorpusFolder:
    return make_corpus(tmp_path / "corpus", TEXTS["mt"])


def test_every_machine_translation_against_every_other(folder: CorpusFolder) -> None:
    assert find_comparisons(folder) == [Comparison("human", ("mt",)), Comparison("edited", ("mt",))]


def test_what_engines_and_memories_wrote_is_scored_too(folder: CorpusFolder) -> None:
    """They are no documents that were read: their sentences stand in the table of translations."""
    for name, kind in (("nllb", None), ("gemma", "machine"), ("memory", "human")):
        rows = [
            {
                "translation": name,
                "source_document": document,
                "target_document": f"{document}@{name}",
                "lang": "en",
                "engine": name,
                "kind": kind,
                "by": name,
                "sentences": [{"text": text, "raw": None, "paragraph": 0, "flags": []} for text in TEXTS["mt"]],
            }
            for document in ("d0", "d1")
        ]
        beads = [
            {**bead_row(name, document, i), "target_document": f"{document}@{name}"}
            for document in ("d0", "d1")
            for i in range(3)
        ]
        folder.write("translations", [rows], name)
        folder.write("beads", [beads], name)
    systems = ("mt", "gemma", "nllb")
    assert find_comparisons(folder) == [Comparison(name, systems) for name in ("human", "edited", "memory")]
    found = corpus_scoring_set(folder, Comparison("human", systems))
    assert found.systems["nllb"] == found.systems["mt"] == TEXTS["mt"] * 2


def test_a_corpus_becomes_a_set(folder: CorpusFolder) -> None:
    found = corpus_scoring_set(folder, Comparison("human", ("mt",)))
    assert (found.segments, found.source_lang, found.target_lang) == (6, "kk", "en")
    assert found.labels == {
        "document": ["d0"] * 3 + ["d1"] * 3,
        "domain": ["news"] * 3 + ["law"] * 3,
        "origin": ["HUMAN"] * 6,
    }
    assert (found.reference_kind, found.biased) == ("human", frozenset())
    assert corpus_scoring_set(folder, Comparison("human", ("mt",)), 0.5).left_out.groups_by_reason == {
        "low confidence": 2
    }


def test_a_system_against_its_own_post_edit_is_biased(folder: CorpusFolder) -> None:
    found = corpus_scoring_set(folder, Comparison("edited", ("mt",)))
    assert (found.reference_kind, found.biased) == ("post-edited", {"mt"})


def test_rows_of_the_scores_table_fit_its_schema(folder: CorpusFolder) -> None:
    evaluation = evaluate(corpus_scoring_set(folder, Comparison("human", ("mt",))), Settings(samples=0, trials=0))
    rows = list(score_rows(evaluation, "human"))
    assert folder.write("scores", [rows]) == len(rows)
    groups = {row["group"] for row in rows}
    assert {"corpus", "domain=law", "document=d0", "d0:1-1", "d1:3-3"} <= groups
    sentences = [row for row in rows if row["segments"] == 1 and row["metric"] == "chrf++"]
    assert len(sentences) == 6
    assert folder.read("scores").num_rows == len(rows)


def test_two_runs_meet_on_their_common_segments(folder: CorpusFolder, tmp_path: Path) -> None:
    later = make_corpus(tmp_path / "later", TEXTS["edited"], documents=3)
    human, edited = corpus_run_sets(folder, later)
    assert (human.segments, edited.biased) == (6, {"A", "B"})
    assert human.systems["A"][:3] == TEXTS["mt"]
    assert human.systems["B"][:3] == TEXTS["edited"]
    assert human.left_out.groups_by_reason == {"being in one run only": 3}
    other = CorpusFolder(tmp_path / "empty")
    other.write("documents", [[]])
    with pytest.raises(InputError, match="against the same reference"):
        corpus_run_sets(folder, other)


@pytest.fixture
def app() -> typer.Typer:
    found = typer.Typer()
    found.command("score")(score_commands.score)
    found.command("diff")(score_commands.diff)
    found.add_typer(evaluate_commands.app, name="evaluate")
    return found


def run(app: typer.Typer, *words: object, given: str | None = None) -> str:
    done = CliRunner().invoke(app, [str(word) for word in words], input=given, catch_exceptions=False)
    assert done.exit_code == 0
    return done.stdout


@pytest.fixture
def files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    for name, texts in (("a", TEXTS["mt"]), ("b", TEXTS["edited"]), ("ref", TEXTS["human"]), ("src", SOURCES)):
        (tmp_path / name).write_text("".join(f"{text}\n" for text in texts * 5), encoding="utf-8")
    return tmp_path


FEW = ("--bootstrap", 20, "--trials", 20)


def test_score_of_files(app: typer.Typer, files: Path) -> None:
    words = (
        "a",
        "b",
        "ref",
        "--src",
        "src",
        "-t",
        "en",
        "--source-lang",
        "kk",
        "--by",
        "length",
        "--report",
        "out",
        *FEW,
    )
    shown = run(app, "score", *words)
    assert "BLEU|nrefs:1|bs:20|seed:12345|case:mixed|eff:no|tok:13a|smooth:exp|version:" in shown
    assert "Against a" in shown
    assert "length: all segments are alike (1-5 words)" in shown
    assert (files / "out" / "index.html").exists()
    with pytest.raises(InputError, match="no labels 'genre'; there are length"):
        run(app, "score", "a", "ref", "--by", "genre", *FEW)


def test_the_printed_command_gives_the_same_figures(app: typer.Typer, files: Path) -> None:
    words = (
        "a",
        "b",
        "--ref",
        "ref",
        "--ref",
        "b",
        "-m",
        "chrf,ter",
        "--baseline",
        "b",
        "--only",
        "length=1-5 words",
        *FEW,
    )
    data = json.loads(run(app, "score", *words, "--format", "json"))["sets"][0]
    program, *again = shlex.split(data["command"])
    assert program == "qosmatin"
    assert json.loads(run(app, *again, "--format", "json"))["sets"][0] == data
    assert [score["system"] for score in data["scores"]] == ["b", "b", "a", "a"]


def test_standard_input_and_imported_scores(app: typer.Typer, files: Path) -> None:
    (files / "x.json").write_text(json.dumps({"metric": "X", "scores": {"standard input": [1] * 15}}), encoding="utf-8")
    given = (files / "a").read_text(encoding="utf-8")
    data = json.loads(run(app, "score", "-", "ref", "--import", "x.json", *FEW, "--format", "json", given=given))
    assert [score["label"] for score in data["sets"][0]["scores"]] == ["BLEU", "chrF", "chrF++", "X"]
    assert "--import x.json" in data["sets"][0]["command"]


def test_score_of_a_corpus(app: typer.Typer, folder: CorpusFolder) -> None:
    shown = run(app, "score", folder.path, *FEW)
    assert "mt against human" in shown
    assert "mt (biased: its own post-edit)" in shown
    assert "6 of 6 groups (6 of 6 beads of the reference) are scored; left out: none" in shown
    one = run(app, "score", folder.path, "--reference", "human", "--min-confidence", 0.5, *FEW)
    assert "4 of 6 groups (4 of 6 beads of the reference) are scored; left out: 2 for low confidence" in one
    assert "mt against edited" not in one


def test_diff_of_files_and_of_runs(app: typer.Typer, files: Path, folder: CorpusFolder) -> None:
    shown = run(app, "diff", "a", "b", "--ref", "ref", "--examples", 1, *FEW)
    assert "b better than a (sentence chrF++)" in shown
    assert "[-" in shown
    make_corpus(files / "later", TEXTS["edited"])
    shown = run(app, "diff", folder.path, files / "later", *FEW)
    assert "mt against human, A to B" in shown
    assert "B better than A" in shown


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["score", "a"], "at least one system and one reference"),
        (["score", "a", "ref", "--only", "domain"], "not of the form NAME=LABEL"),
        (["score", "a", "ref", "--baseline", "z"], "no system 'z'"),
        (["score", "a", "ref", "--reference-kind", "alien"], "'alien' is not one of"),
        (["diff", "a", "corpus", "--ref", "ref"], "a corpus folder only"),
    ],
)
def test_what_a_user_may_get_wrong(
    app: typer.Typer, files: Path, folder: CorpusFolder, words: list[str], message: str
) -> None:
    with pytest.raises(InputError, match=message):
        run(app, *words)


def test_evaluate(app: typer.Typer, tmp_path: Path) -> None:
    (tmp_path / "gold.txt").write_text("Бір.\nЕкі.\nҮш.\n", encoding="utf-8")
    given = "Бір. Екі.\nҮш.\n"
    data = json.loads(run(app, "evaluate", "split", tmp_path / "gold.txt", "-", "--format", "json", given=given))
    assert (data["total"]["precision"], data["total"]["recall"]) == (1.0, 0.5)
    assert "missed: Бір.|" in run(app, "evaluate", "split", tmp_path / "gold.txt", "-", "--errors", 1, given=given)
    (tmp_path / "a.gold").write_text("[0]:[0]\n[1]:[1, 2]\n", encoding="utf-8")
    (tmp_path / "b.jsonl").write_text(
        '{"document": "x", "source": [0], "target": [0], "confidence": 0.9}\n'
        '{"document": "x", "source": [1], "target": [1], "confidence": 0.6}\n'
        '{"document": "x", "source": [], "target": [2], "confidence": 0.6}\n',
        encoding="utf-8",
    )
    shown = run(app, "evaluate", "align", tmp_path / "a.gold", tmp_path / "b.jsonl")
    assert "calibration error 0.3500 (10 equal-width bins)" in shown
    data = json.loads(run(app, "evaluate", "align", tmp_path / "a.gold", tmp_path / "b.jsonl", "--format", "json"))
    assert data["strict"]["f1"] == pytest.approx(0.4)
    assert data["by_kind"]["1-2"]["gold"] == 1
