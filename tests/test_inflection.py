"""Which words are forms of a word: tables of Kazakh, Russian and English, and what must hold for all forms."""

import pytest

from qosmatin.corpus.inflection import beginning, beginnings, fold, forms, is_same_word, stem

FORMS = [
    ("kk", "сот", "сот сотта соттың соттарды сотына соттарымызда соттағы сотпен сотқа сотымыз",
     "соттау сотталды соттады сотка сота"),
    ("kk", "шарты", "шарт шарттың шартын шартында шарттары шарттарының шартымен", "шаршы"),
    ("kk", "министрлігі", "министрлік министрлігінің министрліктер министрлігіне", "министр министрге"),
    ("kk", "тәртіп", "тәртібі тәртіпті тәртібін тәртіппен тәртіпке тәртібіне", "тәрбие"),
    ("kk", "халық", "халқы халқының халықтың халқымыз халыққа", "халал"),
    ("kk", "орын", "орны орнына орындар орында", "орындау"),
    ("kk", "кодексі", "кодекс кодекстің кодексінің кодексіне", "код"),
    ("kk", "ҚР", "ҚР-ның ҚР-да", "қару"),
    ("ru", "суд", "суда суду судом суде суды судов судам", "судья судьба судно судить"),
    ("ru", "рынок", "рынка рынку рынком рынки рынков", "рано"),
    ("ru", "сделка", "сделки сделок сделкой сделку сделках", "сделал"),
    ("ru", "владелец", "владельца владельцем владельцы", "владение"),
    ("ru", "письмо", "письма писем письмом письмах", "писать"),
    ("ru", "статья", "статьи статей статью статьей статьях", "стать"),
    ("ru", "судья", "судьи судей судью судьёй судьям", "суд судьба"),
    ("ru", "гражданин", "гражданина граждане граждан гражданам", "гражданский"),
    ("ru", "критерий", "критерия критерии критериев критериям", "критик"),
    ("ru", "деньги", "денег деньгам деньгами", "день"),
    ("ru", "человек", "человека люди людей людям", "любовь"),
    ("ru", "время", "времени временем времена времен", "временный"),
    ("ru", "уголовный", "уголовного уголовная уголовных уголовной", "уголовник"),
    ("ru", "трудящийся", "трудящегося трудящихся", "трудиться"),
    ("ru", "банк", "банка банке банков банками", "банкир банкет"),
    ("ru", "организация", "организации организаций организацией", "организовать"),
    ("ru", "счёт", "счета счетом счетов счёте", "счетчик"),
    ("en", "party", "party parties party's", "part"),
    ("en", "judge", "judges judging judged", "judgement"),
    ("de", "Gericht", "Gerichts Gerichte Gerichten", "Geruch"),
]  # fmt: skip


@pytest.mark.parametrize(("lang", "word", "right", "wrong"), FORMS, ids=[row[1] for row in FORMS])
def test_forms(lang: str, word: str, right: str, wrong: str) -> None:
    pattern = forms(word, lang)
    assert [one for one in right.split() if not pattern.fullmatch(fold(one))] == []
    assert [one for one in wrong.split() if pattern.fullmatch(fold(one))] == []


@pytest.mark.parametrize(("lang", "word", "right", "_wrong"), FORMS, ids=[row[1] for row in FORMS])
def test_every_form_begins_as_it_is_looked_for(lang: str, word: str, right: str, _wrong: str) -> None:
    known = beginnings(fold(word), lang)
    assert [one for one in right.split() if not fold(one).startswith(known)] == []


SAME = [
    ("kk", "халыққа", "халқымыз", True), ("kk", "сотта", "соттардың", True), ("kk", "кітабы", "кітаптар", True),
    ("kk", "сот", "сатты", False), ("kk", "орнына", "орындар", True), ("kk", "заңы", "заңнан", True),
    ("ru", "письма", "писем", True), ("ru", "рынка", "рынков", True), ("ru", "граждан", "гражданина", True),
    ("ru", "суда", "судов", True), ("ru", "закона", "законопроект", False), ("ru", "новый", "новых", True),
    ("en", "parties", "party", True), ("en", "judging", "judges", True), ("en", "court", "count", False),
]  # fmt: skip


@pytest.mark.parametrize(("lang", "one", "other", "same"), SAME)
def test_two_forms_of_a_word(lang: str, one: str, other: str, same: bool) -> None:
    assert is_same_word(one, other, lang) is same
    assert is_same_word(other, one, lang) is same
    if same:  # what the lists of a memory are searched by
        assert other.startswith(beginning(one, lang))


@pytest.mark.parametrize(
    ("lang", "words"),
    [("kk", "халық халқы халыққа"), ("ru", "рынок рынка рынков"), ("ru", "письма писем"), ("en", "courts court")],
)
def test_forms_are_counted_as_one(lang: str, words: str) -> None:
    assert len({stem(word, lang) for word in words.split()}) == 1
