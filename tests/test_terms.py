"""Terms: glossaries as files, what is found in texts, and what a translation lacks."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from qosmatin.align.term_candidates import term_candidates
from qosmatin.corpus.errors import InputError
from qosmatin.corpus.terms import Concept, TermFinder, glossary_of, missing_terms, read_terms, write_terms

CONCEPTS = [
    Concept({"kk": ("Жоғарғы сот",), "ru": ("Верховный суд", "ВС"), "en": ("Supreme Court",)}, note="law & order"),
    Concept({"kk": ("келісімшарт",), "ru": ("договор",)}, {"ru": ("контракт",)}),
]

MISSING = [
    ("Жоғарғы соттың шешімі", "a decision of the Supreme Courts", []),
    ("Жоғарғы соттың шешімі", "a decision of the High Court", [("жоғарғы сот", ("Supreme Court",))]),
    ("сотталған", "convicted", []),
    ("Сот шешті", "The judge decided", [("сот", ("court", "tribunal"))]),
    ("Сот шешті", "The tribunals decided", []),
    ("", "", []),
]


@pytest.mark.parametrize(("source", "target", "missing"), MISSING)
def test_terms_that_a_translation_lacks(source: str, target: str, missing: list[object]) -> None:
    glossary = {"жоғарғы сот": "Supreme Court", "сот": ("court", "tribunal"), "???": "x"}
    assert missing_terms(source, target, glossary, "kk", "en") == missing


FOUND = [
    ("kk", ["сот", "Жоғарғы сот"], "Жоғарғы сотқа «Жоғарғы» сот", [("Жоғарғы сот", 0, 13), ("Жоғарғы сот", 15, 27)]),
    ("kk", ["Жоғарғы сот"], "Жоғарғы. Сот келді", []),
    ("kk", ["ІІМ"], "ІІМ-нің ііміз", [("ІІМ", 0, 7)]),
    ("ru", ["суд первой инстанции"], "в судах первой инстанции", [("суд первой инстанции", 2, 24)]),
    ("ru", ["люди", "человек"], "права людей", [("человек", 6, 11), ("люди", 6, 11)]),
    ("en", ["tax return"], "two tax returns", [("tax return", 4, 15)]),
]


@pytest.mark.parametrize(("lang", "terms", "text", "found"), FOUND)
def test_terms_are_found_in_any_form(lang: str, terms: list[str], text: str, found: list[tuple[str, int, int]]) -> None:
    assert [tuple(one) for one in TermFinder(terms, lang).find(text)] == found


@pytest.mark.parametrize("ending", [".tbx", ".csv", ".tsv"])
def test_a_glossary_comes_back(tmp_path: Path, ending: str) -> None:
    path = tmp_path / f"terms{ending}"
    assert write_terms(path, CONCEPTS) == 2
    again = read_terms(path)
    assert [(one.words, one.deprecated, one.note) for one in again] == [
        (one.words, one.deprecated, one.note) for one in CONCEPTS
    ]
    assert glossary_of(again, "kk", "ru") == {"Жоғарғы сот": ("Верховный суд", "ВС"), "келісімшарт": ("договор",)}
    assert glossary_of(again, "ru", "kk")["контракт"] == ("келісімшарт",)  # who wrote it meant the concept


def test_learnt_candidates_keep_their_numbers(tmp_path: Path) -> None:
    learnt = [Concept({"kk": ("сот",), "en": ("court",)}, confidence=0.8123, count=12)]
    write_terms(tmp_path / "a.csv", learnt)
    assert [(one.confidence, one.count) for one in read_terms(tmp_path / "a.csv")] == [(0.812, 12)]
    write_terms(tmp_path / "a.xlsx", learnt)
    assert (tmp_path / "a.xlsx").stat().st_size > 0


NEWER = """<?xml version="1.0"?><tbx xmlns="urn:iso:std:iso:30042:ed-2" style="dct" type="TBX-Basic"
 xmlns:min="http://www.tbxinfo.net/ns/min" xmlns:basic="http://www.tbxinfo.net/ns/basic"><text><body>
 <conceptEntry id="c5"><min:subjectField>law</min:subjectField>
 <langSec xml:lang="kk"><termSec><term>сот</term></termSec></langSec>
 <langSec xml:lang="en"><termSec><term>court room</term>
 <min:administrativeStatus>deprecatedTerm-admn-sts</min:administrativeStatus></termSec>
 <termSec><term>tribunal</term></termSec><termSec><term>court</term>
 <min:administrativeStatus>preferredTerm-admn-sts</min:administrativeStatus></termSec></langSec>
 </conceptEntry></body></text></tbx>"""
OLDER = """<?xml version="1.0"?><martif type="TBX" xml:lang="en"><text><body><termEntry id="c5">
 <descrip type="subjectField">law</descrip><langSet xml:lang="kk"><ntig><termGrp><term>сот</term></termGrp></ntig>
 </langSet><langSet xml:lang="en"><ntig><termGrp><term>court room</term>
 <termNote type="administrativeStatus">deprecatedTerm-admn-sts</termNote></termGrp></ntig>
 <tig><term>tribunal</term></tig><tig><term>court</term>
 <termNote type="administrativeStatus">preferredTerm-admn-sts</termNote></tig></langSet>
 </termEntry></body></text></martif>"""


@pytest.mark.parametrize("content", [NEWER, OLDER], ids=["2019", "2008"])
def test_tbx_of_either_form(tmp_path: Path, content: str) -> None:
    path = tmp_path / "a.tbx"
    path.write_text(content, encoding="utf-8")
    assert read_terms(path) == [
        Concept({"kk": ("сот",), "en": ("court", "tribunal")}, {"en": ("court room",)}, id="c5", note="law")
    ]


# In a process of its own, elsewhere: its package is called `translate`, as a folder of ours is.
TOOLKIT = """
import json, sys
from translate.storage import tbx
store = tbx.tbxfile.parsestring(open(sys.argv[1], "rb").read())
print(json.dumps([[unit.source, unit.target] for unit in store.units]))
made = tbx.tbxfile(sourcelanguage="kk", targetlanguage="ru")
unit = made.addsourceunit("сот")
unit.settarget("суд", "ru")
open(sys.argv[2], "wb").write(bytes(made))
"""


def test_translate_toolkit_reads_what_is_written_and_the_other_way_about(tmp_path: Path) -> None:
    write_terms(tmp_path / "a.tbx", CONCEPTS)
    command = [sys.executable, "-c", TOOLKIT, "a.tbx", "b.tbx"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False, env={"PATH": "/usr/bin"})
    if "No module named 'translate" in done.stderr:
        pytest.skip("needs translate-toolkit: pip install translate-toolkit")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == [["Жоғарғы сот", "Верховный суд"], ["келісімшарт", "договор"]]
    assert [one.words for one in read_terms(tmp_path / "b.tbx")] == [{"kk": ("сот",), "ru": ("суд",)}]


BAD = [
    ("a.tbx", "<martif", "no well-formed XML"), ("a.tbx", "<tmx/>", "this is no TBX: its root is <tmx>"),
    ("a.tbx", "<martif/>", "needs words in two languages; languages here: none"), ("a.docx", "x", "a glossary is a"),
    ("a.csv", "kk,note\nсот,x\n", "two of them must be languages"), ("a.csv", "kk,ru\nсот,\n", "languages here: kk"),
    ("a.csv", "kk,ru,confidence\nсот,суд,sure\n", "confidence is a number"),
    ("b.csv", None, "there is no such glossary"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "content", "message"), BAD)
def test_bad_glossaries_are_told(tmp_path: Path, name: str, content: str | None, message: str) -> None:
    if content is not None:
        (tmp_path / name).write_text(content, encoding="utf-8")
    with pytest.raises(InputError, match=message):
        read_terms(tmp_path / name)


PAIRS = [
    ("Еңбек шартын жасасты.", "Заключили трудовой договор."),
    ("Еңбек шартында жазылған.", "Записано в трудовом договоре."),
    ("Еңбек шарттары туралы айтты.", "Говорил о трудовых договорах."),
    ("Еңбек шартының мерзімі бітті.", "Срок трудового договора истёк."),
    ("Келісім туралы айтты.", "Говорил о соглашении."),
    ("Мерзімі бітті.", "Срок истёк."),
    ("Алматыда өтті.", "Прошло в Алматы."),
    ("Ол Алматыдан келді.", "Он приехал из Алматы."),
    ("Алматының күні жылы.", "День в Алматы тёплый."),
]


def test_candidates_are_learnt_whatever_form_they_have() -> None:
    found = {one.words["kk"][0]: one for one in term_candidates(PAIRS, "kk", "ru", min_confidence=0.2)}
    term = found["Еңбек шартын"]
    assert (term.words["ru"], term.count) == (("трудовой договор",), 4)
    assert 0.5 < (term.confidence or 0) < 0.7  # four of four are not certain
    assert not {"шартын", "еңбек"} & found.keys()  # what stands inside a longer one
    assert term_candidates(PAIRS, "kk", "ru", least=5) == []
    assert term_candidates([], "kk", "ru") == []
    assert all(one.count and one.count >= 3 for one in found.values())


def test_words_of_everyday_are_candidates_when_asked_for() -> None:
    pairs = [(f"Бұл кітап {at} жақсы.", f"This book {at} is good.") for at in ("a", "b", "c", "d")]
    assert term_candidates(pairs, "kk", "en", min_confidence=0.2) == []
    found = term_candidates(pairs, "kk", "en", min_confidence=0.2, general=True)
    assert [one.words for one in found] == [{"kk": ("кітап",), "en": ("book",)}]
