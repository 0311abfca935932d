import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qosmatin.corpus.hygiene import FAULTS, INVISIBLE_FAULTS, Fault, count_faults, find_faults, mend

NASTY = st.text(
    st.sampled_from(
        list("аәқңіһя aceh.\n\r\u0301\u0306\u0308иИй\ufeff\u200b\u00ad\u0000\u2028\u0085\u200d\U0001f468Å\u212b")
    )
)


@pytest.mark.parametrize(
    ("raw", "mended", "fault"),
    [
        ("\ufeffСәлем", "Сәлем", "bom"),
        ("бір\r\nекі\rүш\u2028төрт", "бір\nекі\nүш\nтөрт", "line-ends"),
        ("а\x00б\x1fв", "абв", "control"),
        ("қа\u00adла\u200bда\ufeff", "қалада", "zero-width"),
        ("и\u0306од", "йод", "nfc"),
        ("Қaзақстан", "Қазақстан", "mixed-script"),
        ("мəселе", "мәселе", "mixed-script"),
        ("Soviеt", "Soviet", "mixed-script"),
        ("TӨМЕН", "ТӨМЕН", "mixed-script"),
    ],
)
def test_each_fault_is_found_and_mended(raw: str, mended: str, fault: Fault) -> None:
    faults = find_faults(raw)
    assert set(count_faults(faults)) == {fault}
    assert mend(raw, faults, [fault]).text == mended
    assert mend(raw, faults, []).text == raw


@pytest.mark.parametrize(
    "text",
    [
        "Facebookтегі жазба",  # letters that look like no Cyrillic ones
        "COVID-19-дан кейін",
        "Twitter-дегі",
        "👨\u200d👩\u200d👧 отбасы",  # the joiner makes the emoji one
        "قازاق\u200cستان",
        "қазақ тілі, орыс тілі, ағылшын тілі",
        "",
    ],
)
def test_what_is_no_fault_stays(text: str) -> None:
    assert find_faults(text) == []


def test_mixed_script_is_mended_on_request_only() -> None:
    raw = "Қaзақстан\r\n"
    assert mend(raw, find_faults(raw)).text == "Қaзақстан\n"
    assert "mixed-script" not in INVISIBLE_FAULTS


@given(NASTY)
def test_each_mended_character_leads_back_to_raw_text(raw: str) -> None:
    mended = mend(raw, find_faults(raw), FAULTS)
    spans = [(mended.raw_start(at), mended.raw_end(at + 1)) for at in range(len(mended.text))]
    assert all(0 <= start < end <= len(raw) for start, end in spans)
    assert spans == sorted(spans)
    assert {at for start, end in spans for at in range(start, end)} >= {
        at for at, char in enumerate(raw) if char.isalpha()
    }
    for offset in range(len(raw) + 1):
        assert 0 <= mended.mended_offset(offset) <= len(mended.text)


@given(NASTY)
def test_unmended_characters_keep_their_place(raw: str) -> None:
    faults = find_faults(raw)
    if not {fault.fault for fault in faults} & {"control", "zero-width", "bom"}:
        # What is removed from between a letter and its accent leaves them apart; a second reading would join them.
        assert unicodedata.is_normalized("NFC", mend(raw, faults, INVISIBLE_FAULTS).text)
    plain = mend(raw, [], FAULTS)
    assert plain.text == raw
    assert [plain.raw_start(i) for i in range(len(raw))] == list(range(len(raw)))
    assert [plain.mended_offset(i) for i in range(len(raw) + 1)] == list(range(len(raw) + 1))


def test_offsets_around_edits() -> None:
    raw = "\ufeffа\r\nб\u200bв"
    mended = mend(raw, find_faults(raw))
    assert mended.text == "а\nбв"
    assert [(mended.raw_start(i), mended.raw_end(i + 1)) for i in range(4)] == [(1, 2), (2, 4), (4, 5), (6, 7)]
    assert [mended.mended_offset(i) for i in range(8)] == [0, 0, 1, 2, 2, 3, 3, 4]
