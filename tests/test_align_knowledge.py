"""What the aligner knows of words: tokens, skeletons, endings, the seed lexicon, dictionaries and learnt lexicons."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from qosmatin.align import (
    Bead,
    Lexicon,
    Task,
    align,
    align_tasks,
    load_lexicon,
    merge_lexicons,
    read_dictionary,
    save_lexicon,
)
from qosmatin.align.morphology import Finder, english_forms, is_kazakh_ending, is_russian_ending
from qosmatin.align.numbers import normal_number
from qosmatin.align.seed import seed_dictionary, seed_entries
from qosmatin.align.skeleton import (
    BUCKETS,
    INSERTION,
    MISMATCHED_END_COST,
    SUBSTITUTION,
    SUFFIX_COST,
    cognate_pairs,
    encode,
    similarity,
)
from qosmatin.align.tokens import located_tokens, tokenize, tokenize_side
from qosmatin.corpus import InputError


def alike(first: str, second: str) -> float:
    codes, lengths = encode([first, second])
    costs = SUBSTITUTION, INSERTION, SUFFIX_COST, MISMATCHED_END_COST, 10_000
    scratch = np.empty((32, 32), np.int16)
    return float(similarity(codes[0], lengths[0], codes[1], lengths[1], *costs, scratch))


def test_words_that_are_compared_together_are_compared_as_each_by_itself() -> None:
    texts = ["сингапур", "сингапурде", "сингапурлық", "сингапура", "синхрон", "президент", "президентінің"]
    others = sorted(["singapore", "singaporean", "single", "synchronous", "president", "presidents", "preside"])
    texts += [f"синга{letter}ур" for letter in "абвгдежзиклмнопрст"]  # more than are compared at a time
    others += [f"singa{letter}ur" for letter in "abcdefghijklmnopqrstuvwxyz"] + ["presidential"[:n] for n in (5, 12)]
    sides = []
    for words in (texts, others):
        starts = np.full(BUCKETS + 1, len(words), dtype=np.int64)
        starts[0] = 0  # all in one bucket
        sides.append((*encode(words), np.zeros(len(words), dtype=np.bool_), np.arange(len(words)), starts))
    costs = SUBSTITUTION, INSERTION, SUFFIX_COST, MISMATCHED_END_COST
    found = cognate_pairs(*sides[0], *sides[1], 0.6, 1.0, *costs)
    each = {(texts[a], others[b]): value for a, b, value in zip(*found, strict=True)}
    alone = {(a, b): alike(a, b) for a in texts for b in others}
    assert each == pytest.approx({pair: value for pair, value in alone.items() if value >= 0.6}, abs=1e-5)
    assert len(each) > 8


@pytest.mark.parametrize(
    ("first", "second"),
    [("Сингапурде", "Singapore"), ("Вашингтонның", "Washington"), ("Трамптың", "Trump"), ("Джонсон", "Johnson"),
     ("Чикагода", "Chicago"), ("Каваноның", "Kavanaugh"), ("депутаттар", "deputies"), ("президентінің", "президента")],
)  # fmt: skip
def test_cognates_are_alike_across_scripts(first: str, second: str) -> None:
    assert alike(first, second) == pytest.approx(alike(second, first), abs=1e-5)
    assert alike(first, second) >= 0.6


@pytest.mark.parametrize(("first", "second"), [("мемлекет", "country"), ("Лондон", "Madrid"), ("адамдар", "people")])
def test_others_are_not(first: str, second: str) -> None:
    assert alike(first, second) < 0.6


@pytest.mark.parametrize(
    ("text", "number"),
    [("10 000", "10000"), ("10,000", "10000"), ("3,26", "3.26"), ("1.234.567", "1234567"), ("007", "7"),
     ("1,234.5", "1234.5"), ("12:30", "12:30"), ("5.10.2018", "5.10.2018"), ("0", "0"), ("१२३", "123"),
     ("١٬٢٣٤٫٥", "1234.5"), ("１２", "12")],
)  # fmt: skip
def test_numbers_meet_in_one_spelling(text: str, number: str) -> None:
    assert normal_number(text) == number


def test_tokens() -> None:
    forms = [form for form, _, _ in tokenize("«Қос мәтін» – 12 500 сөйлем, 5% (https://a.kz/x).")]
    assert forms == ['"', "қос", "мәтін", '"', "12500", "сөйлем", "5", "%", "(", "https://a.kz/x)."]
    assert [name for _, _, name in tokenize("Кеше Абай келді")] == [False, True, False]


@pytest.mark.parametrize(
    ("text", "forms"),
    [
        ("சுட்டியை நகர்த்தவும்.", ["சுட்டியை", "நகர்த்தவும்"]),  # vowels are marks of the letters before them
        ("किताब १२३ है। क्यों？", ["किताब", "123", "है", "क्यों", "?"]),
        ("үи\u0306 е\u0308лка", ["үй", "ёлка"]),  # as a Mac decomposes them
        ("مُحَمَّد می\u200cخواهم؟", ["مُحَمَّد", "میخواهم", "?"]),
        ("שָׁלוֹם עולם", ["שָׁלוֹם", "עולם"]),
        ("co\u00adoperate ﬁn ＡＢ", ["cooperate", "fin", "ab"]),
        ("キーボードを設定する。", ["キーボード", "を", "設", "定", "する"]),
        ("設定「键盘」", ["設", "定", '"', "键", "盘", '"']),
        ("เปิดไฟล์", ["เปิด", "ไฟล์"]),
        ("ปิดโปรแกรม", ["ปิด", "โปร", "แกร", "ม"]),
        ("မြန်မာစာ ພາສາ", ["မြန်", "မာစာ", "ພາ", "ສາ"]),
        ("x² ² ① 5 ㎏ № 7", ["x2", "²", "①", "5", "㎏", "№", "7"]),
    ],
)
def test_words_of_scripts_with_marks_or_without_spaces(text: str, forms: list[str]) -> None:
    assert [form for form, _, _ in tokenize(text)] == forms == [form for form, _, _ in located_tokens(text)]


@pytest.mark.parametrize(
    ("rest", "is_one"), [("", True), ("лардың", True), ("ға", True), ("кітаб", False), ("ыңыздармен", True)]
)
def test_kazakh_endings(rest: str, is_one: bool) -> None:
    assert is_kazakh_ending(rest) is is_one


@pytest.mark.parametrize(
    ("rest", "is_one"), [("", True), ("ами", True), ("ывается", True), ("ского", True), ("книга", False)]
)
def test_russian_endings(rest: str, is_one: bool) -> None:
    assert is_russian_ending(rest) is is_one


def test_english_forms() -> None:
    assert {"goes", "went", "gone", "going"} <= set(english_forms("go", "verb")) | {"going"}
    assert {"stopped", "stops", "stopping"} <= set(english_forms("stop", "verb"))
    assert {"cities"} <= set(english_forms("city", "noun"))


def test_the_longest_stem_wins() -> None:
    finder = Finder("kk", [("мем", "noun"), ("мемлекет", "noun"), ("айту", "verb"), ("кітап", "noun")])
    assert finder.find("мемлекетіміздің") == [1]
    assert finder.find("айтты") == [2]
    assert finder.find("кітабы") == [3]
    assert finder.find("мемориал") == []


@pytest.mark.parametrize(
    ("source_lang", "target_lang", "source", "target"),
    [("kk", "en", "мемлекеттің", "states"), ("kk", "ru", "айтты", "сказал"), ("en", "kk", "Germany", "Германияда"),
     ("ru", "kk", "в октябре", "қазанда"), ("de", "fr", "Deutschland", "Allemagne"), ("kk", "en", "екі", "2")],
)  # fmt: skip
def test_the_seed_links(source_lang: str, target_lang: str, source: str, target: str) -> None:
    links = seed_dictionary(source_lang, target_lang).links(tokenize_side([source]), tokenize_side([target]))
    assert len(links.source) >= 1


def test_the_seed_is_well_formed() -> None:
    for target in ("en", "ru"):
        entries = seed_entries("kk", target)
        assert len(entries) > 5000
        assert all(entry.source and entry.target for entry in entries)


@pytest.mark.parametrize(
    ("name", "text"),
    [("d.tsv", "# note\nalma\tapple|apples\n"), ("d.dic", "apple @ alma\n"),
     ("d.dix", "<dictionary><section><e><p><l>alma<s n='n'/></l><r>apple<s n='n'/></r></p></e></section></dictionary>"),
     ("d.tmx", "<tmx version='1.4'><header/><body><tu><tuv xml:lang='kk-KZ'><seg>alma</seg></tuv>"
               "<tuv xml:lang='EN'><seg>apple</seg></tuv></tu></body></tmx>")],
)  # fmt: skip
def test_dictionaries_of_users(tmp_path: Path, name: str, text: str) -> None:
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    links = read_dictionary(path, "kk", "en").links(tokenize_side(["Alma bar"]), tokenize_side(["An apple is"]))
    assert len(links.source) == 1


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [("d.tsv", "x\n", "d.tsv:1: has no tab"), ("d.dic", "\nx y\n", "d.dic:2: has no ' @ '"),
     ("d.tmx", "<tmx><body>", "no well-formed"), ("d.tmx", "<tmx><body/></tmx>", "no unit has both"),
     ("d.xyz", "", "unknown kind")],
)  # fmt: skip
def test_broken_dictionaries_name_the_line(tmp_path: Path, name: str, text: str, message: str) -> None:
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    with pytest.raises(InputError, match=message):
        read_dictionary(path, "kk", "en")


def made_up(count: int) -> tuple[list[str], list[str]]:
    """A text in two invented languages, word for word."""
    random = np.random.default_rng(5)
    pairs = [("".join(random.choice(list("abdeg"), 5)), "".join(random.choice(list("klmno"), 5))) for _ in range(60)]
    chosen = [random.choice(60, random.integers(2, 12)) for _ in range(count)]
    return tuple([" ".join(pairs[at][side] for at in row) for row in chosen] for side in (0, 1))


def right_pairs(beads: list[Bead]) -> int:
    """How many one-to-one beads are right when the third and the eighth target sentence are gone."""
    places = {source: source - (source > 2) - (source > 7) for source in range(12) if source not in (2, 7)}
    return sum(bead.shape == "1-1" and places.get(bead.source[0]) == bead.target[0] for bead in beads)


def test_a_learnt_lexicon_is_saved_merged_and_used(tmp_path: Path) -> None:
    source, target = made_up(80)
    lexicon = align_tasks([Task(source, target)], "de", "fr").lexicon()
    path = tmp_path / "lexicon.tsv"
    save_lexicon(lexicon, path)
    assert load_lexicon(path) == lexicon
    unit = source[0].split()[0]
    assert lexicon.translations(unit)[0][0] == target[0].split()[0]
    merged = merge_lexicons([lexicon, lexicon.swapped()])
    for pair, (forward, backward, count) in merged.pairs.items():
        assert (forward, backward) == pytest.approx(lexicon.pairs[pair][:2], abs=1e-3)
        assert count == pytest.approx(2 * lexicon.pairs[pair][2])
    short = source[:12], [text for at, text in enumerate(target[:12]) if at not in (2, 7)]
    assert right_pairs(align(*short, "de", "fr", lexicon=lexicon)) > right_pairs(align(*short, "de", "fr"))
    with pytest.raises(InputError, match="the lexicon is for"):
        align(*short, "kk", "fr", lexicon=lexicon)


def test_a_file_that_is_no_lexicon(tmp_path: Path) -> None:
    path = tmp_path / "x.tsv"
    path.write_text("a\tb\n", encoding="utf-8")
    with pytest.raises(InputError, match="is no lexicon"):
        load_lexicon(path)
    path.write_text("# qosmatin lexicon 1\tkk\ten\na\tb\tx\t1\t1\n", encoding="utf-8")
    with pytest.raises(InputError, match=r"x\.tsv:2: is no pair"):
        load_lexicon(path)
    with pytest.raises(InputError, match="no lexicon to merge"):
        merge_lexicons([])
    with pytest.raises(InputError, match="do not mix"):
        merge_lexicons([Lexicon("kk", "en", {}), Lexicon("kk", "ru", {})])
