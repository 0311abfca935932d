"""What helps to judge a pair: versions side by side, and which word means which."""

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from lxml import html
from review_material import ROOT, do, open_sqlite, rerun, rows_of
from sqlalchemy import select
from starlette.testclient import TestClient

from qosmatin.corpus.error_spans import ErrorSpan, MarkedText
from qosmatin.corpus.errors import InputError
from qosmatin.eval.marked_texts import read_marked_texts
from qosmatin.review.app import make_app
from qosmatin.review.editing.operations import Review
from qosmatin.review.editing.realigning import Realigner
from qosmatin.review.marked import MarkedErrors
from qosmatin.review.pages.pace import seconds_a_pair
from qosmatin.review.quality import quality_marks, read_glossaries
from qosmatin.review.store.queries import progress_of
from qosmatin.review.store.schema import documents as documents_table
from qosmatin.review.store.states import UNITS


@pytest.fixture(scope="module")
def two_translations(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A job of one article with a human and a machine translation."""
    from shutil import copytree

    work = tmp_path_factory.mktemp("two")
    copytree(ROOT / "examples" / "ilyashev", work / "texts")
    config = work / "job.yaml"
    config.write_text(
        "corpus: {name: news, version: 1.0.0, folder: news}\n"
        "sources:\n  - {files: [texts/kk/*.txt], lang: kk}\n"
        "translations:\n  - {name: en, lang: en, kind: human, files: [texts/en/*.txt]}\n"
        "  - {name: mt, lang: en, kind: machine, by: an engine, files: [texts/en/*.txt]}\n",
        encoding="utf-8",
    )
    rerun(config)
    return config


@pytest.fixture
def review(two_translations: Path) -> Iterator[Review]:
    engine = open_sqlite(two_translations)
    realigner = Realigner(engine)
    yield Review(engine, realigner)
    realigner.close()
    engine.dispose()
    (two_translations.parent / "news" / "review.db").unlink()


@pytest.fixture
def client(review: Review) -> TestClient:
    return TestClient(make_app(review, "r1", "news", 8765), base_url="http://127.0.0.1:8765")


def compared(client: TestClient, document: int, number: int, **keys: str) -> tuple[list[str], list[str]]:
    """The texts (source, left, right) and the changed parts of an answer."""
    answer = client.get(f"/compare/{document}/{number}", params=keys)
    assert answer.status_code == 200, answer.text
    page = html.fromstring(answer.text)
    texts = [one.text_content() for one in page.xpath("//p[@class='text']")]
    return texts, [one.text_content() for one in page.xpath("//del | //ins")]


def documents(review: Review, name: str) -> dict[str, int]:
    query = select(documents_table).where(documents_table.c.source_document == name)
    with review.engine.connect() as connection:
        rows = connection.execute(query).all()
    return {row.translation: row.id for row in rows}


def source_name(review: Review) -> str:
    from qosmatin.review.store import log

    with review.engine.connect() as connection:
        return log.read_document(connection, 1).source_document


def test_two_translations_of_the_same_sentences(client: TestClient, review: Review) -> None:
    numbers = documents(review, source_name(review))
    mine, other = (rows_of(review.engine, numbers[name]) for name in ("en", "mt"))
    done = do(review, "edit", other[1], document=numbers["mt"], target_text=f"Well, {other[1].target_text}")
    texts, changes = compared(client, numbers["en"], mine[1].number)
    assert texts[0] == mine[1].source_text
    assert {texts[1], texts[2]} == {mine[1].target_text, done.rows[0].target_text}
    assert any("Well" in one for one in changes)
    now, before = str(numbers["mt"]), f"{numbers['mt']}o"
    texts, changes = compared(client, numbers["en"], mine[1].number, left=before, right=now)
    assert (texts[1], texts[2]) == (other[1].target_text, done.rows[0].target_text)


def test_translations_that_group_differently_are_compared_where_both_cut(client: TestClient, review: Review) -> None:
    numbers = documents(review, source_name(review))
    mine, other = (rows_of(review.engine, numbers[name]) for name in ("en", "mt"))
    do(review, "merge", other[2], document=numbers["mt"])
    texts, changes = compared(client, numbers["en"], mine[3].number)
    assert texts[0] == f"{mine[2].source_text} {mine[3].source_text}"
    assert texts[1] == texts[2] == f"{mine[2].target_text} {mine[3].target_text}"
    assert changes == []


def test_there_may_be_nothing_to_compare(job: Path) -> None:
    engine = open_sqlite(job)
    client = TestClient(make_app(Review(engine), "r1", "news", 8765), base_url="http://127.0.0.1:8765")
    row = rows_of(engine)[0]
    answer = client.get(f"/compare/1/{row.number}", headers={"Accept-Language": "ru"})
    assert (answer.status_code, "сравнивать нечего" in answer.json()["message"]) == (422, True)
    assert client.get("/compare/1/9999").status_code == 409  # gone: as everywhere
    assert client.get(f"/links/1/{row.number}").json()["links"] == []  # no aligner, no lexicon
    do(Review(engine), "edit", row, target_text="New.")
    assert compared(client, 1, row.number)[0][1:] == [row.target_text, "New."]
    engine.dispose()


def test_words_are_linked_by_what_the_corpus_taught(client: TestClient, review: Review) -> None:
    row = next(row for row in rows_of(review.engine) if "сот" in row.source_text.lower() and row.target_text)
    for _ in range(30):
        answer = client.get(f"/links/1/{row.number}").json()
        if answer["ready"]:
            break
    assert answer["version"] == row.version
    pairs = {
        (row.source_text[slice(*source)].lower()[:3], row.target_text[slice(*target)].lower())
        for source, target, _strength in answer["links"]
    }
    assert ("әлн", "alnur") in pairs
    assert client.get("/links/1/9999").json()["links"] == []


MARKED = [
    ("2020 жылы 45 адам келді.", "In 2020, 45 people came.", []),
    ("2020 жылы 45 адам келді.", "In 2020 some people came.", [("numbers", "45")]),
    ("Бұл рас па?", "This is true.", [("punctuation", "?")]),
    ("Кеше Мұрат Бауыржанұлымен кездестік.", "we met him yesterday.", [("names", "Мұрат Бауыржанұлымен")]),
    ("Ол ұзақ сөйледі де кетті.", "Ол ұзақ сөйледі де кетті.", [("copy", ""), ("language", "")]),
    ("Иә.", "Yes, of course, and much more than that was said on this very long day.", [("length", "")]),
    ("Жоғарғы соттың шешімі", "Decision of the court", [("glossary", "Жоғарғы сот → Supreme Court")]),
    ("Жоғарғы соттың шешімі", "The Supreme Court's decision", []),
    ("", "Alone", []),
]


@pytest.mark.parametrize(("source", "target", "marks"), MARKED)
def test_quality_marks(source: str, target: str, marks: list[tuple[str, str]]) -> None:
    found = quality_marks(source, target, "kk", "en", {"en": {"Жоғарғы сот": "Supreme Court"}})
    assert [(one.kind, one.about) for one in found] == marks


def test_marks_are_given_for_rows_and_stand_in_the_answer_of_an_operation(review: Review) -> None:
    review.glossaries = {"en": {"сот": "tribunal"}}
    client = TestClient(make_app(review, "r1", "news", 8765), base_url="http://127.0.0.1:8765")
    row = next(row for row in rows_of(review.engine) if "сот" in row.source_text)
    do(review, "edit", row, target_text="<b>Only</b> 77?")
    answer = client.get(f"/marks?rows=1-{row.number},1-9999,9999-1,x").json()
    assert list(answer) == [f"1-{row.number}"]
    assert "glossary" in answer[f"1-{row.number}"]["html"]
    assert "сот → tribunal" in answer[f"1-{row.number}"]["html"]
    assert client.get("/marks").json() == {}


def test_glossaries_are_read_from_the_job(two_translations: Path) -> None:
    folder = two_translations.parent / "news"
    assert read_glossaries(folder) == {}
    written = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    for one in written["config"]["translations"]:
        one["glossary"] = {f"term of {one['name']}": "x"}
    (folder / "manifest.json").write_text(json.dumps(written), encoding="utf-8")
    assert read_glossaries(folder) == {"en": {"term of en": "x", "term of mt": "x"}}


def test_progress_tells_what_to_expect_of_the_rest_and_the_pace(review: Review, client: TestClient) -> None:
    rows = [row for row in rows_of(review.engine) if row.source_text and row.target_text][:11]
    for row in rows:
        assert "s a pair" not in client.get("/").text
        do(review, "accept", row)
    with review.engine.connect() as connection:
        progress = progress_of(connection, "en")
        numbers = connection.execute(select(documents_table.c.id).where(documents_table.c.translation == "en"))
        left = [
            row
            for number in numbers.scalars()
            for row in rows_of(review.engine, number)
            if not row.confirmed and row.source_text and row.target_text
        ]
        assert seconds_a_pair(connection, "r1") is not None
        assert seconds_a_pair(connection, "r2") is None
    # Sums are kept in whole parts of a pair, so that what is added and taken away leaves nothing behind.
    expected = sum(round((row.confidence or 0) * UNITS) for row in left) / UNITS / len(left)
    assert progress.precision == pytest.approx(expected)
    assert f"expected rightly aligned of the rest: {expected:.1%}" in client.get("/").text
    assert "s a pair" in client.get("/").text


def pearmut_file(path: Path, source: str, target: str, spans: list[dict[str, object]]) -> Path:
    """What Pearmut's dashboard downloads: one item of one system, judged by one person; ends are inclusive."""
    item = {"src": source, "tgt": {"engine": target}, "item_id": "a"}
    said = [{"engine": {"score": 60, "error_spans": spans}}]
    path.write_text(json.dumps([{"user_id": "ann", "item_i": 0, "item": [item], "annotation": said}]), encoding="utf-8")
    return path


def test_errors_that_others_marked_stand_at_their_pair(review: Review, tmp_path: Path) -> None:
    row = next(one for one in rows_of(review.engine) if len(one.source_text) > 9 and len(one.target_text) > 9)
    xcomet = {"engine": [{"src": row.source_text, "mt": row.target_text, "ref": "", "COMET": 0.5}]}
    xcomet["engine"][0]["errors"] = [{"start": 0, "end": 4, "severity": "critical", "text": row.target_text[:4]}]  # type: ignore[dict-item]
    (tmp_path / "xcomet.json").write_text(json.dumps(xcomet), encoding="utf-8")
    spans: list[dict[str, object]] = [{"start_i": 5, "end_i": 8, "severity": "minor", "category": "Style"}]
    people = pearmut_file(tmp_path / "people.json", row.source_text, row.target_text, spans)
    texts = [one for path in (people, tmp_path / "xcomet.json") for one in read_marked_texts(path)]
    judged = Review(review.engine, marked=MarkedErrors(texts))
    client = TestClient(make_app(judged, "r1", "news", 8765), base_url="http://127.0.0.1:8765")

    mark = client.get("/marks", params={"rows": f"1-{row.number}"}).json()[f"1-{row.number}"]["html"]
    assert "2 errors marked, critical" in mark
    panel = html.fromstring(client.get(f"/desk/1/{row.number}").text)
    assert [(one.get("class"), one.text) for one in panel.iter("mark")] == [
        ("critical", row.target_text[:4]),
        ("minor", row.target_text[5:9]),
    ]
    told = [
        " ".join(one.text_content().split()) for one in panel.xpath("//mark/ancestor::p/following-sibling::ul[1]/li")
    ]
    assert told[0].endswith("minor, Style · ann")
    assert told[1].endswith("critical · xCOMET")
    assert "before it was edited" not in panel.text_content()

    do(judged, "edit", row, source_text=None, target_text="Other words.")
    page = client.get(f"/desk/1/{row.number}").text
    assert "before it was edited" in page
    answer = client.get("/", params={"document": "1", "order": "text"})
    assert answer.status_code == 200


@pytest.mark.parametrize(
    ("source", "target", "found"),
    [
        ("Бір  сөз.", "One\nword.", True),  # white space counts as one space
        (None, "One word.", True),
        ("Екі сөз.", "One word.", False),  # the same words, of another source
        ("Бір сөз.", "One", False),
        ("Бір сөз.", "one word.", False),
    ],
)
def test_marked_texts_are_found_by_their_words(review: Review, source: str | None, target: str, found: bool) -> None:
    row = replace(rows_of(review.engine)[0], source_text="Бір сөз.", target_text="One word.", target_before=None)
    text = MarkedText(source, target, (ErrorSpan(0, 3, "major"), ErrorSpan(0, 1, "minor", side="source")))
    marked = MarkedErrors([text]).of(row)
    assert (marked is not None) == found
    if marked:
        assert marked.worst == "major"
        assert [(one.words, one.in_source) for one in marked.errors] == [("One", False), ("Б", True)]


def test_a_file_of_one_line_is_read(tmp_path: Path) -> None:
    row = {"system": "a", "mt": "One word.", "source": "Бір сөз.", "errors": [{"span": "word", "severity": "minor"}]}
    (tmp_path / "one.jsonl").write_text(json.dumps(row) + "\n", encoding="utf-8")
    (found,) = read_marked_texts(tmp_path / "one.jsonl")
    assert (found.source, found.target) == ("Бір сөз.", "One word.")
    assert [(one.start, one.end, one.severity) for one in found.spans] == [(4, 8, "minor")]


def test_a_file_that_marks_nothing_is_told(tmp_path: Path) -> None:
    path = pearmut_file(tmp_path / "none.json", "Бір.", "One.", [])
    with pytest.raises(InputError, match="no error is marked"):
        read_marked_texts(path)
