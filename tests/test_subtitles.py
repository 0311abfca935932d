"""Subtitles in and out: the formats' own grammar, captions that roll, times that stay with the sentences."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qosmatin.corpus.errors import InputError
from qosmatin.corpus.extraction import extract
from qosmatin.corpus.extraction.subtitles import unroll
from qosmatin.corpus.formats.captions import Cue, captions_of, spread, write_srt, write_vtt
from qosmatin.corpus.model import Pair, Provenance

T = [f"00:00:{second:02}" for second in range(0, 60, 2)]


def read(folder: Path, name: str, text: str) -> list[str]:
    (folder / name).write_text(text, encoding="utf-8")
    return extract(folder / name).text.split("\n\n")


def srt(*cues: str, numbered: bool = True, gap: str = "\n") -> str:
    blocks = [f"{T[n]},000 --> {T[n + 1]},000\n{cue}\n" for n, cue in enumerate(cues)]
    return gap.join(f"{number}\n{one}" if numbered else one for number, one in enumerate(blocks, start=1))


SRT = [
    (srt("Бір.", "37", "37"), ["Бір.", "37 37"]),
    (srt("Бір.", "Екі.\n37"), ["Бір.", "Екі. 37"]),
    (srt("Бір.", "37", numbered=False), ["Бір.", "37"]),
    (srt("37", "Екі.\n38", "39.", numbered=False), ["37 Екі. 38 39."]),
    (srt("1", "2", "3"), ["1 2 3"]),
    (srt("1937", "2.", gap=""), ["1937 2."]),
    (srt("Бір.", "2025", numbered=False, gap=""), ["Бір.", "2025"]),
    (srt("Бір.", "Екі.\n\nҮш."), ["Бір.", "Екі. Үш."]),
    (srt("", "Екі."), ["Екі."]),
    # As players read it: points for commas, short clocks, coordinates, carriage returns.
    ("1\n0:0:1.5 --> 0:0:2.0 X1:40 X2:600 Y1:20 Y2:50\nБір.\n", ["Бір."]),
    ("1\r\n00:00:01,000 --> 00:00:02,000\r\nБір.\r\n\r\n2\r\n00:00:02,000 --> 00:00:03,000\r\n37\r\n", ["Бір.", "37"]),
    ("1\r00:00:01,000 --> 00:00:02,000\rБір.\r", ["Бір."]),
    (srt("<i>Бір</i> <b>екі</b>", "{\\an8}<font color='red'>үш.</font>"), ["Бір екі үш."]),
    (srt("Tom &amp; Jerry &#1179;&nbsp;&lt;3, a < b"), ["Tom & Jerry қ <3, a < b"]),
]  # fmt: skip


@pytest.mark.parametrize(("text", "said"), SRT)
def test_srt_keeps_what_is_said(text: str, said: list[str], tmp_path: Path) -> None:
    assert read(tmp_path, "a.srt", text) == said


def vtt(*blocks: str, head: str = "WEBVTT") -> str:
    return "\n\n".join([head, *blocks]) + "\n"


def cue(number: int, text: str, settings_: str = "") -> str:
    return f"00:{number:02}.000 --> 00:{number + 1:02}.000{settings_}\n{text}"


# Census of the grammar of WebVTT (W3C, section 4): every kind of block, cue component and cue setting.
WEBVTT = [
    ("header text", vtt(cue(1, "Бір."), head="WEBVTT - A title"), ["Бір."]),
    ("header metadata", vtt(cue(1, "Бір."), head="WEBVTT\nKind: captions\nLanguage: kk"), ["Бір."]),
    ("byte order mark", "\ufeff" + vtt(cue(1, "Бір.")), ["Бір."]),
    ("comment block", vtt("NOTE one line", cue(1, "Бір."), "NOTE\nof two\nlines", cue(2, "Екі."), "NOTE last"),
     ["Бір.", "Екі."]),
    ("style block", vtt("STYLE\n::cue(b) { color: red }", cue(1, "Бір.")), ["Бір."]),
    ("region definition", vtt("REGION\nid:fred\nwidth:40%\nlines:3", cue(1, "Бір.", " region:fred")), ["Бір."]),
    ("cue identifier", vtt("1\n" + cue(1, "Бір."), "intro - x\n" + cue(2, "37"), "42\n" + cue(3, "42.")),
     ["Бір.", "37 42."]),
    ("cue settings", vtt(cue(1, "Бір.", " vertical:rl line:0 position:10%,line-left size:35% align:start")), ["Бір."]),
    ("hours", vtt("100:00:01.000 --> 100:00:02.000\nБір."), ["Бір."]),
    ("empty cue", vtt(cue(1, ""), cue(2, "Екі.")), ["Екі."]),
    ("class span", vtt(cue(1, "<c.yellow.bg_blue>Бір</c>.")), ["Бір."]),
    ("italics, bold, underline", vtt(cue(1, "<i>Бір</i> <b.loud>екі</b> <u>үш</u>.")), ["Бір екі үш."]),
    ("ruby", vtt(cue(1, "<ruby>漢<rt>kan</rt>字<rt>ji</ruby> бір.")), ["漢字 бір."]),
    ("voice span", vtt(cue(1, "<v.first Әсел Б.>Мен кеше"), cue(2, "<v Әсел Б.>келдім.</v>")), ["Мен кеше келдім."]),
    ("voices in a cue", vtt(cue(1, "<v А>Сен кімсің</v>\n<v Б>мен бе</v>")), ["Сен кімсің", "мен бе"]),
    ("voices in two cues", vtt(cue(1, "<v А>Сен кімсің"), cue(2, "<v Б>мен бе")), ["Сен кімсің", "мен бе"]),
    ("language span", vtt(cue(1, "<lang ru>Да</lang>.")), ["Да."]),
    ("time stamp", vtt(cue(1, "<00:01.200>Бір <00:00:01.500>екі.")), ["Бір екі."]),
    ("character references", vtt(cue(1, "Tom &amp; &lt;i&gt; &#1178;&#x49b; x&nbsp;y")), ["Tom & <i> Ққ x y"]),
    ("numbers as speech", vtt(cue(1, "37"), cue(2, "Екі.\n38"), cue(3, "39.")), ["37 Екі. 38 39."]),
]  # fmt: skip


@pytest.mark.parametrize(("text", "said"), [(text, said) for _, text, said in WEBVTT], ids=[one[0] for one in WEBVTT])
def test_webvtt_is_read_by_its_grammar(text: str, said: list[str], tmp_path: Path) -> None:
    assert read(tmp_path, "a.vtt", text) == said


LEFT_OUT = {
    "header text": [("header", "- A title")],
    "header metadata": [("header", "Kind: captions"), ("header", "Language: kk")],
    "comment block": [("comment", "one line"), ("comment", "of two lines"), ("comment", "last")],
    "style block": [("style", "::cue(b) { color: red }")],
    "region definition": [("region", "id:fred width:40% lines:3"), ("cue settings", "region:fred")],
    "cue identifier": [("identifier", "intro - x")],
    "cue settings": [("cue settings", "vertical:rl line:0 position:10%,line-left size:35% align:start")],
    "class span": [("class", "yellow"), ("class", "bg_blue")],
    "italics, bold, underline": [("markup", "i"), ("class", "loud"), ("markup", "b"), ("markup", "u")],
    "ruby": [("ruby", "kan"), ("ruby", "ji")],
    "voice span": [("class", "first"), ("voice", "Әсел Б.")],
    "voices in a cue": [("voice", "А"), ("voice", "Б")],
    "voices in two cues": [("voice", "А"), ("voice", "Б")],
    "language span": [("language", "ru")],
    "time stamp": [("time stamp", "inside of cues")],
}
"""What of the census is no speech, and is left out and counted; all else is read, or joins things."""


@pytest.mark.parametrize(("name", "text"), [one[:2] for one in WEBVTT], ids=[one[0] for one in WEBVTT])
def test_what_is_no_speech_is_counted(name: str, text: str, tmp_path: Path) -> None:
    (tmp_path / "a.vtt").write_text(text, encoding="utf-8")
    assert list(extract(tmp_path / "a.vtt").left_out) == LEFT_OUT.get(name, [])


@pytest.mark.parametrize(
    ("name", "text", "left_out"),
    [
        ("a.srt", srt("Бір.", "37"), []),
        ("a.srt", "Аударған: А. Б.\n\n" + srt("Бір."), [("without times", "Аударған: А. Б.")]),
        ("a.srt", srt("<i>Бір</i> <b>екі</b>", "{\\an8}<font color='red'>үш.</font>"),
         [("markup", "i"), ("markup", "b"), ("markup", "{\\an8}"), ("markup", "font")]),
        ("a.srt", "1\n0:0:1.5 --> 0:0:2.0 X1:40 X2:600\nБір.\n", [("cue settings", "X1:40 X2:600")]),
        ("a.srt", srt("<ruby>漢<rt>kan</rt></ruby>"), [("ruby", "kan")]),
        # Looks are told once, words each time.
        ("a.vtt", vtt(cue(1, "<i>Бір.</i>", " align:start"), cue(2, "<i>Екі.</i>", " align:start"), "NOTE а", "NOTE а"),
         [("comment", "а"), ("comment", "а"), ("cue settings", "align:start"), ("markup", "i")]),
        ("a.vtt", vtt("Уақытсыз сөз.", cue(1, "Бір."), "0:1 -> 0:2\nТағы."),
         [("without times", "Уақытсыз сөз."), ("without times", "0:1 -> 0:2 Тағы.")]),
        ("a.vtt", "WEBVTT\nKind: captions\n" + cue(1, "Бір.") + "\n", [("header", "Kind: captions")]),
    ],
)  # fmt: skip
def test_what_subtitles_leave_out_is_listed(
    name: str, text: str, left_out: list[tuple[str, str]], tmp_path: Path
) -> None:
    (tmp_path / name).write_text(text, encoding="utf-8")
    assert list(extract(tmp_path / name).left_out) == left_out


def test_what_is_no_webvtt_is_an_error_with_a_remedy(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"first line is not WEBVTT; name SRT files \.srt"):
        read(tmp_path, "a.vtt", cue(1, "Бір."))
    with pytest.raises(InputError, match="there is no cue in it"):
        read(tmp_path, "a.vtt", "WEBVTT\n\nNOTE nothing\n")


YOUTUBE = vtt(
    "00:00:00.000 --> 00:00:02.000 align:start position:0%\n \nбір<00:00:00.500><c> екі</c>",
    "00:00:02.000 --> 00:00:02.010 align:start position:0%\nбір екі\n ",
    "00:00:02.010 --> 00:00:04.000 align:start position:0%\nбір екі\nүш<00:00:02.500><c> төрт</c>",
    "00:00:04.000 --> 00:00:04.010 align:start position:0%\nүш төрт\n ",
    "00:00:04.010 --> 00:00:06.000 align:start position:0%\nүш төрт\nбес<00:00:04.500><c> алты.</c>",
    head="WEBVTT\nKind: captions\nLanguage: kk",
)


def test_captions_of_youtube_are_said_once(tmp_path: Path) -> None:
    assert read(tmp_path, "a.vtt", YOUTUBE) == ["бір екі үш төрт бес алты."]
    tags = extract(tmp_path / "a.vtt").tags
    assert [(tag.at, tag.attributes) for tag in tags] == [
        (0, (("start", "0"), ("end", "2010"))),
        (8, (("start", "2010"), ("end", "4010"))),
        (16, (("start", "4010"), ("end", "6000"))),
    ]


def timed(*texts: str, length: int = 2000, gap: int = 0) -> list[Cue]:
    return [(n * (length + gap), n * (length + gap) + length, text) for n, text in enumerate(texts)]


@pytest.mark.parametrize(
    ("cues", "said"),
    [
        # Lines that roll up, two and three at a time.
        (timed("а", "а\nб", "б\nв", "в\nг"), ["а", "б", "в", "г"]),
        (timed("а\nб\nв", "б\nв\nг", "в\nг\nд"), ["а\nб\nв", "г", "д"]),
        # A line that grows.
        (timed("сот", "сот кеше", "сот кеше басталды"), ["сот", "кеше", "басталды"]),
        (timed("а\nсот", "а\nсот кеше"), ["а\nсот", "кеше"]),
        # Steps too short to be read.
        ([(0, 2000, "а"), (2000, 2010, "а"), (2010, 4000, "б")], ["а", "б"]),
        # What people say twice, they said twice.
        (timed("Жоқ.", "Жоқ."), ["Жоқ.", "Жоқ."]),
        (timed("Жоқ.", "Жоқ.", "Иә.", "Жоқ.", "Неге?"), ["Жоқ.", "Жоқ.", "Иә.", "Жоқ.", "Неге?"]),
        (timed("Иә.", "Кел.", "Мен", "Мен де.", "Жоқ.", "Бар."), ["Иә.", "Кел.", "Мен", "Мен де.", "Жоқ.", "Бар."]),
        (timed("а", "а\nб", "б\nв", gap=5000), ["а", "а\nб", "б\nв"]),
        ([], []),
    ],
)  # fmt: skip
def test_captions_that_roll_are_joined(cues: list[Cue], said: list[str]) -> None:
    assert [text for _, _, text in unroll(cues)] == said


@settings(max_examples=50, deadline=None, derandomize=True)
@given(st.lists(st.text("абв", min_size=1, max_size=3), min_size=2, max_size=8, unique=True), st.integers(2, 3))
def test_whatever_rolls_is_said_once_and_in_order(lines: list[str], height: int) -> None:
    cues = timed(*("\n".join(lines[max(0, n - height + 1) : n + 1]) for n in range(len(lines))))
    assert [text for _, _, text in unroll(cues)] == lines


@settings(max_examples=100, deadline=None, derandomize=True)
@given(
    st.lists(st.text("аб", min_size=1, max_size=9), max_size=12), st.lists(st.integers(1, 50), min_size=1, max_size=6)
)
def test_a_text_is_spread_whole_and_in_order(words: list[str], weights: list[int]) -> None:
    parts = spread(" ".join(words), weights)
    assert len(parts) == len(weights)
    assert " ".join(filter(None, parts)) == " ".join(words)
    assert all(parts) or len(words) < len(weights)


def pair(spans: tuple[tuple[int, int], ...], target: str) -> Pair:
    return Pair(
        "p", "d", "d@en", "en", 0, "", target, spans, ((0, 1),), "1-1", 0.9, "t", Provenance("original"),
        Provenance("human"),
    )  # fmt: skip


CUES = [(1000, 2000, "Мен кеше келдім. Сосын"), (2000, 3500, "үйге қайттым."), (9000, 9500, "- Ал сен?\n- Мен жоқ.")]


@pytest.mark.parametrize("name", ["a.srt", "a.vtt"])
def test_a_translation_stands_in_the_cues_of_its_source(name: str, tmp_path: Path) -> None:
    write = {"a.srt": write_srt, "a.vtt": write_vtt}[name]
    assert write(tmp_path / name, CUES) == 3
    found = extract(tmp_path / name)
    assert found.text == "Мен кеше келдім. Сосын үйге қайттым.\n\n- Ал сен?\n\n- Мен жоқ."
    at = [found.text.index(word) for word in ("Мен", "Сосын", "- Ал", "- Мен")]
    pairs = [
        pair(((at[0], at[1] - 1),), "I came yesterday."),
        pair(((at[1], at[2] - 2),), "Then I went back home."),
        pair(((at[2], at[3] - 2),), "- And you?"),
        pair(((at[3], len(found.text)),), "- Not <me> & co."),
    ]
    cues = captions_of(found.text, found.tags, pairs)
    assert cues == [
        (1000, 2000, "I came yesterday. Then I"),
        (2000, 3500, "went back home."),
        (9000, 9500, "- And you?\n- Not <me> & co."),
    ]
    write(tmp_path / name, cues)
    again = extract(tmp_path / name)
    assert [tag.attributes for tag in again.tags] == [tag.attributes for tag in found.tags]
    assert captions_of(found.text, found.tags, pairs[:1]) == [(1000, 2000, "I came yesterday.")]
    one = captions_of(found.text, found.tags, [pair(((at[0], at[1] - 1), (at[1], at[2] - 2)), "a b c d e f")])
    assert [text for _, _, text in one] == ["a b c d", "e f"]


def test_subtitles_go_through_a_job_and_out_again(tmp_path: Path) -> None:
    from small_corpus import qosmatin

    for lang, texts in {
        "kk": ["Сот кеше Астанада", "басталды.", "37", "Үй үлкен, ал бақ кішкентай."],
        "en": ["The trial began yesterday", "in Astana.", "37", "The house is big, and the garden is small."],
    }.items():
        (tmp_path / lang).mkdir()
        for name in ("one", "two"):
            write_srt(tmp_path / lang / f"{name}.srt", timed(*texts, gap=6000))
            write_vtt(tmp_path / lang / f"{name}.vtt", timed(*texts, gap=6000))
            (tmp_path / lang / f"{name}.vtt").rename(tmp_path / lang / f"{name}-vtt.vtt")
    (tmp_path / "job.yaml").write_text(
        "corpus: {name: c, version: 1.0.0, folder: out}\nsources: [{files: [kk/*.*], lang: kk}]\n"
        "translations: [{name: en, lang: en, files: [en/*.*], kind: human}]\n",
        encoding="utf-8",
    )
    done = qosmatin(tmp_path, "run", "job.yaml", "--until", "filter")
    assert done.returncode == 0, done.stderr
    done = qosmatin(tmp_path, "export", "out", "-f", "srt", "--document", "one", "-o", "one.srt", "--with-refused")
    assert "one.srt: 4 of 4 cues" in done.stdout, done.stdout + done.stderr
    assert (tmp_path / "one.srt").read_text(encoding="utf-8").split("\n\n")[2] == (
        "3\n00:00:16,000 --> 00:00:18,000\n37"
    )
    done = qosmatin(tmp_path, "export", "out", "-f", "vtt", "-o", "all.vtt", "--with-refused")
    assert done.returncode == 0, done.stderr
    assert sorted(path.name for path in (tmp_path / "all").iterdir()) == [
        "one-vtt.vtt", "one.vtt", "two-vtt.vtt", "two.vtt",
    ]  # fmt: skip
    assert "garden is small." in extract(tmp_path / "all" / "one-vtt.vtt").text
    # Times are no tags of CAT tools.
    done = qosmatin(tmp_path, "export", "out", "-o", "out.tmx", "--with-refused")
    assert "tags" not in done.stdout
    assert "cue" not in (tmp_path / "out.tmx").read_text(encoding="utf-8")


def test_a_corpus_without_subtitles_has_none_to_write(small_job: Path, tmp_path: Path) -> None:
    from small_corpus import copy_job, qosmatin

    copy_job(small_job, tmp_path)
    done = qosmatin(tmp_path, "export", "out", "-f", "srt")
    assert done.returncode == 2
    assert "no source document of 'en' came from subtitles" in done.stderr
