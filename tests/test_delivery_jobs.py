"""Translated documents out of a job and out of a corpus: each in its own format, with what people said of it."""

import json
import sys
from pathlib import Path

import pytest
from small_corpus import qosmatin_here as qosmatin
from test_delivery_word import BOLD, part, shown
from test_word import paragraph, run, write_word

from qosmatin.corpus.formats.xliff import read_xliff
from qosmatin.corpus.storage.folder import CorpusFolder

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
PROGRAM = """
import json, pathlib, sys
known = json.loads(pathlib.Path(__file__).with_name("known.json").read_text(encoding="utf-8"))
for line in sys.stdin:
    print(known.get(line.rstrip("\\n"), ""), flush=True)
"""
KNOWN = {
    "Жылдық есеп": "Annual report",
    "Бұл кітап 25 теңге тұрады.": "This book costs 25 tenge.",
    "Оны ешкім ұмытпайды.": "Nobody will forget it.",
    "Бірінші тармақ.": "First item.",
    "Екінші тармақ.": "Second item.",
    "Астана – бас қала.": "Astana is the capital.",
}
CUES = "1\n00:00:01,000 --> 00:00:02,000\nБірінші тармақ.\n\n2\n00:00:03,000 --> 00:00:04,500\nЕкінші тармақ.\n"
JOB = """
corpus: {{name: small, version: 1.0.0, folder: out, licence: CC0-1.0}}
sources:
  - {{files: [kk/*], lang: kk}}
  - {{manifest: tagged.jsonl, lang: kk}}
translations:
  - {{name: m, lang: en, engine: command, command: {command}, outputs: [original, vtt, xliff],
     back_translation: true}}
  - {{name: people, lang: en, files: [en/*], kind: human}}
decisions: decisions.jsonl
filters: [{{name: length, min_words: 4}}]
"""


def decision(document: str, source: str, target: str, value: str | None, operation: str = "edit") -> str:
    """Return a decision on a sentence of what the engine wrote; both stand at the start of their texts."""
    anchors = [
        {"side": "source", "document": document, "start": 0, "end": len(source), "text": source},
        {"side": "target", "document": f"{document}@m", "start": 0, "end": len(target), "text": target},
    ]
    row = {"pair_id": "0" * 20, "anchors": anchors, "operation": operation, "value": value, "reviewer": "r1"}
    return json.dumps({**row, "at": "2026-01-01T00:00:00+00:00"}, ensure_ascii=False) + "\n"


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("delivery")
    (folder / "kk").mkdir()
    (folder / "en").mkdir()
    body = [run("Жылдық есеп", BOLD), run("Бұл кітап ") + run("25 теңге", BOLD) + run(" тұрады. Қайырлы таң!"),
            run("Оны ешкім ұмытпайды.")]  # fmt: skip
    write_word(folder / "kk" / "word.docx", "".join(map(paragraph, body)))
    (folder / "kk" / "cues.srt").write_text(CUES, encoding="utf-8")
    (folder / "kk" / "plain.txt").write_bytes("Бірінші тармақ.\r\n\r\nЕкінші  тармақ.\tСоңы.\r\n".encode())
    page = "<html><body><p>Бірінші тармақ.</p></body></html>"
    (folder / "kk" / "page.html").write_text(page, encoding="utf-8")
    tag = {"at": 0, "kind": "open", "id": "1", "element": "xliff:g", "attributes": [], "code": None}
    row = {"id": "tagged", "text": "Астана – бас қала.", "tags": [tag, {**tag, "at": 6, "kind": "close"}]}
    (folder / "tagged.jsonl").write_text(json.dumps(row, ensure_ascii=False), encoding="utf-8")
    english = "Annual report\n\nThis book costs 25 tenge. Nobody will forget it.\n\nThe end, and more than the end.\n"
    (folder / "en" / "word.txt").write_text(english, encoding="utf-8")
    (folder / "program.py").write_text(PROGRAM, encoding="utf-8")
    (folder / "known.json").write_text(json.dumps(KNOWN), encoding="utf-8")
    said = decision("plain", "Бірінші тармақ.", "First item.", "The first item.")
    said += decision("word", "Жылдық есеп", "Annual report", None, "reject")
    (folder / "decisions.jsonl").write_text(said, encoding="utf-8")
    command = json.dumps([sys.executable, "-X", "utf8", "program.py"])
    (folder / "job.yaml").write_text(JOB.format(command=command), encoding="utf-8")
    done = qosmatin(folder, "run", "job.yaml", "--until", "filter")
    assert done.returncode == 0, done.stderr
    return folder


def test_a_job_writes_its_documents_in_their_formats(corpus: Path) -> None:
    made = corpus / "out" / "translated" / "m"
    names = sorted(path.relative_to(made).as_posix() for path in made.rglob("*") if path.is_file())
    assert names == ["cues.srt", "cues.vtt", "cues.xlf", "page.html", "page.xlf", "plain.txt", "plain.xlf",
                     "remarks.txt", "tagged.xlf", "word.docx", "word.xlf"]  # fmt: skip
    assert [shown(one) for one in part(made / "word.docx").iter(f"{W}p")] == [
        "**Annual report**",
        "This book costs **25 tenge**. Қайырлы таң!",
        "Nobody will forget it.",
    ]
    assert (made / "plain.txt").read_bytes().decode() == "First item.\r\n\r\nSecond item.\tСоңы.\r\n"
    assert "00:00:03.000 --> 00:00:04.500\nSecond item.\n" in (made / "cues.vtt").read_text(encoding="utf-8")
    [segment] = read_xliff(made / "tagged.xlf", "kk", "en")
    assert segment.target == "Astana is the capital."
    assert [(tag.at, tag.kind) for tag in segment.target_tags] == [(0, "open"), (6, "close")]
    remarks = (made / "remarks.txt").read_text(encoding="utf-8")
    assert "word.docx: 1 sentences have no translation, and stand as they are\n" in remarks
    assert "word.docx:   Қайырлы таң!\n" in remarks
    assert "plain.txt:   Соңы.\n" in remarks


def test_a_document_is_delivered_as_people_left_it(corpus: Path) -> None:
    done = qosmatin(corpus, "export", "out", "-f", "original", "-t", "m", "--document", "plain", "-o", "plain.en.txt")
    assert done.returncode == 0, done.stderr
    assert (corpus / "plain.en.txt").read_bytes().decode() == "The first item.\r\n\r\nSecond item.\tСоңы.\r\n"
    done = qosmatin(corpus, "export", "out", "-f", "original", "-t", "m")
    assert "1 documents cannot come out in their format; xliff holds them" in done.stdout
    folder = corpus / "out" / "exports" / "kk-en-m-original"
    assert sorted(path.name for path in folder.iterdir()) == ["cues.srt", "page.html", "plain.txt", "word.docx"]
    assert shown(next(part(folder / "word.docx").iter(f"{W}p"))) == "**Жылдық есеп**"
    assert "1 sentences have a translation that a reviewer refused" in done.stdout


def test_what_people_translated_otherwise_than_it_stands_is_told(corpus: Path) -> None:
    done = qosmatin(corpus, "export", "out", "-f", "original", "-t", "people", "--document", "word", "-o", "w.docx")
    assert done.returncode == 0, done.stderr
    words = " ".join(shown(one) for one in part(corpus / "w.docx").iter(f"{W}p"))
    for said in ("Annual report", "25 tenge", "Nobody will forget it.", "The end, and more than the end."):
        assert said in words, done.stdout


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["-t", "m", "--document", "tagged"], "document 'tagged' was read from no file of its own"),
        (["-t", "m", "--document", "none"], "translation 'm' has no document 'none'; known are cues, "),
    ],
)
def test_what_cannot_be_delivered_says_why(arguments: list[str], message: str, corpus: Path) -> None:
    done = qosmatin(corpus, "export", "out", "-f", "original", *arguments)
    assert done.returncode == 2
    assert message in done.stderr


def test_a_format_that_no_source_has_is_refused(corpus: Path) -> None:
    config = (corpus / "job.yaml").read_text(encoding="utf-8").replace("[original, vtt, xliff]", "[docx]")
    config = config.replace("kk/*", "kk/*.txt").replace("[en/*]", "[en/*.none]").replace("folder: out", "folder: out2")
    config = config[: config.index("  - {name: people")] + "publish: {}\n"
    (corpus / "other.yaml").write_text(config, encoding="utf-8")
    done = qosmatin(corpus, "translate", "other.yaml")
    assert done.returncode == 2
    assert "translation 'm': outputs: no source can come out as docx" in done.stderr


def test_a_back_translation_is_said_to_be_one_and_tests_nothing(corpus: Path) -> None:
    row = CorpusFolder(corpus / "out").read("translations", "m").to_pylist()[0]
    assert json.loads(row["settings"])["purpose"] == "back-translation"
    config = (corpus / "job.yaml").read_text(encoding="utf-8")
    (corpus / "tested.yaml").write_text(f"{config}publish: {{test: 0.1}}\n", encoding="utf-8")
    done = qosmatin(corpus, "config", "check", "tested.yaml")
    assert "'m' is a back-translation, which nothing may be tested on" in done.stderr


@pytest.mark.parametrize(
    ("profile", "roles", "reply"),
    [
        ("house", ["system", "user", "assistant"], '{"translations": [{"id": 1, "text": "Nobody will forget it."}]}'),
        ("hunyuan-mt", ["user", "assistant"], "Nobody will forget it."),
    ],
)
def test_pairs_come_out_as_chats(profile: str, roles: list[str], reply: str, corpus: Path) -> None:
    arguments = ["-f", "chat", "-t", "m", "--document", "word", "-o", "c.jsonl", "--with-refused", "--profile", profile]
    done = qosmatin(corpus, "export", "out", *arguments)
    assert done.returncode == 0, done.stderr
    assert "c.jsonl: 2 chats" in done.stdout  # one was refused, one has no translation
    chats = [json.loads(line)["messages"] for line in (corpus / "c.jsonl").read_text(encoding="utf-8").splitlines()]
    assert [[message["role"] for message in chat] for chat in chats] == [roles, roles]
    assert "Оны ешкім ұмытпайды." in chats[-1][-2]["content"]
    assert chats[-1][-1]["content"] == reply


def test_models_that_are_not_asked_by_messages_have_no_chats(corpus: Path) -> None:
    done = qosmatin(corpus, "export", "out", "-f", "chat", "-t", "m", "--profile", "milmmt")
    assert done.returncode == 2
    assert "models of profile 'milmmt' are not asked by messages" in done.stderr
