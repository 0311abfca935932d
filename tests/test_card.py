"""What people write into a card stands beside what is counted, and stays there; personal data are looked for."""

import re
from collections import Counter
from pathlib import Path

import pyarrow as pa
import pytest
from small_corpus import copy_job, qosmatin, run_job

from qosmatin.corpus.dataset.card import _per_cent
from qosmatin.corpus.dataset.kept import kept_blocks, read_kept
from qosmatin.corpus.dataset.personal import count_personal, is_iin
from qosmatin.corpus.dataset.words import WordCounts
from qosmatin.corpus.errors import InputError
from qosmatin.stages.publish_documents import original_language

CARD = "card: {uses: uses.md, contact: us@example.org, creators: [A team], homepage: https://example.org/x}"


def test_sections_of_files_and_text_written_by_hand_stay(small_job: Path, tmp_path: Path) -> None:
    copy_job(small_job, tmp_path)
    (tmp_path / "uses.md").write_text("For *research*, not for courts.\n", encoding="utf-8")
    card = run_job(tmp_path, publish=CARD) / "dataset" / "README.md"
    text = card.read_text(encoding="utf-8")
    assert "By A team. Contact: us@example.org. Homepage: <https://example.org/x>." in text
    assert "## Uses\n\nFor *research*, not for courts.\n" in text
    written = text.replace("<!-- kept: notes -->\n", "<!-- kept: notes -->\n## Thanks\n\nTo Әсел.\n\n")
    card.write_text(written, encoding="utf-8")
    (tmp_path / "uses.md").write_text("For schools.", encoding="utf-8")
    for _ in range(2):
        run_job(tmp_path, publish=CARD)
        text = card.read_text(encoding="utf-8")
        assert "For schools." in text
        assert "For *research*" not in text
        assert text.count("## Thanks\n\nTo Әсел.\n<!-- end of kept -->") == 1
    card.write_text(text.replace("To Әсел.\n<!-- end of kept -->", "To Әсел."), encoding="utf-8")
    done = qosmatin(tmp_path, "run", "job.yaml")
    assert done.returncode == 2
    assert "the kept text 'notes' has no end" in done.stderr
    assert "To Әсел." in card.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("", {}),
        ("<!-- kept: notes -->\n<!-- end of kept -->", {}),
        ("a\n<!-- kept: notes -->\n\nb\n\nc\n<!-- end of kept -->\nd", {"notes": "b\n\nc"}),
        ("<!-- kept: mine -->\nb\n<!-- end of kept -->", {"mine": "b"}),
        (
            "<!-- kept: mine -->\nb\n<!-- end of kept -->\n<!-- kept: mine -->\nc\n<!-- end of kept -->",
            {"mine": "b\nc"},
        ),
    ],
)
def test_what_stands_between_marks_comes_back(tmp_path: Path, text: str, kept: dict[str, str]) -> None:
    card = tmp_path / "README.md"
    assert read_kept(card) == {}
    card.write_text(text, encoding="utf-8")
    assert read_kept(card) == kept
    card.write_text("\n".join(kept_blocks(kept, place) for place in ("introduction", "notes")), encoding="utf-8")
    assert read_kept(card) == kept


@pytest.mark.parametrize(
    "text",
    ["<!-- kept: a -->\nb", "b\n<!-- end of kept -->", "<!-- kept: a -->\n<!-- kept: b -->\n<!-- end of kept -->"],
)
def test_a_mark_that_is_not_closed_is_told_with_its_line(tmp_path: Path, text: str) -> None:
    (tmp_path / "README.md").write_text(text, encoding="utf-8")
    with pytest.raises(InputError, match=r"README\.md:\d"):
        read_kept(tmp_path / "README.md")


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Жазыңыз: aidar.b@mail.example.kz", ["e-mail address"]),
        ("Write to a@b or to @name", []),
        ("Тел.: +7 (701) 123-45-67", ["telephone number"]),
        ("8 701 123 45 67 нөміріне", ["telephone number"]),
        ("+77011234567", ["telephone number"]),
        ("1 500 000 теңге, 2020-2021", []),
        ("ЖСН 900101300017", ["identity number (IIN)"]),
        ("ЖСН 900101300018", []),
        ("ISBN 9786010000000, 123456789012", []),
    ],
)
def test_personal_data_are_found_by_their_form(text: str, found: list[str]) -> None:
    assert count_personal(pa.chunked_array([[text, "Сәлем."]])) == Counter(found)


@pytest.mark.parametrize(
    ("digits", "valid"),
    [
        ("900101300017", True),
        ("900101300010", False),
        ("901301300017", False),
        ("900101000017", False),
        ("000000000000", False),
    ],
)
def test_an_iin_has_a_date_and_a_check_digit(digits: str, valid: bool) -> None:
    assert is_iin(digits) is valid


@pytest.mark.parametrize(
    ("share", "certain", "told"),
    [(1.0, True, "100 %"), (1.0, False, "more than 99.9 %"), (0.9996, True, "more than 99.9 %"), (0.5, True, "50.0 %"),
     (0.999, False, "99.9 %"), (0.0, True, "0.0 %")],
)  # fmt: skip
def test_what_is_not_all_is_not_called_100_per_cent(share: float, certain: bool, told: str) -> None:
    assert _per_cent(share, certain) == told


@pytest.mark.parametrize(
    ("texts", "lang"),
    [
        ([("kk", "original"), ("en", "human")], "kk"),
        ([("kk", "human"), ("ru", "human"), ("en", "original")], "en"),
        ([("kk", "human"), ("en", "machine")], None),
    ],
)
def test_the_language_that_texts_were_first_written_in(texts: list[tuple[str, str]], lang: str | None) -> None:
    assert original_language(texts) == lang


@pytest.mark.parametrize("texts", [["Сот басталды. СОТ!", "Ол келді, сот"], ["", "бір"], [], ["x " * 61, "a_b 1,5"]])
def test_words_are_counted_as_regular_expressions_find_them(texts: list[str]) -> None:
    counts = WordCounts()
    domains = ["news" if number % 2 else "law" for number in range(len(texts))]
    for start in range(0, len(texts), 2):
        counts.add("kk", texts[start : start + 2], domains[start : start + 2])
    words = [[word.casefold() for word in re.findall(r"\w+", text)] for text in texts]
    flat = [word for some in words for word in some]
    every = counts.rows(10)
    assert every[:1] == ([("kk", "all", len(flat), len(set(flat)))] if texts else [])
    for _, domain, tokens, types in every[1:]:
        found = [word for some, of in zip(words, domains, strict=True) if of == domain for word in some]
        assert (tokens, types) == (len(found), len(set(found)))
    if texts:
        assert counts.lengths["kk"].sum() == len(texts)
