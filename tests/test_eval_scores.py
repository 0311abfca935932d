"""Scores equal those of the ``sacrebleu`` command to the last digit, signatures included."""

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from eval_material import segments
from hypothesis import given, settings
from hypothesis import strategies as st
from sacrebleu.metrics.bleu import BLEU

from qosmatin.corpus.errors import InputError
from qosmatin.eval.metrics import build_metrics, default_metrics, expand_keys
from qosmatin.eval.scores import average_sentence_bleu, score_systems


def sacrebleu(folder: Path, system: list[str], references: list[list[str]], *options: str) -> list[dict[str, object]]:
    """What the command prints for the same texts, with all digits."""
    files = []
    for number, texts in enumerate([*references, system]):
        path = folder / f"{number}.txt"
        path.write_text("".join(f"{text}\n" for text in texts), encoding="utf-8")
        files.append(str(path))
    command = [sys.executable, "-m", "sacrebleu", *files[:-1], "-i", files[-1], "-w", "10", *options]
    done = subprocess.run(command, capture_output=True, encoding="utf-8", check=True)
    found = json.loads(done.stdout)
    return found if isinstance(found, list) else [found]


@pytest.mark.parametrize("references", [1, 2])
def test_equals_the_sacrebleu_command(tmp_path: Path, references: int) -> None:
    system, *texts = segments(2000, 1)
    refs = texts[:references]
    scored = score_systems({"s": system}, refs, ["bleu:13a", "bleu:intl", "chrf", "chrf++"])
    theirs = sacrebleu(tmp_path, system, refs, "-m", "bleu", "chrf")
    theirs += sacrebleu(tmp_path, system, refs, "-m", "chrf", "--chrf-word-order", "2")
    theirs += sacrebleu(tmp_path, system, refs, "-m", "bleu", "-tok", "intl")
    assert {one["signature"] for one in theirs} == {metric.signature() for metric in scored.metrics}
    for metric in scored.metrics:
        expected = next(one["score"] for one in theirs if one["signature"] == metric.signature())
        assert round(scored.corpus_score("s", metric), 10) == expected


def test_equals_the_sacrebleu_command_for_ter_and_lower_case(tmp_path: Path) -> None:
    system, *refs = segments(150, 2)
    scored = score_systems({"s": system}, refs, ["bleu:13a", "chrf", "ter"], lowercase=True)
    theirs = sacrebleu(tmp_path, system, refs, "-m", "bleu", "chrf", "ter", "-lc", "--chrf-lowercase")
    ours = {metric.signature(): round(scored.corpus_score("s", metric), 10) for metric in scored.metrics}
    assert {one["signature"]: one["score"] for one in theirs} == ours


def test_equals_the_command_s_interval_and_its_signature(tmp_path: Path) -> None:
    from qosmatin.eval.significance import bootstrap_scores, interval_of

    system, reference, _ = segments(400, 3)
    scored = score_systems({"s": system}, [reference], ["bleu:13a"])
    (theirs,) = sacrebleu(tmp_path, system, [reference], "-m", "bleu", "--confidence")
    assert theirs["signature"] == scored.metrics[0].signature(1000, 12345)
    interval = interval_of(bootstrap_scores(scored)["s"]["bleu:13a"])
    # sacreBLEU sums the samples in single precision.
    assert interval.mean == pytest.approx(theirs["confidence_mean"], abs=1e-4)
    assert interval.half_width == pytest.approx(theirs["confidence_var"], abs=1e-4)


# The vectors of sacreBLEU's test_bleu.py, test_chrf.py (effective order) and test_ter.py: texts and score.
DOG = ["The dog bit the man.", "It wasn't surprising.", "The man had just bitten him."]
DOG_REFERENCES = [
    ["The dog bit the man.", "It was not unexpected.", "The man bit him first."],
    ["The dog had bit the man.", "No one was surprised.", "The man had bitten the dog."],
]
VECTORS = [
    ("bleu:13a", DOG, DOG_REFERENCES, 48.530827),
    ("bleu:none", DOG, DOG_REFERENCES, 49.1919566),
    ("bleu:intl", DOG, DOG_REFERENCES, 43.91623493),
    ("bleu:13a", ["", "", ""], DOG_REFERENCES, 0.0),
    ("chrf", ["a"], [["a"]], 100.0),
    ("chrf", [""], [["reference"]], 0.0),
    ("chrf", ["a b c"], [["abc"]], 100.0),
    ("chrf", ["a", "b"], [["a", "c"]], 50.0),
    ("chrf", ["aa"], [["ab"]], 25.0),
    ("ter", ["aaaa bbbb cccc dddd"], [["aaaa bbbb cccc dddd"]], 0.0),
    ("ter", ["dddd eeee ffff"], [["aaaa bbbb cccc"]], 100.0),
    ("ter", [""], [["a"]], 100.0),
    ("ter", ["d e f g h a b c"], [["a b c d e f g h"]], 12.5),
]


@pytest.mark.parametrize(("metric", "system", "references", "score"), VECTORS)
def test_sacrebleu_s_own_vectors(metric: str, system: list[str], references: list[list[str]], score: float) -> None:
    scored = score_systems({"s": system}, references, [metric])
    assert scored.corpus_score("s", scored.metrics[0]) == pytest.approx(score, abs=1e-6)


def test_two_processes_count_what_one_counts() -> None:
    system, reference, _ = segments(1200, 4)
    one, two = (score_systems({"s": system}, [reference], workers=workers) for workers in (1, 2))
    for key, array in one.statistics["s"].items():
        assert np.array_equal(array, two.statistics["s"][key])


@settings(max_examples=30, deadline=None)
@given(st.lists(st.tuples(st.text(max_size=30), st.text(max_size=30)), min_size=1, max_size=12), st.data())
def test_a_part_scores_as_it_does_alone(pairs: list[tuple[str, str]], data: st.DataObject) -> None:
    rows = data.draw(st.lists(st.integers(0, len(pairs) - 1), min_size=1, unique=True))
    whole = score_systems({"s": [pair[0] for pair in pairs]}, [[pair[1] for pair in pairs]])
    alone = score_systems({"s": [pairs[row][0] for row in rows]}, [[pairs[row][1] for row in rows]])
    for metric, other in zip(whole.metrics, alone.metrics, strict=True):
        assert whole.corpus_score("s", metric, np.array(rows)) == alone.corpus_score("s", other)


def test_sentence_bleu_is_sacrebleu_s() -> None:
    system, reference, _ = segments(60, 5)
    scored = score_systems({"s": system}, [reference], ["bleu:13a"])
    scorer = BLEU(effective_order=True)
    expected = [scorer.sentence_score(text, [other]).score for text, other in zip(system, reference, strict=True)]
    assert scored.sentence_scores("s", scored.metrics[0]).tolist() == expected
    assert average_sentence_bleu(scored, "s") == pytest.approx(sum(expected) / 60)
    assert average_sentence_bleu(scored, "s") != pytest.approx(scored.corpus_score("s", scored.metrics[0]), abs=0.1)


@pytest.mark.parametrize(
    ("lang", "keys"),
    [
        ("kk", ["chrf++", "chrf", "bleu:13a", "bleu:intl"]),
        ("kk-Latn", ["chrf++", "chrf", "bleu:13a", "bleu:intl"]),
        ("ru", ["chrf++", "chrf", "bleu:13a", "bleu:intl"]),
        ("en", ["bleu:13a", "chrf", "chrf++"]),
        ("zh", ["bleu:zh", "chrf", "chrf++"]),
        (None, ["bleu:13a", "chrf", "chrf++"]),
    ],
)
def test_metrics_follow_the_target_language(lang: str | None, keys: list[str]) -> None:
    assert default_metrics(lang) == keys


def test_13a_leaves_kazakh_quotation_marks_and_intl_does_not() -> None:
    bleu_13a, bleu_intl = build_metrics(["bleu:13a", "bleu:intl"])
    text = "«Нұр Отан» №5"
    assert bleu_13a.scorer._preprocess_segment(text) == text
    assert bleu_intl.scorer._preprocess_segment(text).split() == ["«", "Нұр", "Отан", "»", "№", "5"]


def test_unknown_metrics_and_unequal_lengths_are_refused() -> None:
    with pytest.raises(InputError, match="unknown metric 'rouge'"):
        expand_keys(["bleu,rouge"], "kk")
    with pytest.raises(InputError, match="differ in their number"):
        score_systems({"s": ["a"]}, [["a", "b"]])
    with pytest.raises(InputError, match="nothing to score"):
        score_systems({"s": []}, [[]])
    with pytest.raises(InputError, match="--metric bleu"):
        average_sentence_bleu(score_systems({"s": ["a"]}, [["a"]], ["chrf"]), "s")
