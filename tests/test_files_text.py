"""Encodings are told by the letters of the language that is stated; what is in doubt is an error."""

import pytest

from qosmatin.corpus.errors import InputError
from qosmatin.corpus.files.text import decode

TEXTS = {
    "kk": "Әркімнің өз үйі, өз жері болуға құқығы бар. Бүгін ауа райы жақсы, ал ертең жаңбыр жауады.\n",
    "ru": "Каждый имеет право на жилище и на землю. Сегодня хорошая погода, а завтра, ещё до обеда, будет дождь.\n",
    "en": "Everyone has a right to a home. Tomorrow there will be rain at the café – or so they say.\n",
}
UNICODE = ("utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-32-le", "utf-32-be")


@pytest.mark.parametrize(
    ("lang", "encoding"),
    [
        *((lang, encoding) for lang in TEXTS for encoding in UNICODE),
        *(("kk", encoding) for encoding in ("kz1048", "ptcp154")),
        *(("ru", one) for one in ("cp1251", "kz1048", "ptcp154", "koi8_r", "cp866", "iso8859_5", "mac_cyrillic")),
        ("en", "cp1252"),
    ],
)
def test_the_stated_language_tells_the_encoding(lang: str, encoding: str) -> None:
    assert decode(TEXTS[lang].encode(encoding), "a.txt", lang=lang).removeprefix("\ufeff") == TEXTS[lang]


@pytest.mark.parametrize("encoding", ["kz1048", "ptcp154", "utf-16-le", "utf-16-be", "utf-8"])
@pytest.mark.parametrize(
    "text", ["Ол үйде. Біз көлде.", "Сәлем", "ҚАЗАҚСТАН РЕСПУБЛИКАСЫНЫҢ ЗАҢЫ", "Бұл — «Егемен Қазақстан»"]
)
def test_short_kazakh_is_read_rightly_or_refused(text: str, encoding: str) -> None:
    try:
        assert decode(text.encode(encoding), "a.txt", lang="kk") == text
    except InputError as error:
        assert "its encoding is in doubt" in str(error)  # noqa: PT017 - either is right


def test_the_example_of_the_issue_is_read() -> None:
    for encoding in ("kz1048", "ptcp154"):
        assert decode("Ол үйде. Біз көлде.".encode(encoding), "a.txt", lang="kk") == "Ол үйде. Біз көлде."


def test_a_doubt_shows_both_readings_and_the_way_out() -> None:
    with pytest.raises(InputError, match=r"in \w+ it reads '.+', in \w+ '.+'; say which, as `encoding: \w+`"):
        decode("ң ғ".encode("kz1048"), "a.txt", lang="kk")


def test_a_long_file_is_weighed_by_its_beginning() -> None:
    text = TEXTS["kk"] * 5_000
    assert decode(text.encode("kz1048"), "a.txt", lang="kk") == text
