"""Warnings of input whose score would mislead."""

from dataclasses import replace

import pytest
from eval_material import segments

from qosmatin.eval.checks import check_set
from qosmatin.eval.scoring_set import ScoringSet

KAZAKH = "Қазақстан үкіметі бүгін жаңа заң жобасын қабылдады, деп хабарлады министр."
RUSSIAN = "Правительство Казахстана сегодня приняло новый закон, как сообщил министр, и не только это."
ENGLISH = "The government of Kazakhstan adopted a new law today, the minister said."


def material(system: list[str], reference: list[str], lang: str | None = None, **more: object) -> ScoringSet:
    ids = [f"line {number}" for number in range(1, len(system) + 1)]
    return replace(ScoringSet("m", {"mt": system}, [reference], ids, target_lang=lang), **more)


def varied(text: str, count: int = 20) -> list[str]:
    return [f"{text} {number}" for number in range(count)]


def other(text: str, count: int = 20) -> list[str]:
    """The same lines with a word changed, as a translation differs from a reference."""
    return [f"{text.replace(' ', ' Иә ' if 'қ' in text else ' X ', 1)} {number}" for number in range(count)]


CLEAN = [(varied(text), other(text), lang) for text, lang in ((KAZAKH, "kk"), (RUSSIAN, "ru"), (ENGLISH, "en"))]


@pytest.mark.parametrize(("system", "reference", "lang"), CLEAN)
def test_good_input_raises_no_warning(system: list[str], reference: list[str], lang: str) -> None:
    assert check_set(material(system, reference, lang)) == []


@pytest.mark.parametrize(
    ("system", "reference", "lang", "message"),
    [
        ([ENGLISH.lower() + f" {n}" for n in range(20)], other(ENGLISH), "en", "looks lower-cased"),
        (other(ENGLISH), [ENGLISH.lower() + f" {n}" for n in range(20)], "en", "reference 1: looks lower-cased"),
        (varied(ENGLISH.replace(",", " ,").replace(".", " .")), other(ENGLISH), "en", "looks tokenized"),
        (["", *varied(KAZAKH, 19)], other(KAZAKH), "kk", r"1 of 20 lines are empty \(first: line 1\)"),
        (varied(KAZAKH), ["", *other(KAZAKH, 19)], "kk", "reference 1: 1 of 20 lines are empty"),
        (varied(ENGLISH), other(KAZAKH), "kk", "mt: 20 of 20 lines are not in the script of 'kk'"),
        (varied(RUSSIAN), other(KAZAKH), "kk", "mt: hardly a letter that only Kazakh has"),
        (varied(KAZAKH), other(RUSSIAN), "ru", "mt: many letters that Russian does not have"),
        (varied(ENGLISH), varied(ENGLISH), "en", "20 of 20 lines are copies of the reference"),
        ([text[:30] for text in varied(ENGLISH)], other(ENGLISH), "en", "shorter than the reference"),
        ([ENGLISH] * 20, other(ENGLISH), "en", "20 lines are all"),
    ],
)  # fmt: skip
def test_warnings(system: list[str], reference: list[str], lang: str, message: str) -> None:
    import re

    assert [remark for remark in map(str, check_set(material(system, reference, lang))) if re.search(message, remark)]


def test_one_line_in_another_script_is_named() -> None:
    system = varied(KAZAKH)
    system[6] = ENGLISH
    (remark,) = check_set(material(system, other(KAZAKH), "kk"))
    assert (remark.lines, remark.first) == (1, "line 7")


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("Сөйлем.\tA sentence.", "have a tab in them"),
        ("<p>Сөйлем.</p>", "have markup"),
        ("Бұл <span class='x'>сөз</span>.", "have markup"),
        ("0.98712 Сөйлем осы.", "begin or end with a score"),
        ("Сөйлем осы. ||| -0.532", "begin or end with a score"),
    ],
)
def test_a_line_that_holds_more_than_its_text_is_named(line: str, message: str) -> None:
    clean = ["Ол 3.5 км жүрді, 2 < 3 екенін біледі.", "Бағасы 12.50", "x < y және y > z"]
    assert check_set(material(clean, clean[::-1])) == []
    (found,) = check_set(material(["Бір.", "Екі.", "Үш."], ["Бір сөз.", line, "Үш сөз."]))
    assert (found.text, found.first) == ("reference 1", "line 2")
    assert message in found.message


def test_copies_of_the_source_and_equal_systems() -> None:
    reference = other(ENGLISH)
    found = check_set(
        material(
            varied(KAZAKH), reference, None, sources=varied(KAZAKH), systems={"a": varied(KAZAKH), "b": varied(KAZAKH)}
        )
    )
    messages = "\n".join(map(str, found))
    assert "a: 20 of 20 lines are copies of the source" in messages
    assert "b: identical to 'a' on every line" in messages


def test_latin_script_kazakh_is_not_taken_for_another_language() -> None:
    text = "Qazaqstan ükımetı bügın jaña zañ jobasyn qabyldady"
    assert check_set(material(varied(text), other(text), "kk-Latn")) == []


def test_short_sets_are_not_judged_by_shares() -> None:
    system, reference, _ = segments(3, 1)
    assert not [remark for remark in check_set(material(system, reference)) if "looks" in str(remark)]
