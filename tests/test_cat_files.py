"""What CAT files say and do not say: states, dates, cut units, language codes, line breaks, broken files."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from qosmatin.corpus.errors import InputError
from qosmatin.corpus.formats.files import read_segments
from qosmatin.corpus.formats.review import review
from qosmatin.corpus.formats.told import Told
from qosmatin.corpus.languages import best_match, check_language
from qosmatin.corpus.model import Pair, Provenance
from qosmatin.job.importing import merge_memories, read_documents


def xliff_12(units: str, head: str = "") -> str:
    return (
        f'<xliff xmlns="urn:oasis:names:tc:xliff:document:1.2" version="1.2" {head}><file original="d"'
        f' source-language="kk" target-language="en"><body>{units}</body></file></xliff>'
    )


def xliff_2(units: str, head: str = "") -> str:
    return (
        f'<xliff xmlns="urn:oasis:names:tc:xliff:document:2.0" version="2.0" srcLang="kk" trgLang="en" {head}>'
        f'<file id="f" original="d">{units}</file></xliff>'
    )


def tmx(units: str) -> str:
    return f'<tmx version="1.4"><header/><body>{units}</body></tmx>'


def tu(source: str, target: str, attributes: str = "", of_target: str = "") -> str:
    return (
        f'<tu {attributes}><tuv xml:lang="kk"><seg>{source}</seg></tuv>'
        f'<tuv xml:lang="en" {of_target}><seg>{target}</seg></tuv></tu>'
    )


def write(folder: Path, name: str, text: str) -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def unit_2(source: str, target: str, state: str = "") -> str:
    return f'<unit id="p"><segment {state}><source>{source}</source><target>{target}</target></segment></unit>'


def unit_12(source: str, target: str, state: str = "", attributes: str = "") -> str:
    return f'<trans-unit id="p" {attributes}><source>{source}</source><target {state}>{target}</target></trans-unit>'


OURS = 'xmlns:q="urn:qosmatin"'
KK, EN = "Қар жауды.", "It snowed."
STATES = [
    # What nobody said: no state, the default written out, and an unapproved unit.
    (xliff_2(unit_2(KK, EN)), "unreviewed"),
    (xliff_2(unit_2(KK, EN), OURS), "unreviewed"),
    (xliff_2(unit_2(KK, EN, 'state="initial"')), "unreviewed"),
    (xliff_2(unit_2(KK, EN, 'state="translated"')), "unreviewed"),
    (xliff_12(unit_12(KK, EN)), "unreviewed"),
    (xliff_12(unit_12(KK, EN, attributes='approved="no"')), "unreviewed"),
    (xliff_12(unit_12(KK, EN, 'state="new"')), "unreviewed"),
    (xliff_12(unit_12(KK, EN, 'state="x-mine"')), "unreviewed"),
    (tmx(tu(KK, EN, 'tuid="p"')), "unreviewed"),
    # A name may be the same in both languages.
    (xliff_2(unit_2("NATO", "NATO")), "unreviewed"),
    (xliff_12(unit_12("NATO", "NATO")), "unreviewed"),
    # What somebody said.
    (xliff_2(unit_2(KK, EN, 'state="reviewed"')), "accepted"),
    (xliff_2(unit_2(KK, EN, 'state="final"')), "post-edited"),
    (xliff_2(unit_2(KK, EN, 'state="initial"'), OURS), "rejected"),
    (xliff_2(unit_2(KK, KK, 'state="initial" subState="qosmatin:rejected"')), "rejected"),
    (xliff_2(unit_2(KK, EN, 'state="reviewed" subState="qosmatin:rejected"')), "accepted"),
    (xliff_12(unit_12(KK, EN, attributes='approved="yes"')), "accepted"),
    (xliff_12(unit_12(KK, EN, 'state="needs-translation"')), "rejected"),
    (xliff_12(unit_12(KK, EN, 'state="needs-review-translation" state-qualifier="rejected-grammar"')), "rejected"),
    # A copy of the source that its state calls unfinished is nothing.
    (xliff_2(unit_2(KK, KK, 'state="initial"')), None),
    (xliff_2(unit_2(KK, f"  {KK} ", 'state="initial"'), OURS), None),
    (xliff_12(unit_12(KK, KK, 'state="new"')), None),
    (xliff_12(unit_12(KK, KK, 'state="needs-translation"')), None),
    (xliff_12(unit_12(KK, "", 'state="new"')), None),
    (xliff_12(unit_12("x = 1", "x = 1", attributes='translate="no"')), None),
    (xliff_12(f'<group translate="no">{unit_12("x", "y")}</group>'), None),
    (xliff_2(f'<group id="g" translate="no">{unit_2("x", "y")}</group>'), None),
]  # fmt: skip
PAIR = Pair(
    "p", "d", "d@en", "en", 0, KK, EN, ((0, 10),), ((0, 10),), "1-1", 0.9, "test", Provenance("original"),
    Provenance("machine"),
)  # fmt: skip


@pytest.mark.parametrize(("text", "status"), STATES)
def test_a_state_is_said_or_it_is_nobodys_word(text: str, status: str | None, tmp_path: Path) -> None:
    path = write(tmp_path, "a.tmx" if text.startswith("<tmx") else "a.xlf", text)
    if status is None:
        with pytest.raises(InputError, match=r"nothing in it is translated \(left out: 1 not (translated yet|to be)"):
            list(read_segments(path, "kk", "en"))
        return
    [segment] = read_segments(path, "kk", "en")
    assert segment.status == status
    found = review([segment], {"p": PAIR}, {"d": KK, "d@en": EN}, reviewer="A.", at="t")
    decided = [one.operation for one in found.decisions]
    if segment.source == KK:
        said = {"unreviewed": [], "rejected": ["reject"]}.get(status, ["accept"])
        assert decided == said
    if status != "rejected":
        assert [one.target for one in merge_memories([path], "kk", "en").segments] == [segment.target]
    else:
        with pytest.raises(InputError, match="no pair in it can serve as a memory"):
            merge_memories([path], "kk", "en")
        [document] = read_documents([path], "kk", "en").values()
        assert (document.links, document.refused) == ([], 1)


def test_what_is_not_translated_is_counted_and_the_rest_serves(tmp_path: Path) -> None:
    units = (
        unit_12(KK, EN)
        + unit_12("Екі.", "Екі.", 'state="new"')
        + '<trans-unit id="3"><source>Үш.</source></trans-unit>'
    )
    told = Told()
    assert [one.target for one in read_segments(write(tmp_path, "a.xlf", xliff_12(units)), "kk", "en", told)] == [EN]
    assert told.left_out["not translated yet"] == 2


def mrk(*texts: str) -> str:
    return "".join(
        text if text.startswith(" ") else f'<mrk mtype="seg" mid="{number}">{text}</mrk>'
        for number, text in enumerate(texts)
    )


def cut_12(cut: str, target: str, source: str = "Қар жауды.Жол жабық.") -> str:
    return xliff_12(
        f'<trans-unit id="p"><source>{source}</source><seg-source>{cut}</seg-source><target>{target}</target>'
        "</trans-unit>"
    )


SNOWED, CLOSED = ("Қар жауды.", "It snowed."), ("Жол жабық.", "The road was closed.")
CUT = [
    (cut_12(mrk("Қар жауды.", "Жол жабық."), mrk("It snowed.", "The road was closed.")), [SNOWED, CLOSED]),
    (cut_12(mrk("Қар жауды.", " ", "Жол жабық."), mrk("It snowed.", "  ", "The road was closed.")), [SNOWED, CLOSED]),
    # By name, not by place.
    (cut_12('<mrk mtype="seg" mid="a">Қар жауды.</mrk><mrk mtype="seg" mid="b">Жол жабық.</mrk>',
            '<mrk mtype="seg" mid="b">The road was closed.</mrk><mrk mtype="seg" mid="a">It snowed.</mrk>'),
     [SNOWED, CLOSED]),
    # One is not translated: the other stays.
    (cut_12(mrk("Қар жауды.", "Жол жабық."), mrk("It snowed.")), [SNOWED]),
    (cut_12(mrk("Қар жауды.", "Жол жабық."), mrk("It snowed.", "")), [SNOWED]),
    # A target that is not cut as the source is, or text outside of the pieces: one pair, nothing glued, nothing lost.
    (cut_12(mrk("Қар жауды.", "Жол жабық."), "It snowed. The road was closed."),
     [("Қар жауды.Жол жабық.", "It snowed. The road was closed.")]),
    (cut_12(mrk("Қар жауды."), mrk("It snowed.", "The road was closed.")),
     [("Қар жауды.Жол жабық.", "It snowed. The road was closed.")]),
    (cut_12(mrk("Қар жауды.", "Жол жабық."), mrk("It snowed.", "The road was closed.") + " (End)"),
     [("Қар жауды.Жол жабық.", "It snowed. The road was closed. (End)")]),
    (xliff_12(f'<trans-unit id="p"><source>{mrk("Бір.", "Екі.")}</source><target>{mrk("One.", "Two.")}</target>'
              "</trans-unit>"), [("Бір. Екі.", "One. Two.")]),
    # XLIFF 2.
    (xliff_2('<unit id="p"><segment><source>Қар жауды.</source><target>It snowed.</target></segment><ignorable><source>'
             " </source></ignorable><segment><source>Жол жабық.</source><target>The road was closed.</target></segment>"
             "</unit>"), [SNOWED, CLOSED]),
    (xliff_2('<unit id="p"><segment><source>Қар жауды. </source><target>It snowed. </target></segment><segment><source>'
             "Жол жабық.</source></segment></unit>"), [("Қар жауды. ", "It snowed. ")]),
]  # fmt: skip


@pytest.mark.parametrize(("text", "pairs"), CUT)
def test_a_unit_that_was_cut_is_read_piece_by_piece(text: str, pairs: list[tuple[str, str]], tmp_path: Path) -> None:
    path = write(tmp_path, "a.xlf", text)
    found = list(read_segments(path, "kk", "en"))
    assert [(one.source, one.target) for one in found] == pairs
    assert all(one.id is None for one in found) or len(pairs) == 1
    [document] = read_documents([path], "kk", "en").values()
    assert document.target.text == "\n".join(target.strip() for _, target in pairs)


def test_the_tags_of_a_cut_unit_go_with_its_pieces(tmp_path: Path) -> None:
    first_piece, second_piece = 'mid="1">Бір <g id="2">екі</g>.', 'mid="2">Үш.'
    cut = f'<g id="1"><mrk mtype="seg" {first_piece}</mrk> <mrk mtype="seg" {second_piece}</mrk></g><x id="3"/>'
    [first, second] = read_segments(write(tmp_path, "a.xlf", cut_12(cut, cut)), "kk", "en")
    assert [(tag.id, tag.at, tag.kind) for tag in first.source_tags] == [
        ("1", 0, "open"), ("2", 4, "open"), ("2", 7, "close"),
    ]  # fmt: skip
    assert [(tag.id, tag.at, tag.kind) for tag in second.target_tags] == [("1", 3, "close"), ("3", 3, "alone")]
    ignorable = (
        '<unit id="p"><segment><source>а</source><target>a</target></segment><ignorable><source> <ph id="1"/></source>'
        "</ignorable><segment><source>б</source><target>b</target></segment></unit>"
    )
    [first, second] = read_segments(write(tmp_path, "b.xlf", xliff_2(ignorable)), "kk", "en")
    assert [(tag.id, tag.at) for tag in first.source_tags] == [("1", 1)]
    assert second.source_tags == ()


OLDER, NEWER = 'changedate="20200101T000000Z"', 'changedate="20240101T000000Z"'
DATED = [
    ([tu("а", "new", NEWER), tu("а", "old", OLDER)], "new"),
    ([tu("а", "old", OLDER), tu("а", "new", NEWER)], "new"),
    ([tu("а", "dated", OLDER), tu("а", "undated")], "dated"),
    ([tu("а", "undated"), tu("а", "dated", OLDER)], "dated"),
    ([tu("а", "first"), tu("а", "last")], "last"),
    ([tu("а", "first", OLDER), tu("а", "last", OLDER)], "last"),
    ([tu("а", "new", 'creationdate="20240101T000000Z"'), tu("а", "old", OLDER)], "new"),
    ([tu("а", "new", f'creationdate="20190101T000000Z" {NEWER}'), tu("а", "old", 'creationdate="20200101T000000Z"')],
     "new"),
    # The variant knows better than its unit.
    ([tu("а", "new", "", NEWER), tu("а", "old", OLDER)], "new"),
    ([tu("а", "new", OLDER, NEWER), tu("а", "old", 'changedate="20220101T000000Z"')], "new"),
    ([tu("а", "new", 'changedate="20220101T000000Z"'), tu("а", "old", NEWER, OLDER)], "new"),
    ([tu("а", "new", "", 'creationdate="20240101T000000Z"'), tu("а", "old", OLDER)], "new"),
    # Dates as others write them, and what is none.
    ([tu("а", "new", 'changedate="2024-01-01T00:00:00+05:00"'), tu("а", "old", OLDER)], "new"),
    ([tu("а", "new", OLDER), tu("а", "none", 'changedate="yesterday"')], "new"),
    # The same pair again, undated, is later in the file.
    ([tu("а", "one"), tu("а", "two"), tu("а", "one")], "one"),
]  # fmt: skip


@pytest.mark.parametrize("split", [False, True])
@pytest.mark.parametrize(("units", "target"), DATED)
def test_a_memory_gives_the_newest(units: Sequence[str], target: str, split: bool, tmp_path: Path) -> None:
    from qosmatin.corpus.formats.files import Heading, write_segments
    from qosmatin.job.memories import newest_by_source

    groups = [[one] for one in units] if split else [units]
    files = [write(tmp_path, f"{number}.tmx", tmx("".join(group))) for number, group in enumerate(groups)]
    merged = merge_memories(files, "kk", "en").segments
    assert newest_by_source(merged, "human") == ({"а": target}, 0)
    # The memory that is written keeps the dates.
    write_segments("tmx", tmp_path / "memory.tmx", merged, Heading("m", "kk", "en"))
    again = merge_memories([tmp_path / "memory.tmx"], "kk", "en").segments
    assert newest_by_source(again, "human") == ({"а": target}, 0)


def test_of_two_variants_in_a_language_the_newest_serves(tmp_path: Path) -> None:
    variants = f'<tuv xml:lang="en" {NEWER}><seg>new</seg></tuv><tuv xml:lang="en" {OLDER}><seg>old</seg></tuv>'
    told = Told()
    path = write(tmp_path, "a.tmx", tmx(f'<tu><tuv xml:lang="kk"><seg>а</seg></tuv>{variants}</tu>'))
    assert [one.target for one in read_segments(path, "kk", "en", told)] == ["new"]
    assert told.left_out["variants beside the newest of their language"] == 1


@pytest.mark.parametrize(
    ("wanted", "offered", "chosen"),
    [
        ("kk", ["kk-Latn", "kk-Cyrl"], "kk-Cyrl"),
        ("kk-Cyrl", ["kk-Latn", "kk-Cyrl"], "kk-Cyrl"),
        ("kk-Cyrl", ["kk-Latn", "kk"], "kk"),
        ("kk-Cyrl", ["kk-Latn"], None),
        ("kk-Latn", ["kk", "kk-Cyrl", "kk-Latn"], "kk-Latn"),
        ("kk-Latn", ["kk", "kk-Cyrl"], None),
        ("kk-Arab", ["kk", "kk-CN"], "kk-CN"),
        ("kk", ["kk-Latn"], None),
        ("kk", ["kk_latn", "kk_Cyrl_KZ"], "kk_Cyrl_KZ"),
        ("kk", ["kk-CN"], None),
        ("kk-Arab", ["kk"], None),
        ("sr", ["sr-Latn", "sr-RS"], "sr-RS"),
        ("uz", ["uz-Latn", "uz-Cyrl"], "uz-Latn"),
        ("kk-KZ", ["kk-Latn", "kk"], "kk"),
        ("kk-KZ", ["kk-Latn"], None),
        ("kk", ["KK_kz"], "KK_kz"),
        ("kk", ["kaz", "kk-KZ"], "kaz"),
        ("kk", ["kaz", "kk"], "kk"),
        ("en-GB", ["en-US", "en-GB"], "en-GB"),
        ("en-GB", ["en-US", "en"], "en"),
        ("en-GB", ["en-US"], "en-US"),
        ("en", ["en-GB", "en-US"], "en-US"),
        ("en-us", ["en", "EN-US"], "EN-US"),
        ("sr-Cyrl", ["sr-Latn"], None),
        ("zh-TW", ["zh-CN", "zh-Hant"], "zh-Hant"),
        ("kk", ["ky", "ru", "", "x-kk", "*all*"], None),
        ("en", ["en_US.UTF-8"], "en_US.UTF-8"),
        ("kk", [], None),
    ],
)
def test_a_code_is_served_with_the_least_loss(wanted: str, offered: list[str], chosen: str | None) -> None:
    assert best_match(wanted, offered) == chosen


def test_what_language_was_chosen_is_said(tmp_path: Path) -> None:
    def unit(*codes: str) -> str:
        return "<tu>" + "".join(f'<tuv xml:lang="{code}"><seg>{code}</seg></tuv>' for code in codes) + "</tu>"

    path = write(
        tmp_path, "a.tmx", tmx(unit("kk-Latn", "kk-Cyrl", "en-US") + unit("kk", "en-GB", "en-US") + unit("kk", "ru"))
    )
    told = Told()
    found = [(one.source, one.target) for one in read_segments(path, "kk-Cyrl", "en-GB", told)]
    assert found == [("kk-Cyrl", "en-US"), ("kk", "en-GB")]
    assert told.lines()[:2] == ["language kk-Cyrl: 1 kk, 1 kk-Cyrl", "language en-GB: 1 en-GB, 1 en-US"]
    assert "1 units without both languages" in told.lines()[2]
    # `import -s kk-Cyrl` asks for `kk`, its canonical form, which is the same.
    assert [one.source for one in read_segments(path, check_language("kk-Cyrl"), "en")] == ["kk-Cyrl", "kk"]
    latin = write(tmp_path, "b.tmx", tmx(unit("kk-Latn", "en")))
    with pytest.raises(InputError, match="no unit has both 'kk' and 'en'; languages here: en, kk-Latn; ask"):
        list(read_segments(latin, check_language("kk-Cyrl"), "en"))
    with pytest.raises(InputError, match="languages here: en, kk, kk-Cyrl, kk-Latn, ru; ask"):
        list(read_segments(path, "kk-Arab", "en"))


def test_a_target_in_another_language_than_its_file_says_is_left_out(tmp_path: Path) -> None:
    units = unit_12("а", "a") + unit_12("б", "б", 'xml:lang="ru"')
    told = Told()
    assert [one.target for one in read_segments(write(tmp_path, "a.xlf", xliff_12(units)), "kk", "en", told)] == ["a"]
    assert told.left_out["segments in ru"] == 1


BREAKS = [
    ("a.xlf", xliff_12, unit_12, ['<x id="1" ctype="lb"/>', '<x id="1" ctype="x-html-br"/>', '<ph id="1" ctype="pb"/>',
     '<bx id="1" ctype="lb"/>', '<ph id="1">&lt;br/&gt;</ph>', '<x id="1" equiv-text="&#10;"/>', '<ph id="1">\\n</ph>',
     '<ph id="1">&lt;w:br/&gt;</ph>', '<it id="1" pos="close">&lt;/p&gt;</it><bpt id="2">&lt;p&gt;</bpt>']),
    ("a.xlf", xliff_2, unit_2, ['<ph id="1" type="fmt" subType="xlf:lb"/>', '<ph id="1" equiv="&#10;"/>',
     '<sc id="1" subType="xlf:pb" isolated="yes"/>', '<ph id="1" disp="&lt;br&gt;"/>']),
    ("a.tmx", tmx, tu, ['<ph type="lb"/>', "<ph>&lt;br&gt;</ph>", "<ph>\\n</ph>",
     '<it pos="begin">&lt;br /&gt;</it>', "<ut>\\line</ut>"]),
]  # fmt: skip


@pytest.mark.parametrize(
    ("name", "whole", "unit", "tag"), [(name, whole, unit, tag) for name, whole, unit, tags in BREAKS for tag in tags]
)
def test_a_line_break_never_glues_words(name: str, whole, unit, tag: str, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    for content, text in (
        (f"бір{tag}екі", "бір екі"),
        (f"бір {tag}екі", "бір екі"),
        (f"бір{tag} екі", "бір екі"),
        (f"{tag}бір{tag}", "бір"),
    ):
        [found] = read_segments(write(tmp_path, name, whole(unit(content, content))), "kk", "en")
        assert (found.source, found.target) == (text, text)
        assert found.source_tags


@pytest.mark.parametrize("tag", ['<x id="1"/>', '<ph id="1">&lt;b&gt;</ph>', '<g id="1" ctype="bold"/>'])
def test_another_tag_leaves_a_word_whole(tag: str, tmp_path: Path) -> None:
    [found] = read_segments(write(tmp_path, "a.xlf", xliff_12(unit_12(f"бір{tag}екі", "x"))), "kk", "en")
    assert found.source == "бірекі"


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("a.tmx", tmx(tu("<o:x>а</o:x>", "a")), r"a\.tmx:1: the prefix 'o' is not declared; add xmlns:o="),
        ("a.tmx", tmx("\n" + tu("а", "a", 'o:x="1"')), r"a\.tmx:2: the prefix 'o' is not declared"),
        ("a.xlf", xliff_12("\n<sdl:seg/>"), r"a\.xlf:2: the prefix 'sdl' is not declared"),
        ("a.xlf", xliff_2(unit_2("а", "a", 'its:x="1"')), "the prefix 'its' is not declared"),
        ("a.xml", '<cesAlign o:version="1"/>', r"a\.xml:1: the prefix 'o' is not declared"),
        ("a.tmx", tmx(tu("а", "a")).replace("</tu>", ""), r"a\.tmx:1: no well-formed XML: .*; mend it there"),
        ("a.xlf", xliff_12(unit_12("а", "a"))[:-9], "no well-formed XML"),
        ("a.xml", "<cesAlign><linkGrp>", "no well-formed XML"),
        ("a.tmx", xliff_12(""), r"a\.tmx:1: this is no TMX: its root is <xliff>; name the file"),
        ("a.xlf", tmx(""), r"a\.xlf:1: this is no XLIFF: its root is <tmx>; name the file"),
        ("a.xml", tmx(""), r"a\.xml:1: this is no XCES alignment: its root is <tmx>; name the alignment"),
        ("a.xlf", '<xliff version="1.0"><file/></xliff>', r"version '1.0' is not known; known are .*: export it"),
    ],
)
def test_a_broken_file_is_an_error_with_line_and_remedy(name: str, text: str, message: str, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=message):
        list(read_segments(write(tmp_path, name, text), "kk", "en"))
