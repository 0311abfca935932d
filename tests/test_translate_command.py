"""The engine ``command``: programs that answer, miscount, die, hang and spew, started for each batch or kept."""

import json
import os
import sys
import time
from pathlib import Path

import pytest
from small_corpus import qosmatin_here as qosmatin

from qosmatin.corpus.errors import InputError, StoppedError
from qosmatin.translate import command_engine
from qosmatin.translate.cache import AnswerCache
from qosmatin.translate.command_engine import CommandSettings
from qosmatin.translate.engine import TranslationRequest
from qosmatin.translate.jobs import translate_requests
from qosmatin.translate.opening import open_engine
from qosmatin.translate.program import Program, ProgramError
from qosmatin.translate.tally import Tally

PROGRAM = """
import os, sys, time
for line in sys.stdin:
    line = line.rstrip("\\n")
    with open(NOTES, "a") as notes:
        notes.write(f"{os.getpid()}\\t{line}\\n")
    if "(die)" in line:
        sys.exit("out of luck")
    if "(once)" in line and not os.path.exists(NOTES + ".once"):
        open(NOTES + ".once", "w").close()
        os._exit(3)
    if "(hang)" in line:
        time.sleep(60)
    if "(spew)" in line:
        while True:
            print("spam " * 1000)
    if "(long)" in line:
        print("x" * 3_000_000, end="")
    if "(none)" in line:
        continue
    if "(two)" in line:
        print("one more")
    print("" if "(empty)" in line else line.upper(), flush=True)
"""
TEXTS = [f"сөйлем {number}" for number in range(8)]


@pytest.fixture
def program(tmp_path):
    notes = tmp_path / "notes"
    notes.touch()
    (tmp_path / "program.py").write_text(PROGRAM.replace("NOTES", repr(str(notes))), encoding="utf-8")
    return [sys.executable, "-X", "utf8", str(tmp_path / "program.py")]


def settings(program, **more):
    plain = {"sentences": 4, "timeout": 2.0, "retries": 0}
    return CommandSettings(engine="command", command=program, **(plain | more))


def translate(config, cache, texts=TEXTS):
    engine, tally = open_engine(config, "kk", "en"), Tally()
    try:
        with AnswerCache(cache) as answers:
            return list(translate_requests(map(TranslationRequest, texts), engine, answers, tally))
    finally:
        engine.close()


def pids(tmp_path):
    return {line.split("\t")[0] for line in (tmp_path / "notes").read_text(encoding="utf-8").splitlines()}


@pytest.mark.parametrize(("keep", "programs"), [(False, 2), (True, 1)])
def test_each_sentence_has_its_line(tmp_path, program, keep, programs):
    texts = [*TEXTS[:6], "a\u2028b\nc\r", "(empty)"]
    answers = translate(settings(program, keep=keep), tmp_path / "a.sqlite", texts)
    assert [one.text for one in answers] == [*(text.upper() for text in TEXTS[:6]), "A B C", ""]
    assert answers[0].tokens_in == 2
    assert len(pids(tmp_path)) == programs


@pytest.mark.parametrize("keep", [False, True])
@pytest.mark.parametrize(
    ("fault", "reason"),
    [
        ("die", "out of luck"),
        ("hang", "did not answer in 2 s"),
        ("none", ""),
        ("two", "more lines than 1"),
        ("spew", ""),
        ("long", ""),
    ],
)
def test_one_sentence_stops_no_program_for_good(tmp_path, program, keep, fault, reason):
    texts = [f"{text} ({fault})" if index == 5 else text for index, text in enumerate(TEXTS)]
    answers = translate(settings(program, keep=keep), tmp_path / "a.sqlite", texts)
    assert [one.text for one in answers] == ["" if index == 5 else text.upper() for index, text in enumerate(texts)]
    assert answers[5].flags == ("unreadable",)
    assert reason in answers[5].reason
    assert answers[5].reason.startswith("`python")


@pytest.mark.parametrize("keep", [False, True])
def test_a_program_that_died_is_started_again(tmp_path, program, keep):
    texts = [*TEXTS, "сөйлем (once)"]
    answers = translate(settings(program, keep=keep, retries=1), tmp_path / "a.sqlite", texts)
    assert [one.text for one in answers] == [text.upper() for text in texts]
    asked = [line.split("\t")[1] for line in (tmp_path / "notes").read_text(encoding="utf-8").splitlines()]
    assert len(asked) == len(texts) + 1


def test_several_programs_work_at_once(tmp_path, program):
    texts = [f"сөйлем {number}" for number in range(60)]
    answers = translate(settings(program, keep=True, parallel=2, sentences=2), tmp_path / "a.sqlite", texts)
    assert [one.text for one in answers] == [text.upper() for text in texts]
    assert 1 <= len(pids(tmp_path)) <= 2


def test_more_than_a_pipe_holds_goes_through(tmp_path, program):
    texts = [f"{number} " + "сөз " * 3000 for number in range(100)]
    for keep in (False, True):
        answers = translate(settings(program, keep=keep, sentences=100, timeout=30), tmp_path / f"{keep}.sqlite", texts)
        assert [one.text for one in answers] == [text.upper() for text in texts]


def test_a_program_that_is_of_no_use_stops_the_job(tmp_path):
    config = settings([sys.executable, "-c", "import sys; sys.exit('no such pair')"])
    with pytest.raises(StoppedError, match="no such pair"):
        translate(config, tmp_path / "a.sqlite")


def test_what_a_program_started_ends_with_it(tmp_path):
    script = "import subprocess, time; print(subprocess.Popen(['sleep', '60']).pid, flush=True); time.sleep(60)"
    program = Program([sys.executable, "-c", script], 5)
    child = int(program.ask(["a"])[0])
    program.kill()
    for _ in range(100):
        if not Path(f"/proc/{child}").exists() or "\tZ" in Path(f"/proc/{child}/status").read_text():
            break
        time.sleep(0.02)
    else:
        pytest.fail(f"{child} is still at work")


def test_a_program_that_cannot_be_started_is_said():
    with pytest.raises(ProgramError, match="cannot be started"):
        Program([os.devnull], 1)
    with pytest.raises(InputError, match="no program 'no-such-program'"):
        settings(["no-such-program"]).open("kk", "en")
    with pytest.raises(InputError, match="no program 'no-such-program'"):
        settings(["no-such-program"]).check("kk", "en")


@pytest.mark.parametrize(
    ("script", "said"),
    [
        ("print('translator 1.2\\nmore')", "translator 1.2"),
        ("import sys; print('on stderr', file=sys.stderr)", "on stderr"),
        ("", None),
        ("import sys; print('x'); sys.exit(2)", None),
    ],
)
def test_the_version_is_part_of_what_answers_depend_on(script, said):
    command_engine._version.cache_clear()
    config = settings(["cat"], version=[sys.executable, "-c", script])
    if said is None:
        with pytest.raises(InputError, match="does not say a version"):
            config.spec("kk", "en")
    else:
        spec = config.spec("kk", "en")
        assert (spec.revision, spec.model) == (said, "cat")
        assert spec.key != settings(["cat"]).spec("kk", "en").key


def test_what_changes_no_answer_is_no_part_of_the_key():
    plain = settings(["cat"]).spec("kk", "en").key
    assert settings(["cat"], keep=True, parallel=3, sentences=9, timeout=1, retries=7).spec("kk", "en").key == plain
    assert settings(["tac"]).spec("kk", "en").key != plain


def test_a_job_in_five_lines(tmp_path, program):
    (tmp_path / "kk.txt").write_text("Бүгін мектеп ашылды. Ол (die) келді. Сот өтті.", encoding="utf-8")
    (tmp_path / "job.yaml").write_text(
        "corpus: {name: small, version: 1.0.0, folder: out}\n"
        "sources: [{files: [kk.txt], lang: kk}]\n"
        f"translations: [{{name: en, lang: en, engine: command, command: {json.dumps(program)}}}]\n",
        encoding="utf-8",
    )
    assert qosmatin(tmp_path, "config", "check", "--read", "job.yaml").returncode == 0
    done = qosmatin(tmp_path, "translate", "job.yaml", "--limit", "3")
    rows = [line.split("\t") for line in done.stdout.splitlines()]
    assert [row[1] for row in rows] == ["БҮГІН МЕКТЕП АШЫЛДЫ.", "", "СОТ ӨТТІ."]
    assert rows[1][2] == "unreadable empty-output"
    ran = qosmatin(tmp_path, "run", "job.yaml")
    assert (ran.returncode, "out of luck" in ran.stdout) == (4, True), ran.stderr
