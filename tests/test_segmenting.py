from functools import partial

import pytest

from qosmatin.corpus import collapse, split
from qosmatin.corpus.hygiene import FAULTS
from qosmatin.corpus.splitting.segmenting import segment

RAW = "\ufeffОл Қaзақстанға\r\nкелді.\u200b Сосын и\u0306од ішті. Кетті."


def test_offsets_lead_back_to_the_raw_text() -> None:
    document = segment("\ufeffОл келді.\u200b Сосын и\u0306од ішті.\r\nКетті.", "kk")
    raw = "\ufeffОл келді.\u200b Сосын и\u0306од ішті.\r\nКетті."
    assert [raw[one.start : one.end] for one in document.sentences] == ["Ол келді.", "Сосын и\u0306од ішті.", "Кетті."]
    assert document.texts == ("Ол келді.", "Сосын йод ішті.", "Кетті.")
    assert [one.paragraph for one in document.sentences] == [0, 0, 1]
    assert (document.text, document.lang) == (raw, "kk")


@pytest.mark.parametrize(("faults", "word"), [((), "Қaзақстан"), (FAULTS, "Қазақстан")])
def test_only_what_is_asked_for_is_mended(faults: tuple[str, ...], word: str) -> None:
    (text,) = segment("Ол Қaзақстан азаматы.", "kk", faults=faults).texts  # type: ignore[arg-type]
    assert word in text


def test_a_forced_boundary_wins_over_a_joined_one() -> None:
    raw = "\ufeffОл келді. Сосын кетті"
    at = raw.index(" Сосын")
    assert len(segment(raw, "kk", joined=[at]).texts) == 1
    assert len(segment(raw, "kk", joined=[at], forced=[at]).texts) == 2
    assert segment(raw, "kk", forced=[raw.index(" кетті")]).texts == ("Ол келді.", "Сосын", "кетті")


def test_a_bound_splitter_is_used() -> None:
    known = {"ққыз.": {"title"}}
    raw = "Бұл ққыз. Сәрсенбай келді."
    assert len(segment(raw, "kk").texts) == 2
    assert [*map(collapse, segment(raw, "kk", splitter=partial(split, abbreviations=known)).texts)] == [raw]
