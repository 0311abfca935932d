"""Raised text: marks of notes are no part of the word before them, exponents and degrees are."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qosmatin.corpus.extraction.equations import linear
from qosmatin.corpus.extraction.extracted import ExtractSettings, settled
from qosmatin.corpus.extraction.marks import high, lowered, noted, raised, settle


@pytest.mark.parametrize(
    ("before", "mark", "after", "text", "is_note"),
    [
        ("Ол 1931", "4", " жылы туды.", "Ол 1931 жылы туды.", True),
        ("кетті.", "5", " Келмеді.", "кетті. Келмеді.", True),
        ("сөз", "12", ", сөз", "сөз, сөз", True),
        ("сөз", "1, 2", " сөз", "сөз сөз", True),
        ("сөз", "[3]", "", "сөз", True),
        ("сөз", "[дереккөзі жоқ]", "", "сөз", True),
        ("1931", "*", ",", "1931,", True),
        ("сөз", "a", ".", "сөз.", True),
        ("»", "7", " деді", "» деді", True),
        ("(1931)", "4", " жылы", "(1931) жылы", True),
        ("25", "3", " адам", "25 адам", True),
        ("", "4", "Түсініктеме.", "Түсініктеме.", True),
        ("1931", "4", "жылы", "1931 жылы", True),
        ("Абай", "1", "дың", "Абайдың", True),
        ("20 м", "2", " үй", "20 м² үй", False),
        ("3 км", "2", "", "3 км²", False),
        ("5 см", "3", ".", "5 см³.", False),
        ("9,8 м/с", "2", "", "9,8 м/с²", False),
        ("x", "2", " + y", "x² + y", False),
        ("(a+b)", "2", "", "(a+b)²", False),
        ("10", "6", " рет", "10⁶ рет", False),
        ("10", "−3", " м", "10⁻³ м", False),
        ("2", "3", " = 8", "2³ = 8", False),
        ("", "14", "C әдісі", "¹⁴C әдісі", False),
        ("20", "0", "C", "20°C", False),
        ("20", "о", " жылы", "20° жылы", False),
        ("3", "1", "/2", "3 1/2", False),
        ("20", "th", " century", "20th century", False),
        ("1-", "ші", " сынып", "1-ші сынып", False),
        ("e", "-x", "", "e^(-x)", False),
    ],
)
def test_a_mark_of_a_note_is_known_from_an_exponent(
    before: str, mark: str, after: str, text: str, is_note: bool
) -> None:
    assert settle(before + raised(mark) + after) == (text, [(len(before), mark)] if is_note else [])
    typed = before + high(mark) + after
    if high(mark) != mark and not text.count("°") and "/2" not in after:
        assert settle(typed)[0] == text, "typed with Unicode's raised digits"


def test_what_a_format_calls_a_mark_is_one() -> None:
    assert settle("x" + noted("2") + " 1931" + noted("1") + "бап") == ("x 1931 бап", [(1, "2"), (6, "1")])
    assert settle("сөз" + raised("1") + raised("2")) == ("сөз", [(3, "12")])
    assert (lowered("2"), lowered("ab"), high("2")) == ("₂", "ab", "²")


def test_marks_are_dropped_and_listed_or_stand_beside_as_tags() -> None:
    paragraphs = [" Ол 1931" + raised("4") + " жылы. ", "", "Кетті." + noted("*")]
    text, tags, dropped = settled(paragraphs, ExtractSettings())
    assert (text, tags) == ("Ол 1931 жылы.\n\nКетті.", ())
    assert dropped == [("note mark", "4"), ("note mark", "*")]
    text, tags, dropped = settled(paragraphs, ExtractSettings(note_marks="tags"))
    assert (text, dropped) == ("Ол 1931 жылы.\n\nКетті.", [])
    assert [(tag.at, tag.id, tag.code) for tag in tags] == [(7, "1", "4"), (len(text), "2", "*")]


@given(st.lists(st.text(st.characters(exclude_categories=["Cs", "Cn", "Co", "No"]), max_size=20), max_size=5))
def test_text_without_raised_parts_stays_as_it_is(paragraphs: list[str]) -> None:
    text, tags, dropped = settled(paragraphs, ExtractSettings(note_marks="tags"))
    assert (text, tags, dropped) == ("\n\n".join(filter(None, (one.strip() for one in paragraphs))), (), [])


@given(st.text("Оау 19.4²", max_size=12), st.text("1234*[]ab ", max_size=3), st.text("аб 2.=", max_size=6))
def test_no_character_is_lost_but_marks(before: str, mark: str, after: str) -> None:
    text, notes = settle(before + raised(mark) + after)
    assert "\ufdd0" not in text
    assert "\ufdd2" not in text
    assert all(0 <= at <= len(text) for at, _ in notes)


MATHS = "http://www.w3.org/1998/Math/MathML"


@pytest.mark.parametrize(
    ("equation", "line"),
    [
        ("<msup><mi>x</mi><mn>2</mn></msup><mo>+</mo><mn>1</mn>", "x²+1"),
        ("<mfrac><mrow><mi>a</mi><mo>+</mo><mi>b</mi></mrow><mi>c</mi></mfrac>", "(a+b)/c"),
        ("<msqrt><mn>2</mn></msqrt>", "√(2)"),
        ("<msub><mi>a</mi><mi>ij</mi></msub>", "a_ij"),
        ("<msup><mi>e</mi><mrow><mo>-</mo><mi>x</mi></mrow></msup>", "e^(-x)"),
    ],
)
def test_equations_stand_in_one_line(equation: str, line: str) -> None:
    from lxml import etree

    assert linear(etree.fromstring(f'<math xmlns="{MATHS}">{equation}</math>')) == line
