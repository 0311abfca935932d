"""Pages of PDF as they are drawn: columns by turns, running lines and what only looks so, Arabic script."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest
from documents import Drawn, write_drawn_pdf
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from qosmatin.corpus.extraction.extracted import Extracted
from qosmatin.corpus.extraction.lines import Line
from qosmatin.corpus.extraction.ordering import in_reading_order
from qosmatin.corpus.reading.documents import read_file

LEFT = ["Бірінші бағанда мәтін осылай", "жүріп, беттің ортасына дейін", "толық жолдармен жазылады да,",
        "сөйлем соңы осында бітеді.", "Тағы бір сөйлем осы бағанда", "қалады."]  # fmt: skip
RIGHT = ["Екінші бағанның мәтіні оң", "жақта тұрады және солай ғана", "оқылуы керек, өйткені қатар",
         "салынса сөйлем бұзылады ғой.", "Соңғы сөйлем осымен бітеді", "дейміз."]  # fmt: skip
HEAD = "Екі бағанның үстінде тұрған, бетті түгел алып жатқан ұзын тақырып жолы осы болады"
THIRD = ["Үшінші баған да", "бар, ол ең оң", "жақта тұр әрі", "соңынан оқылады.", "Осымен мәтін де", "бітті."]


def column(lines: Sequence[str], x: float, top: float = 700) -> list[Drawn]:
    return [(x, top - 14 * number, 11, line) for number, line in enumerate(lines)]


def by_turns(*columns: list[Drawn]) -> list[Drawn]:
    """Draw columns row by row, as typesetters' programs and converters do."""
    return [one for row in zip(*columns, strict=True) for one in row]


def read(folder: Path, *pages: Sequence[Drawn]) -> Extracted:
    return read_file(write_drawn_pdf(folder / "a.pdf", pages))


def words(text: str) -> list[str]:
    return text.split()


COLUMNS = [
    ("row by row", by_turns(column(LEFT, 72), column(RIGHT, 320)), [*LEFT, *RIGHT]),
    ("from the right", by_turns(column(RIGHT, 320), column(LEFT, 72)), [*LEFT, *RIGHT]),
    ("from the bottom", by_turns(column(LEFT, 72), column(RIGHT, 320))[::-1], [*LEFT, *RIGHT]),
    ("under a heading", [(72, 740, 11, HEAD), *by_turns(column(LEFT, 72), column(RIGHT, 320))], [HEAD, *LEFT, *RIGHT]),
    ("around a heading",
     [*by_turns(column(LEFT, 72), column(RIGHT, 320)), (72, 600, 11, HEAD),
      *by_turns(column(RIGHT, 72, 570), column(LEFT, 320, 570))], [*LEFT, *RIGHT, HEAD, *RIGHT, *LEFT]),
    ("one after the other", [*column(LEFT, 72), *column(RIGHT, 320)], [*LEFT, *RIGHT]),
    ("three", by_turns(column([one[:20] for one in LEFT], 40), column([one[:20] for one in RIGHT], 220),
                       column(THIRD, 400)), [*(one[:20] for one in LEFT), *(one[:20] for one in RIGHT), *THIRD]),
    # A table is read row by row: its cells fill no column.
    ("a table", by_turns(column(["Жыл", "1931", "1937", "1941", "1953"], 72),
                         column(["Саны", "12", "37", "41", "53"], 320)),
     ["Жыл Саны 1931 12 1937 37 1941 41 1953 53"]),
]  # fmt: skip


@pytest.mark.parametrize(("page", "lines"), [one[1:] for one in COLUMNS], ids=[one[0] for one in COLUMNS])
def test_columns_are_read_one_after_the_other(page: list[Drawn], lines: list[str], tmp_path: Path) -> None:
    assert words(read(tmp_path, page).text) == words(" ".join(lines))


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(order=st.permutations(range(12)))
def test_however_a_page_is_drawn_each_line_is_read_once(order: list[int]) -> None:
    drawn = by_turns(column(LEFT, 72), column(RIGHT, 320))
    lines = [Line(text, x, y, size, x + 5.5 * len(text)) for x, y, size, text in drawn]
    found = in_reading_order([lines[number] for number in order])
    assert sorted(word for line in found for word in words(line.text)) == sorted(words(" ".join([*LEFT, *RIGHT])))


BODY = ["Бұл бетте мәтін екі жолға созылып, беттің түгел енін алып жатыр, содан",
        "кейін ғана бітеді екен."]  # fmt: skip


def pages_of(tops: Sequence[str], feet: Sequence[str], *, size: float = 11, apart: float = 14) -> list[list[Drawn]]:
    """Return pages of which each has a top at 800 and a foot at 40, ``apart`` from the body."""
    count = max(len(tops), len(feet))
    pages = []
    for number in range(count):
        page: list[Drawn] = [(72, 800, size, tops[number])] if tops else []
        page += column([f"{number}х бет. {BODY[0]}", BODY[1]], 72, 800 - apart)
        page += [(72, 40, size, feet[number])] if feet else []
        pages.append(page)
    return pages


NUMBERS = range(1, 6)


@pytest.mark.parametrize(
    ("tops", "feet", "running"),
    [
        ([f"№ {n} билет" for n in NUMBERS], [], False),
        ([f"{n}-сабақ" for n in NUMBERS], [], False),
        ([f"{n}-тарау. Негіз" for n in NUMBERS], [], False),
        ([], [f"№ {n} билет" for n in NUMBERS], False),
        (["1931", "1937", "1941", "1953"], [], False),
        ([], ["1931", "1937", "1941", "1953"], False),
        (["1931 ж.", "1937 ж.", "1941 ж."], [], False),
        (["7", "3", "12"], [], False),
        (["XIX ғасыр", "XX ғасыр", "XXI ғасыр"], [], False),
        (["Абай жолы"] * 4, [], True),
        ([], [f"{n}-бет" for n in NUMBERS], True),
        ([], [f"5 беттің {n}-беті" for n in NUMBERS], False),
        ([], [f"бет {n}" for n in NUMBERS], True),
        ([], [f"— {n} —" for n in range(12, 17)], True),
        ([f"{n}" for n in NUMBERS], [], True),
        ([], [f"Стр. {n} из 5" for n in NUMBERS], True),
        ([], [f"{n}" for n in range(997, 1000)], True),
    ],
)  # fmt: skip
@pytest.mark.parametrize("apart", [14.0, 30.0])
def test_what_runs_along_pages_is_left_out_and_listed(
    tops: list[str], feet: list[str], running: bool, apart: float, tmp_path: Path
) -> None:
    pages = pages_of(tops, feet, apart=apart)
    found = read(tmp_path, *pages)
    edges = [*tops, *feet]
    assert [one.text for one in found.left_out] == (edges if running else [])
    shown = [text for page in pages for *_, text in page if not running or text not in edges]
    assert words(found.text) == words(" ".join(shown))


FORM = "Мен, төменде қол қойған адам, осы өтініште жазылғандардың бәрі шындық екенін"


@pytest.mark.parametrize(
    ("first", "apart", "size", "is_body"),
    [
        (FORM, 14.0, 11.0, True),  # as the lines of the body: their first
        ("Құрметті оқырман!", 14.0, 11.0, True),  # a sentence
        ("Сұрақтарға жауап беріңіз:", 14.0, 11.0, True),
        (FORM, 30.0, 11.0, False),  # set off
        (FORM, 14.0, 8.0, False),  # of another size
        ("Ауыл шежіресі", 14.0, 11.0, False),  # a short title: as heads are
    ],
)
def test_a_body_that_begins_alike_on_every_page_is_no_running_head(
    first: str, apart: float, size: float, is_body: bool, tmp_path: Path
) -> None:
    found = read(tmp_path, *pages_of([first] * 4, [], size=size, apart=apart))
    assert [one.text for one in found.left_out] == ([] if is_body else [first] * 4)
    assert found.text.count(first.split(maxsplit=1)[0]) == (4 if is_body else 0)


def test_two_lines_of_a_head_and_the_first_of_the_body(tmp_path: Path) -> None:
    heads: list[Drawn] = [(72, 800, 11, "Абай жолы"), (72, 786, 11, "Бірінші кітап")]
    pages = [[*heads, (72, 756, 11, FORM), (72, 742, 11, f"{n}х болады.")] for n in NUMBERS]
    found = read(tmp_path, *pages)
    assert [one.text for one in found.left_out] == ["Абай жолы", "Бірінші кітап"] * 5
    assert found.text.count(FORM) == 5


@pytest.mark.parametrize(
    ("page", "number", "y", "dropped"),
    [
        (2, "3", 40, True),  # in the margin, by itself
        (2, "3", 800, True),
        (2, "3", 672, False),  # the line after the text, as in a table
        (2, "3", 500, False),  # by itself, but on the page
        (2, "4", 40, False),  # another number
    ],
)
def test_a_lone_number_is_the_pages_own_in_the_margin_alone(
    page: int, number: str, y: float, dropped: bool, tmp_path: Path
) -> None:
    pages = [column([f"{n}х бет. {BODY[0]}", BODY[1]], 72) for n in range(4)]
    pages[page].append((72, y, 11, number))
    found = read(tmp_path, *pages)
    assert [one.text for one in found.left_out] == ([number] if dropped else [])
    assert (number in words(found.text)) is not dropped


def test_numbers_that_stand_here_and_there_are_no_page_numbers(tmp_path: Path) -> None:
    pages = [column([f"{n}х бет. {BODY[0]}", BODY[1]], 72, 700 - 60 * n) for n in range(4)]
    for n, page in enumerate(pages):
        page.append((72, 600 - 60 * n, 11, str(n + 1)))
    found = read(tmp_path, *pages)
    assert found.left_out == ()
    assert [word for word in words(found.text) if word.isdecimal()] == ["1", "2", "3", "4"]


# Kazakh in Arabic script as fonts draw it: letters by the forms of their places, from the left to the right.
QAZAQ, TILI, BALA = "ﻗﺎﺯﺍﻕ", "ﺗﯩﻠﻰ", "ﺑﺎﻻ"


@pytest.mark.parametrize(
    ("drawn", "text"),
    [
        (f"{TILI[::-1]} {QAZAQ[::-1]}", "قازاق تىلى"),
        (f"1931 {TILI[::-1]} {QAZAQ[::-1]}", "قازاق تىلى 1931"),
        (f"{TILI[::-1]} 1931 {QAZAQ[::-1]}", "قازاق 1931 تىلى"),
        (f".{TILI[::-1]} {QAZAQ[::-1]}", "قازاق تىلى."),
        (f"{BALA[::-1]} ({QAZAQ[::-1]})", "(قازاق) بالا"),
        (f"«{QAZAQ[::-1]} {BALA[::-1]}»", "«بالا قازاق»"),
        # What else has a compatible form is no form of a letter: signs and exponents stay.
        (f"½ 5 № {QAZAQ[::-1]}", "قازاق № 5 ½"),
    ],
)
def test_arabic_script_comes_as_it_is_written(drawn: str, text: str, tmp_path: Path) -> None:
    assert read(tmp_path, [(300, 700, 12, drawn)]).text == text


@pytest.mark.parametrize("text", ["½ м², № 5, Ⅳ тарау, ™ белгісі", "x² + ①", "ﬁ", "5 ㎏"])
def test_forms_of_other_scripts_stay(text: str, tmp_path: Path) -> None:
    found = read(tmp_path, [(72, 700, 12, f"Мәтін {text} бар.")]).text
    assert found == f"Мәтін {text} бар.".replace("ﬁ", "fi")
