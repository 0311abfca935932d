from typing import cast

import pytest

from qosmatin.corpus.filters.form import EncodingFilter
from qosmatin.corpus.hygiene import count_faults, find_faults, mend
from qosmatin.corpus.model import Pair
from qosmatin.corpus.mojibake import mended
from qosmatin.corpus.splitting.segmenting import segment

KAZAKH = "Әркімнің өз үйі, өз жері болуға құқығы бар."
OLD_FONT = "Јркімніѕ ґз їйі, ґз жері болуєа ќўќыєы бар."
RUSSIAN = "Каждый человек имеет право на «жизнь» и свободу."


@pytest.mark.parametrize(
    ("lang", "text", "right", "wrong"),
    [
        ("kk", KAZAKH, "kz1048", "cp1251"),
        ("kk", KAZAKH, "kz1048", "cp1252"),
        ("kk", KAZAKH, "utf-8", "latin-1"),
        ("kk", "Ол үйде. Біз көлде.", "kz1048", "cp1251"),
        ("ru", RUSSIAN, "cp1251", "cp1252"),
        ("ru", RUSSIAN, "utf-8", "latin-1"),
        ("ru", RUSSIAN, "cp1251", "koi8_r"),
        ("en", "Don’t say “no” to the café.", "utf-8", "latin-1"),
    ],
)
def test_what_was_read_wrongly_is_read_back(lang: str, text: str, right: str, wrong: str) -> None:
    # Bytes that an encoding leaves undefined go through as control characters, as Windows does it.
    broken = "".join(bytes([one]).decode(wrong, "ignore") or chr(one) for one in text.encode(right))
    assert broken != text
    assert mended(broken, lang) == text


def test_an_old_font_is_read_back() -> None:
    assert mended(OLD_FONT, "kk") == KAZAKH


def test_utf_8_that_was_read_wrongly_twice_is_read_back() -> None:
    once = KAZAKH.encode().decode("latin-1")
    assert mended(once.encode().decode("latin-1"), "kk") == KAZAKH


@pytest.mark.parametrize(
    ("lang", "text"),
    [
        ("kk", KAZAKH),
        ("kk", "Моє життя в Україні, її люди."),
        ("kk", "Ол «Їжакті» айтты."),
        ("ru", "Держава забезпечує всебічний розвиток української мови."),
        ("en", "The café’s crème brûlée costs £5 — naïve!"),
        ("de", "FuÃ\u009fball"),
        ("kk-Latn", "Ãlem"),
        ("kk", ""),
    ],
)
def test_what_is_right_or_of_another_language_stays(lang: str, text: str) -> None:
    assert mended(text, lang) == text


def test_the_fault_is_found_and_mended_word_by_word_with_honest_offsets() -> None:
    raw = f"Бірінші сөйлем.\n{OLD_FONT} Сосын кетті."
    faults = find_faults(raw, "kk")
    assert set(count_faults(faults)) == {"mojibake"}
    assert find_faults(raw) == []
    assert mend(raw, faults).text == raw
    text = mend(raw, faults, ["mojibake"])
    assert text.text == f"Бірінші сөйлем.\n{KAZAKH} Сосын кетті."
    word = text.text.index("жері")
    assert raw[text.raw_start(word) : text.raw_end(word + 4)] == "жері"
    found = segment(raw, "kk", faults=["mojibake"])
    assert list(found.texts) == ["Бірінші сөйлем.", KAZAKH, "Сосын кетті."]
    assert [raw[one.start : one.end] for one in found.sentences] == [
        "Бірінші сөйлем.",
        OLD_FONT,
        "Сосын кетті.",
    ]


def test_control_characters_inside_a_broken_word_are_part_of_it() -> None:
    raw = KAZAKH.encode().decode("latin-1")
    assert mend(raw, find_faults(raw, "kk"), ["mojibake", "control"]).text == KAZAKH


def test_the_filter_says_what_it_should_read() -> None:
    pytest.importorskip("ftfy")
    check = EncodingFilter(name="encoding").check("kk", "en")

    class Sides:
        source_text, target_text = OLD_FONT, "Everyone has the right to a home."

    reason = check(cast(Pair, Sides()))  # type: ignore[operator]
    assert reason == f"the source was decoded wrongly; it should read '{KAZAKH[:60]}'"
