"""What a memory finds: likeness in percent, numbers put in their places, words in any form, and the index behind it."""

import json
import random
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qosmatin.corpus.errors import InputError
from qosmatin.corpus.formats.files import Heading, write_segments
from qosmatin.corpus.formats.segments import SegmentPair
from qosmatin.corpus.memory import Memory, analyse, build_index, likeness, open_memories, open_memory, prepare
from qosmatin.corpus.memory.substitution import substituted

UNITS = [
    SegmentPair("Сот 2020 жылы 5 мамырда шешім шығарды.", "On 5 May 2020 the court made a decision.", kind="human"),
    SegmentPair("Халқымыз жаңа заңды қолдады.", "Our people supported the new law.", dated_at="2024-01-01T00:00:00Z"),
    SegmentPair("Халқымыз жаңа заңды қолдады.", "The people backed the new law.", dated_at="2020-01-01T00:00:00Z"),
    SegmentPair("Ол мектепке барды.", "He went to school.", kind="machine"),
    SegmentPair("Бас тартылған жұп.", "A refused pair.", status="rejected"),
    SegmentPair("Бос.", " "),
]


@pytest.fixture(scope="module")
def memory() -> Memory:
    return Memory([build_index(UNITS, "a.tmx")], "kk", "en")


FOUND = [
    ("Халқымыз жаңа заңды қолдады.", 100, "Our people supported the new law.", "same"),
    ("Халқымыз  жаңа заңды қолдады.", 100, "Our people supported the new law.", "same"),
    ("халқымыз жаңа заңды қолдады.", 99, "Our people supported the new law.", "same"),
    ("Халқымыз жаңа заңды қолдайды.", 88, "Our people supported the new law.", "same"),
    ("Сот 2021 жылы 7 мамырда шешім шығарды.", 99, "On 7 May 2021 the court made a decision.", "replaced"),
    ("Сот 5 жылы 2020 мамырда шешім шығарды.", 99, "On 2020 May 5 the court made a decision.", "replaced"),
    ("Сот 2021 жылы мамырда шешім шығарды.", 89, "On 5 May 2020 the court made a decision.", "differ"),
]


@pytest.mark.parametrize(("text", "percent", "target", "placeables"), FOUND)
def test_matches(memory: Memory, text: str, percent: int, target: str, placeables: str) -> None:
    best = memory.find(text, 50)[0]
    assert (best.percent, best.target, best.placeables, best.origin) == (percent, target, placeables, "a.tmx")


def test_what_is_left_out_and_what_comes_first(memory: Memory) -> None:
    assert len(memory) == 4
    assert memory.find("Бас тартылған жұп.") == []
    assert memory.find("Мүлде басқа сөйлем", 50) == []
    assert memory.find("", 50) == []
    both = memory.find("Халқымыз жаңа заңды қолдады.")
    assert [one.target for one in both] == ["Our people supported the new law.", "The people backed the new law."]
    assert [one.percent for one in memory.find("Ол мектепке барды!", 50, kinds=("human",))] == []


SUBSTITUTED = [
    ("3 адам келді", "5 адам келді", "3 people came", "en", "5 people came"),
    ("1 адам келді", "5 адам келді", "1 person came", "en", None),  # the noun changes
    ("2 жыл", "3 жыл", "2 года", "ru", "3 года"),
    ("2 жыл", "5 жыл", "2 года", "ru", None),
    ("21 жыл", "31 жыл", "21 год", "ru", "31 год"),
    ("3 және 3", "5 және 5", "3 and three", "en", None),  # one is spelt
    ("3 пен 4", "4 пен 3", "3 and 4", "en", "4 and 3"),
    ("3 пен 3", "4 пен 5", "3 and 3", "en", None),  # which is which?
    ("3,5 пайыз", "4,5 пайыз", "3.5 percent", "en", None),  # written otherwise
    ("1 500 теңге", "2 500 теңге", "1 500 tenge", "en", "2 500 tenge"),
    ("1 500 теңге", "2500 теңге", "1 500 tenge", "en", None),
    ("5 бет", "6 бет", "on the 5th page", "en", None),  # an ending hangs on it
    ("страница 5", "страница 6", "5-бет", "kk", None),
    ("<b>3</b> адам", "<i>3</i> адам", "<b>3</b> people", "en", "<i>3</i> people"),
    ("{0} адам", "{1} адам", "{0} people", "en", "{1} people"),
    ("3 адам", "{0} адам", "3 people", "en", None),
    ("https://a.kz қараңыз", "https://b.kz қараңыз", "see https://a.kz", "en", "see https://b.kz"),
]


@pytest.mark.parametrize(("old", "new", "target", "lang", "expected"), SUBSTITUTED)
def test_numbers_and_tags_are_replaced_where_that_is_safe(
    old: str, new: str, target: str, lang: str, expected: str | None
) -> None:
    assert substituted(prepare(new).placeables, prepare(old).placeables, target, lang) == expected


@settings(deadline=None)
@given(st.text(max_size=60), st.text(max_size=60))
def test_likeness_is_symmetric_and_100_for_the_same_text_alone(one: str, other: str) -> None:
    alike = likeness(prepare(one), prepare(other))
    assert alike == likeness(prepare(other), prepare(one))
    assert 0 <= alike.percent <= 100
    assert (alike.percent == 100) == (prepare(one).text == prepare(other).text)


WORDS = [
    ("халық", "source", [(0, 8)]), ("халыққа заңы", "source", [(0, 8), (14, 19)]), ("шешімдер", "source", [(24, 29)]),
    ("сотқа мектеп", "source", None), ("courts", "target", [(18, 23)]), ("people laws", "target", [(4, 10), (26, 29)]),
    ("2020", "source", [(4, 8)]), ("", "source", None), ("zzz", "target", None),
]  # fmt: skip


@pytest.mark.parametrize(("words", "side", "places"), WORDS)
def test_concordance(memory: Memory, words: str, side: str, places: list[tuple[int, int]] | None) -> None:
    found = memory.concordance(words, side)  # type: ignore[arg-type]
    assert [list(one.places) for one in found[:1]] == ([] if places is None else [places])


def test_the_index_finds_what_comparing_with_every_unit_finds() -> None:
    draw = random.Random(1)
    words = [
        a + b + c for a in ("бал", "кіт", "сот", "заң", "жол") for b in "аеоы" for c in ("қ", "ндық", "лер", "мын")
    ]
    sources = [" ".join(draw.choices(words, k=draw.randint(2, 9))) for _ in range(1500)]
    memory = Memory([build_index(SegmentPair(one, one) for one in sources)], "kk", "en")
    for text in draw.sample(sources, 30):
        parts = text.split()
        parts[draw.randrange(len(parts))] = draw.choice(words)
        query = " ".join(parts)
        best = max(likeness(prepare(query), prepare(one)).percent for one in sources)
        if best >= 60:
            assert [one.percent for one in memory.find(query, 50, limit=1)] == [best], query


def tmx(path: Path, *units: SegmentPair, langs: tuple[str, str] = ("kk", "en")) -> Path:
    write_segments("tmx", path, units, Heading("memory", *langs))
    return path


def test_the_index_stands_beside_the_memory_and_is_made_anew_when_that_changes(tmp_path: Path) -> None:
    path = tmx(tmp_path / "a.tmx", *UNITS[:2])
    for _ in range(2):
        assert open_memory([path], "kk", "en").find(UNITS[0].source)[0].target == UNITS[0].target
    made = {one.name: one.stat().st_mtime_ns for one in (tmp_path / "a.tmx.index" / "kk-en").iterdir()}
    open_memory([path], "kk", "en")
    assert made == {one.name: one.stat().st_mtime_ns for one in (tmp_path / "a.tmx.index" / "kk-en").iterdir()}
    tmx(path, UNITS[3])
    path.chmod(0o600)
    assert len(open_memory([path], "kk", "en")) == 1
    folder = tmp_path / "a.tmx.index" / "kk-en"
    assert {oct(one.stat().st_mode & 0o777) for one in (folder, *folder.iterdir())} == {"0o700", "0o600"}
    (tmp_path / "a.tmx.index" / "kk-en" / "index.json").write_text("{", encoding="utf-8")
    assert len(open_memory([path], "kk", "en")) == 1


BAD = [
    ("<tmx", "no well-formed XML"),
    ("<xliff/>", "this is no TMX"),
    (None, "there is no such memory"),
    ("ru", "no unit has both 'kk' and 'en'; languages here: kk, ru"),
    ("refused", "no pair of kk and en in it can serve"),
    ("exchanged", "6 of the first 6 sources are not written in 'kk'; are its languages exchanged"),
]


@pytest.mark.parametrize(("content", "message"), BAD)
def test_bad_memories_are_told(tmp_path: Path, content: str | None, message: str) -> None:
    path = tmp_path / "bad.tmx"
    if content == "ru":
        tmx(path, UNITS[0], langs=("kk", "ru"))
    elif content == "exchanged":
        tmx(path, *(SegmentPair(f"Sentence number {at} is here.", f"Бұл {at}-сөйлем мұнда.") for at in range(6)))
    elif content == "refused":
        tmx(path, UNITS[4])
    elif content is not None:
        path.write_text(content, encoding="utf-8")
    with pytest.raises(InputError, match=f"bad.tmx.*{message}"):
        open_memory([path], "kk", "en")
    with pytest.raises(InputError, match=r"bad\.tmx"):
        open_memories([path], "kk", ["en"])


def test_one_language_is_enough_for_a_memory_of_several_translations(tmp_path: Path) -> None:
    found = open_memories([tmx(tmp_path / "a.tmx", *UNITS[:2])], "kk", ["en", "ru"])
    assert {lang: len(one) for lang, one in found.items()} == {"en": 2, "ru": 0}
    assert found["ru"].find("Халқымыз") == found["ru"].concordance("халық", "source") == []


def bands(memory: Memory, *sentences: str) -> Iterator[str]:
    for at in range(len(sentences)):
        tallies = [analyse({"a": sentences[: end + 1]}, memory)[-1].bands for end in (at - 1, at)]
        yield next(band for band in tallies[1] if tallies[1][band].segments > tallies[0][band].segments)


def test_leverage(memory: Memory) -> None:
    text = """Халқымыз жаңа заңды қолдады. | Ол мектепке барды. | Ол мектепке барды.
        | Сот 2021 жылы 7 мамырда шешім шығарды. | Халқымыз жаңа заңды қолдайды. | Халқымыз ескі заңды қолдайды.
        | Халқымыз бұл заңды жақсы қолдайды. | Жоқ! | Жоқ!"""
    sentences = [one.strip() for one in text.split("|")]
    assert list(bands(memory, *sentences)) == [
        "exact", "context", "exact", "95-99", "85-94", "50-74", "50-74", "none", "repetition",
    ]  # fmt: skip
    one, whole = analyse({"a": ["Ол мектепке барды."]}, memory)
    assert (one.name, whole.name) == ("a", "")
    assert (whole.total.segments, whole.total.words, whole.total.characters) == (1, 3, 16)


def test_an_analysis_by_command_and_as_a_sheet(tmp_path: Path) -> None:
    import openpyxl
    from small_corpus import qosmatin_here

    path = tmx(tmp_path / "m.tmx", *UNITS[:3])
    (tmp_path / "a.txt").write_text("Халқымыз жаңа заңды қолдады. =1+1 дұрыс емес.", encoding="utf-8")
    done = qosmatin_here(tmp_path, "memory", "analyse", "a.txt", "m.tmx", "-o", "a.xlsx")
    assert done.returncode == 0, done.stderr
    sheet = openpyxl.load_workbook(tmp_path / "a.xlsx").active
    assert sheet is not None
    rows = [row[:4] for row in sheet.iter_rows(values_only=True)]
    assert rows[:2] == [("document", "match", "sentences", "words"), ("a.txt", "exact", 1, 4)]
    assert rows[-1][:3] == ("all", "total", 2)
    assert path.exists()
    done = qosmatin_here(tmp_path, "memory", "analyse", "a.txt", "m.tmx", "-o", "a.ods")
    assert done.returncode == 2


def test_a_job_takes_near_matches_as_a_machines(small_job: Path, tmp_path: Path) -> None:
    import pyarrow.parquet as pq
    from small_corpus import copy_job, qosmatin_here, write_config

    copy_job(small_job, tmp_path)
    tmx(tmp_path / "m.tmx", SegmentPair("Оқу тегін болды.", "Study was free."),
        SegmentPair("Жолдар жабылып қалды.", "The roads were blocked."))  # fmt: skip
    write_config(tmp_path)
    job = (tmp_path / "job.yaml").read_text(encoding="utf-8")
    section = "  - {name: tm, lang: en, engine: memory, memories: [m.tmx], min_match: 75, by: A bureau}\npublish"
    (tmp_path / "job.yaml").write_text(job.replace("publish", section, 1), encoding="utf-8")
    done = qosmatin_here(tmp_path, "run", "job.yaml")
    assert done.returncode == 0, done.stderr
    assert "1 of 9 sentences stand in the memory, 1 nearly" in " ".join((done.stdout + done.stderr).split())
    found = {}
    for path in (tmp_path / "out" / "dataset").rglob("kk-en-tm*/*.parquet"):
        for row in pq.read_table(path).to_pylist():
            found[row["translation"]["en"]] = row["target_kind"], row["target_by"]
    assert found == {
        "The roads were blocked.": ("human", "A bureau"),
        "Study was free.": ("machine", "A bureau, match of 84 %"),
    }
    rows = pq.read_table(tmp_path / "out" / "translations" / "tm.parquet").to_pylist()
    flags = [flag for row in rows for one in row["sentences"] for flag in one["flags"]]
    assert flags == ["memory-84"]
    assert json.loads(rows[0]["settings"])["min_match"] == 75
