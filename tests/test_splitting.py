"""The sentence splitter: tables of barred strings, invariants, overrides, additions, and its time on hostile input."""

import json
import re
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from qosmatin.corpus import InputError, MissingExtraError, sentence_text, split
from qosmatin.corpus.splitting import KINDS, SatSplitter, explain, guess_language, read_abbreviations
from qosmatin.corpus.splitting import splitter as splitter_module
from qosmatin.corpus.splitting.candidates import scan
from qosmatin.corpus.splitting.lines import wrap_width

ROOT = Path(__file__).parent.parent
GOLD = ROOT.parent / "shared" / "data" / "split"
LANGUAGES = ("kk", "ru", "en")


def cases() -> list[tuple[str, str, str]]:
    """The rows of splitting_cases.tsv: language, phenomenon, barred text."""
    rows = []
    for line in (ROOT / "tests" / "splitting_cases.tsv").read_text(encoding="utf-8").split("\n"):
        if line and not line.startswith("#"):
            lang, phenomenon, barred = line.split("\t")
            rows.append((lang, phenomenon, barred.replace("\\n", "\n")))
    return rows


def bar(text: str, lang: str, **options: object) -> list[str]:
    return [sentence_text(text, s) for s in split(text, lang, **options)]


def pieces(barred: str) -> list[str]:
    return [" ".join(piece.split()) for piece in barred.split("¦")]


@pytest.mark.parametrize(("lang", "phenomenon", "barred"), cases())
def test_phenomena(lang: str, phenomenon: str, barred: str) -> None:
    assert bar(barred.replace("¦", ""), lang) == pieces(barred)


PARTS = [*"АбәғҚіТыaBc1 2.!?…,;:()«»\"“”'–-\n\r\t 😊#@/[]*¹؟م", "т.б. ", "ж. ", "деді ", "кетті. ", "Бала "]
TEXT = st.lists(st.sampled_from(PARTS), max_size=40).map("".join)


@given(TEXT, st.sampled_from(LANGUAGES))
@example("  \n ", "kk")
@example("...", "kk")
@example(") . Б", "kk")
def test_offsets_rebuild_the_text_and_no_sentence_is_empty(text: str, lang: str) -> None:
    sentences = split(text, lang)
    at, paragraph = 0, 0
    for sentence in sentences:
        assert sentence.start < sentence.end
        assert not text[at : sentence.start].strip()
        assert text[sentence.start : sentence.end] == text[sentence.start : sentence.end].strip()
        assert sentence.paragraph - paragraph in (0, 1)
        at, paragraph = sentence.end, sentence.paragraph
    assert not text[at:].strip()
    assert not sentences or sentences[0].paragraph == 0


@given(TEXT, st.sampled_from(LANGUAGES))
def test_line_ends_of_windows_change_nothing(text: str, lang: str) -> None:
    unix = text.replace("\r", "")
    windows = unix.replace("\n", "\r\n")
    assert bar(unix, lang) == bar(windows, lang)
    assert [s.paragraph for s in split(unix, lang)] == [s.paragraph for s in split(windows, lang)]


@given(TEXT, st.sampled_from(LANGUAGES))
def test_new_lines_at_the_end_change_nothing(text: str, lang: str) -> None:
    assert split(text + "\n", lang) == split(text, lang) == split(text + "\n\n", lang)


@given(TEXT, st.sampled_from(LANGUAGES))
def test_explain_says_what_split_does(text: str, lang: str) -> None:
    ends = [e.offset for e in explain(text, lang) if e.boundary]
    assert ends == [s.end for s in split(text, lang)][: len(ends)]
    assert len(split(text, lang)) - len(ends) in (0, 1)


@given(TEXT, st.sampled_from(LANGUAGES))
@settings(max_examples=50)
def test_the_short_way_for_plain_stops_decides_as_the_rules_do(text: str, lang: str) -> None:
    plain = "Бала келді. " + text + "Адам кетті. Жер үлкен.» «Су» аз еді. 12 адам бар."
    expected = split(plain, lang)
    shipped = scan(lang, plain)
    pattern = re.compile(shipped.pattern.replace("(\\x20)", "(\\x20)(?!)"), re.VERBOSE)
    assert pattern.pattern != shipped.pattern
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(splitter_module, "scan", lambda *_: pattern)
        assert split(plain, lang) == expected


@pytest.mark.parametrize(("lang", "phenomenon", "barred"), [c for c in cases() if c[1] not in {"wrap", "poem"}])
def test_splitting_a_sentence_again_gives_it_back(lang: str, phenomenon: str, barred: str) -> None:
    # The exceptions, told in docs/splitting.md: a sentence that began in lower case or with a closing mark of the one
    # before, and one that was joined for what stood before it. None of them is among these cases.
    text = barred.replace("¦", "")
    for sentence in bar(text, lang):
        assert bar(sentence, lang) == [sentence]


def test_paragraphs_count_the_new_lines_that_are_boundaries() -> None:
    text = "Бірінші сөйлем. Екінші сөйлем.\n\nҮшінші сөйлем.\nТөртінші."
    assert [s.paragraph for s in split(text, "kk")] == [0, 0, 1, 2]
    wrapped = (
        "Аудан орталығында өткен жиында тұрғындар ауыз су мәселесін\nкөтерді. Әкім бұл мәселенің келер жылы "
        "шешілетінін айтып,\nқаржы бөлінгенін жеткізді."
    )
    assert [s.paragraph for s in split(wrapped, "kk")] == [0, 0]


@pytest.mark.parametrize("width", [60, 66, 72, 80])
def test_text_wrapped_at_a_width_splits_as_it_did(width: int) -> None:
    text = (
        "Астана қаласындағы жаңа мектеп күзде есігін ашады. Құрылысшылар жұмысты екі жылда бітірді. Онда мың екі жүз "
        "бала оқиды. Мектептің директоры болып Айгүл Сәрсенбаева тағайындалды. Ол бұған дейін Қарағанды облысында "
        "жиырма жыл сабақ берген. Ата-аналар мектептің ашылуын асыға күтіп жүр."
    )
    wrapped = textwrap.fill(text, width)
    assert wrap_width(wrapped) > 0
    assert bar(wrapped, "kk") == bar(text, "kk")


def test_headlines_and_verses_are_not_wrapped() -> None:
    assert wrap_width("Сот басталды\nЖиын онлайн өтті\nЖурналистер кірмеді\nҮкім шықты") == 0
    assert wrap_width("Желсіз түнде жарық ай,\nСәулесі суда дірілдеп,\nАуылдың жаны терең сай,\nТасыған өзен.") == 0


def test_forced_and_joined_boundaries() -> None:
    text = "Ол келді. Біз кеттік, олар қалды."
    comma = text.index(",") + 1
    assert bar(text, "kk", forced=[comma]) == ["Ол келді.", "Біз кеттік,", "олар қалды."]
    assert bar(text, "kk", forced=[comma + 1]) == ["Ол келді.", "Біз кеттік,", "олар қалды."]
    assert bar(text, "kk", joined=[text.index("Біз")]) == [text]
    assert bar(text, "kk", joined=[9], forced=[comma]) == ["Ол келді. Біз кеттік,", "олар қалды."]
    assert [e.rule for e in explain(text, "kk", joined=[9], forced=[comma])] == ["joined", "forced"]
    assert bar(text, "kk", forced=[0, len(text)]) == bar(text, "kk")


@given(TEXT, st.lists(st.integers(0, 80), max_size=4))
def test_forced_boundaries_are_boundaries(text: str, offsets: list[int]) -> None:
    offsets = [offset for offset in offsets if offset <= len(text)]
    sentences = split(text, "kk", forced=offsets)
    for offset in offsets:
        assert not any(s.start < offset < s.end for s in sentences)
    assert ink("".join(text[s.start : s.end] for s in sentences)) == ink(text)


def test_overrides_that_cannot_be() -> None:
    with pytest.raises(InputError, match="both forced and joined"):
        split("Ол келді. Біз кеттік.", "kk", forced=[9], joined=[10])
    with pytest.raises(InputError, match="offset 99"):
        split("Ол келді.", "kk", forced=[99])


def test_abbreviations_of_the_user(tmp_path: Path) -> None:
    path = tmp_path / "abbreviations.tsv"
    path.write_text("# Геология\nқаб-т.\tplace\nпегм.\ttitle\tпегм. Қалба\n", encoding="utf-8")
    text = "Мұнда пегм. Қалба жотасында кездеседі. Ол сирек."
    assert len(split(text, "kk")) == 3
    assert bar(text, "kk", abbreviations=read_abbreviations(path)) == text.replace("і. О", "і.|О").split("|")


def test_an_abbreviation_of_the_user_replaces_the_shipped_kinds() -> None:
    text = "Оны проф. Ахметов айтты."
    assert len(split(text, "kk")) == 1
    assert len(split(text, "kk", abbreviations={"проф.": ["final"]})) == 2


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"\xd2\n", "no UTF-8"),
        ("ж.\n".encode(), r":1: expected a form, a tab and a kind"),
        ("# c\n\nж.\tмерзім\n".encode(), r":3: unknown kind 'мерзім'; known are title"),
    ],
)
def test_an_abbreviations_file_that_cannot_be_read(tmp_path: Path, content: bytes, message: str) -> None:
    path = tmp_path / "a.tsv"
    path.write_bytes(content)
    with pytest.raises(InputError, match=message):
        read_abbreviations(path)


def test_a_missing_abbreviations_file_and_an_unknown_kind(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="cannot be read"):
        read_abbreviations(tmp_path / "none.tsv")
    with pytest.raises(InputError, match=", ".join(KINDS)):
        split("а", "kk", abbreviations={"x.": ["wrong"]})


def test_an_unknown_language_lists_those_known() -> None:
    with pytest.raises(InputError, match="kk, ru, en"):
        split("Text.", "de")
    assert split("Ол келді. Біз кеттік.", "kk-Cyrl") == split("Ол келді. Біз кеттік.", "kk")


@pytest.mark.parametrize(
    ("text", "lang"),
    [
        ("Бұл кітап өте қызық.", "kk"),
        ("Мен кеше келдім де, бала болып кеттім.", "kk"),
        ("Bul kitap óte jaqsy jáne qyzyqty.", "kk"),
        ("ول كەلدى، بىز كەتتىك.", "kk"),
        ("Он сказал, что это не так.", "ru"),
        ("This is what they said to us.", "en"),
    ],
)
def test_guessing_the_language(text: str, lang: str) -> None:
    assert guess_language(text) == lang


def test_a_language_that_cannot_be_guessed() -> None:
    with pytest.raises(InputError, match="say which it is"):
        guess_language("12345 %")


def test_explain_names_the_rule() -> None:
    rules = {e.rule for e in explain("Ол 1999 ж. Алматыда, т.б. жерде болды. Оны Қ. Сәтбаев білген.", "kk")}
    assert {"abbreviation", "goes_on", "end_mark", "initials"} <= rules


def test_the_absent_neural_splitter_names_its_pip_command() -> None:
    if subprocess.run([sys.executable, "-c", "import wtpsplit"], capture_output=True, check=False).returncode == 0:
        pytest.skip("wtpsplit is installed")
    with pytest.raises(MissingExtraError, match=r"pip install 'qosmatin\[sat\]'"):
        SatSplitter("sat-3l-sm")


FAKE_WTPSPLIT = '''
"""Stands in for wtpsplit: cuts behind "|" as SaT.split does, a list of pieces that join to the text for each text."""
import re

class SaT:
    def __init__(self, model):
        assert model == "folder"

    def to(self, device):
        assert device == "cpu"

    def split(self, texts, threshold=None):
        assert threshold == 0.3
        for text in texts:
            assert "\\n" not in text
            yield [text + "x"] if "BAD" in text else re.findall(r"[^|]*[|] *|[^|]+$", text)
'''

USE_FAKE = """
from qosmatin.corpus import EngineError, sentence_text
from qosmatin.corpus.splitting import SatSplitter
sat = SatSplitter("folder", threshold=0.3, device="cpu")
text = "бір| екі\\n\\nүш| төрт, бес"
show = lambda **o: [(sentence_text(text, s), s.paragraph) for s in sat(text, "kk", **o)]
assert show() == [("бір|", 0), ("екі", 0), ("үш|", 1), ("төрт, бес", 1)], show()
assert show(joined=[4], forced=[text.index("бес")]) == [("бір| екі", 0), ("үш|", 1), ("төрт,", 1), ("бес", 1)]
assert sat("", "kk") == []
try:
    sat("BAD", "kk")
except EngineError as error:
    assert "another text" in str(error)
else:
    raise SystemExit("no error")
"""


def test_the_neural_splitter_against_a_stand_in(tmp_path: Path) -> None:
    (tmp_path / "wtpsplit.py").write_text(FAKE_WTPSPLIT, encoding="utf-8")
    code = f"import sys; sys.path[:0] = [{str(ROOT)!r}, {str(tmp_path)!r}]\n{USE_FAKE}"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


HOSTILE = {
    "full stops": ".",
    "stops with spaces": ". ",
    "opening brackets": "(",
    "brackets and stops": "(a. ",
    "closing brackets": ")",
    "quotation marks and stops": '."',
    "spaces before a new line": " ",
    "new lines": "\n",
    "emoji": "😊",
    "initials": "А.",
    "one endless line": "сөз ",
    "abbreviations": "т. б. ",
    "dashes": "– а! ",
    "footnotes": ".[1]",
    "question marks glued": "?а",
    "lines": "сөз\n",
}


def seconds(text: str) -> float:
    best = float("inf")
    for _ in range(3):
        begin = time.process_time()
        split(text, "kk")
        best = min(best, time.process_time() - begin)
    return best


@pytest.mark.parametrize("name", HOSTILE)
def test_time_grows_no_faster_than_the_text(name: str) -> None:
    unit = HOSTILE[name]
    small, large = (unit * (size // len(unit)) + "Соңы." for size in (15_000, 120_000))
    # Eight times the text: sixty-four times the time if it were quadratic.
    assert seconds(large) < 24 * max(seconds(small), 0.0005)


@pytest.mark.parametrize(
    ("name", "lang", "least"),
    [
        ("kk_hard", "kk", 99),
        ("kk_seeds", "kk", 100),
        ("kk_seeds_restored", "kk", 100),
        ("kk_ktb", "kk", 99.5),
        ("ru_gsd", "ru", 98.5),
        ("en_ewt", "en", 82.7),
    ],
)
def test_the_gold_sets_stay_met(name: str, lang: str, least: float) -> None:
    path = GOLD / f"{name}.json"
    if not path.exists():
        pytest.skip(f"no gold sets at {GOLD}")
    right = found = wanted = 0
    for entry in json.loads(path.read_text(encoding="utf-8")):
        text = entry["text"]
        ours = {ink(text[: s.end]) for s in split(text, lang)[:-1]}
        gold = {ink(text[:end]) for end in entry["boundaries"][:-1]}
        right, found, wanted = right + len(ours & gold), found + len(ours), wanted + len(gold)
    assert 200 * right / (found + wanted) >= least


def ink(text: str) -> int:
    """How many characters of a text are no white space."""
    return len("".join(text.split()))
