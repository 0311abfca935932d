"""The languages of the pages: every word is translated, and every word of the pages can be."""

import re
from collections.abc import Iterator
from importlib.resources import files
from io import BytesIO
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_dir
from babel.messages.pofile import read_po
from lxml import html
from review_material import do, open_sqlite, rows_of
from starlette.testclient import TestClient

from qosmatin.review import words
from qosmatin.review.app import make_app
from qosmatin.review.editing.flagging import CATEGORIES
from qosmatin.review.editing.operations import Review
from qosmatin.review.pages import rendering
from qosmatin.review.pages.interface import COMMANDS
from qosmatin.review.words import LANGUAGES, choose_language, words_in

REVIEW = Path(__file__).parent.parent / "review"
METHODS = [("**.py", "python"), ("**.j2", "jinja2"), ("**.js", "javascript")]
KEYWORDS = {**DEFAULT_KEYWORDS, "N_": None, "RefusedError": None, "ConflictError": None}
PLACEHOLDER = re.compile(r"%\((\w+)\)s")
TRANSLATED = [code for code in LANGUAGES if code != "en"]


@pytest.fixture(scope="module")
def said() -> set[str]:
    """Every message in the source of the review; the first form of those that have a plural."""
    found = extract_from_dir(REVIEW, METHODS, keywords=KEYWORDS)
    return {message if isinstance(message, str) else message[0] for _path, _line, message, *_ in found}


def catalogue(language: str) -> Catalog:
    content = files("qosmatin.review").joinpath("locale", language, "LC_MESSAGES", "messages.po").read_bytes()
    return read_po(BytesIO(content), locale=language)


def messages(language: str) -> Iterator[Message]:
    return (message for message in catalogue(language) if message.id)


@pytest.mark.parametrize("language", TRANSLATED)
def test_every_message_is_translated_and_none_is_left_over(language: str, said: set[str]) -> None:
    known = {one.id if isinstance(one.id, str) else one.id[0] for one in messages(language)}
    assert known == said
    for one in messages(language):
        assert not one.fuzzy
        assert all([one.string] if isinstance(one.string, str) else one.string), one.id


@pytest.mark.parametrize("language", TRANSLATED)
def test_placeholders_are_the_same_in_every_form(language: str) -> None:
    for one in messages(language):
        ids, strings = ([form] if isinstance(form, str) else form for form in (one.id, one.string))
        wanted = set(PLACEHOLDER.findall(ids[-1]))
        for form in strings:
            assert set(PLACEHOLDER.findall(form)) == wanted, one.id
            assert "%" not in PLACEHOLDER.sub("", form), one.id


LATIN, CYRILLIC = re.compile("[A-Za-z]"), re.compile("[\u0400-\u04ff]")
AS_THEY_ARE = re.compile(
    "Enter|Esc|Ctrl|Backspace|Shift|Alt|Tab|MQM|qosmatin|run|review|campaign|new|results|sample|pairing|content|[Ss]eed|id"
)
"""Words in Latin letters that every language has: keys, commands, names."""


@pytest.mark.parametrize(("language", "dash"), [("ru", " — "), ("kk", " – ")])
def test_words_are_of_one_piece(language: str, dash: str) -> None:
    for one in messages(language):
        first = one.id if isinstance(one.id, str) else one.id[0]
        for text in [one.string] if isinstance(one.string, str) else one.string:
            words = re.findall(r"\w+", PLACEHOLDER.sub("", text))
            assert not [word for word in words if LATIN.search(word) and CYRILLIC.search(word)], text
            assert all(AS_THEY_ARE.fullmatch(word) for word in words if LATIN.search(word)), text
            assert not re.search(" [–—] ", text.replace(dash, "")), text  # one dash for a language
            assert "сегмент" not in text.lower(), text  # what is reviewed is a pair
            assert '"' not in text, text
            if first[0].isalpha() and text[0].isalpha():
                assert first[0].isupper() == text[0].isupper(), first


def test_no_message_stands_twice() -> None:
    for language in TRANSLATED:
        text = files("qosmatin.review").joinpath("locale", language, "LC_MESSAGES", "messages.po").read_text("utf-8")
        ids = re.findall(r'^msgid "(.+)"$', text, re.MULTILINE)
        assert len(ids) == len(set(ids))


@pytest.mark.parametrize(("language", "forms"), [("ru", 3), ("kk", 2)])
def test_plural_forms(language: str, forms: int) -> None:
    assert catalogue(language).num_plurals == forms
    assert all(len(one.string) == forms for one in messages(language) if not isinstance(one.id, str))


@pytest.mark.parametrize(
    ("language", "num", "text"),
    [
        ("en", 1, "1 row"),
        ("en", 2000000, "2,000,000 rows"),
        ("ru", 21, "21 строка"),
        ("ru", 3, "3 строки"),
        ("ru", 11, "11 строк"),
        ("ru", 2000000, "2 000 000 строк"),
        ("kk", 5, "5 жол"),
    ],
)
def test_numbers_and_plurals(language: str, num: int, text: str) -> None:
    assert words_in(language).ngettext("%(num)s row", "%(num)s rows", num).replace("\u00a0", " ") == text


@pytest.mark.parametrize(
    ("cookie", "header", "language"),
    [
        ("", "", "en"),
        ("", "kk-KZ,kk;q=0.9,ru;q=0.8", "kk"),
        ("", "de, en;q=0.5, ru;q=0.7", "ru"),
        ("", "ru;q=0, en", "en"),
        ("", "ru;q=x;;,,", "en"),
        ("ru", "kk", "ru"),
        ("xx", "kk", "kk"),
        ("../../etc", "", "en"),
    ],
)
def test_the_language_is_the_chosen_one_or_the_browsers(cookie: str, header: str, language: str) -> None:
    assert choose_language({"language": cookie} if cookie else {}, {"accept-language": header}) == language


class Bracketed(words.Words):
    """A language that shows what went through it."""

    def gettext(self, message: str, **values: object) -> str:
        return f"⟦{super().gettext(message, **values)}⟧"

    def ngettext(self, one: str, many: str, num: int, **values: object) -> str:
        return f"⟦{super().ngettext(one, many, num, **values)}⟧"

    def day(self, moment: str) -> str:
        return f"⟦{super().day(moment)}⟧"

    def moment(self, moment: str) -> str:
        return f"⟦{super().moment(moment)}⟧"


@pytest.fixture
def review(job: Path) -> Iterator[Review]:
    engine = open_sqlite(job)
    yield Review(engine)
    engine.dispose()


@pytest.fixture
def client(review: Review) -> TestClient:
    return TestClient(make_app(review, "r1", "news", 8765), base_url="http://127.0.0.1:8765")


def is_from_elsewhere(element: html.HtmlElement) -> bool:
    """Whether an element shows no words of ours: a key, a text or name from the corpus, a language by its own name."""
    classes = {"text", "diff", "document", "bead"} & set(element.get("class", "").split())
    names = element.xpath("ancestor::select[@name='translation' or @name='document']") and element.get("value")
    return bool(element.tag in ("kbd", "h1", "del", "ins") or classes or names or element.get("hreflang"))


@pytest.mark.parametrize(
    "address",
    [
        "/",
        "/?search=nothing-has-this",
        "/?show=flagged",
        "/aside",
        "/aside?empty",
        "/samples",
        "/matches",
        "/campaigns",
        "/history/1/1",
        "/documents",
    ],
)
def test_no_word_of_a_page_goes_untranslated(
    review: Review, client: TestClient, address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    said = {"target_text": "New.", "category": CATEGORIES[0], "severity": "major", "comment": "⟦why⟧", "text": "⟦who⟧"}
    for kind, at in (("edit", 0), ("unpair", 1), ("flag", 2), ("comment", 2)):
        do(review, kind, rows_of(review.engine)[at], **said)
    if address == "/aside":
        do(review, "reject", rows_of(review.engine)[-1])
    english = words_in("en")
    for module in (rendering, words):
        monkeypatch.setattr(module, "words_in", lambda _: Bracketed("en", english.translations, "{}"))
    rendering.templates_in.cache_clear()
    try:
        page = html.fromstring(client.get(address).text)
    finally:
        rendering.templates_in.cache_clear()
    names = set(page.xpath("//*[@class='document']/text()"))
    for element in page.body.iter():
        texts = [element.text or "", *(child.tail or "" for child in element)]
        if is_from_elsewhere(element):
            texts = []
        texts += [element.get(name, "") for name in ("aria-label", "title", "placeholder", "alt")]
        for text in texts:
            rest = re.sub(r"⟦.*?⟧", "", text)
            for name in names:
                rest = rest.replace(name, "")
            assert not re.search(r"[^\W\d_]{2,}", rest.replace("r1", "")), (element.tag, text)


def test_no_word_of_the_scripts_goes_untranslated() -> None:
    for path in (REVIEW / "static").glob("*.js"):
        code = re.sub(r"//.*", "", path.read_text(encoding="utf-8"))
        code = re.sub(r'\b_\("[^"]*"', "", code)
        for text in re.findall(r'"([^"]*)"|`([^`]*)`', code):
            assert not re.match(r"[A-Z][a-z]+ [a-z]", "".join(text)), (path.name, text)


def test_the_page_speaks_the_chosen_language_and_so_do_refusals(client: TestClient, review: Review) -> None:
    assert 'lang="kk"' in client.get("/", headers={"Accept-Language": "kk"}).text
    answer = client.get("/language/ru?back=/%3Fshow%3Dall", follow_redirects=False)
    assert (answer.status_code, answer.headers["location"]) == (303, "/?show=all")
    page = client.get("/").text
    assert "Проверено 0 из" in page
    assert "Не сохранено" in page  # what the scripts say
    token = re.search(r'name="csrf-token" content="([^"]+)"', page)
    assert token is not None
    headers = {"Origin": "http://127.0.0.1:8765", "X-CSRF-Token": token.group(1)}
    assert client.post("/undo", headers=headers).json()["message"] == "отменять нечего"
    row = rows_of(review.engine)[0]
    body = {"kind": "accept", "document": 1, "number": row.number, "version": row.version}
    answer = client.post("/operations", json=body, headers=headers)
    assert answer.json()["message"] == "Сохранено."
    assert "принято: r1" in answer.json()["rows"][0]["html"]


@pytest.mark.parametrize("back", ["//evil.example", "/\\evil.example", "https://evil.example", "evil"])
def test_choosing_a_language_leads_nowhere_else(client: TestClient, back: str) -> None:
    answer = client.get("/language/kk", params={"back": back}, follow_redirects=False)
    assert answer.headers["location"] == "/"


def test_no_two_commands_have_one_key() -> None:
    keys = [key for one in COMMANDS for key in one.key.split()]
    assert len(keys) == len(set(keys))


@pytest.mark.parametrize(
    ("language", "expected"),
    [
        ("en", "Nov 29, 2026, 9:05 PM UTC"),
        ("ru", "29 нояб. 2026 г., 21:05 UTC"),
        ("kk", "2026 ж. 29 қар., 21:05 UTC"),
    ],
)
def test_moments_name_the_month_and_the_whole_year(language: str, expected: str) -> None:
    written = " ".join(words_in(language).moment("2026-11-29T21:05:33.5+00:00").split())
    assert written == expected
