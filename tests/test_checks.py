"""Checks on a pair of texts, one by one; what they flag together is in test_translate_checks."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qosmatin.corpus.checks import PAIR_FLAGS, check_pair
from qosmatin.corpus.checks.form import is_copy, is_out_of_length, loops
from qosmatin.corpus.checks.language import find_language_check, is_doubtful
from qosmatin.corpus.checks.markup import addresses, missing_markup
from qosmatin.corpus.checks.names import lost_names
from qosmatin.corpus.checks.numbers import missing_numbers
from qosmatin.corpus.checks.punctuation import wrong_punctuation
from qosmatin.corpus.checks.scripts import is_other_script, kazakh_share, script_of, script_share


@pytest.mark.parametrize(
    ("source", "target", "missing"),
    [
        ("2020 жылы 1 250 адам", "In 2020, 1,250 people", []),
        ("1 500 000 теңге", "1.5 million tenge", []),
        ("2 000 000 теңге", "2 million tenge", []),
        ("05.06.2020", "5 June 2020", []),
        ("100 адам", "a hundred people", ["1"]),
        ("5 адам", "five people", []),
        ("37 адам, 37 ат", "37 people", []),
        ("37 адам", "many people", ["37"]),
    ],
)
def test_numbers(source: str, target: str, missing: list[str]) -> None:
    assert missing_numbers(source, target) == missing


def test_markup_is_counted() -> None:
    source = "<b>{name}</b>, %(count)s хат: https://a.kz/1, www.a.kz, a.b@c.kz."
    assert addresses(source) == ["https://a.kz/1", "www.a.kz", "a.b@c.kz"]
    assert missing_markup(source, source) == []
    assert missing_markup("{a} {a}", "{a}") == ["{a}"]
    assert sorted(missing_markup(source, "{name} https://a.kz/1 www.a.kz a.b@c.kz")) == ["%(count)s", "</b>", "<b>"]


@pytest.mark.parametrize(
    ("lang", "script"),
    [("kk", "Cyrl"), ("kk-Latn", "Latn"), ("kk_Arab_CN", "Arab"), ("en", "Latn"), ("zh", "Hani"),
     ("ka", None), ("xx", None)],
)  # fmt: skip
def test_the_script_of_a_language(lang: str, script: str | None) -> None:
    assert script_of(lang) == script


def test_shares_of_script_and_letters() -> None:
    assert script_share("Ол Google", "Cyrl") == pytest.approx(0.25)
    assert script_share("12 × 3", "Latn") is None
    assert kazakh_share("Ол үйге қайтты") == pytest.approx(2 / 3)
    assert is_other_script("Anything at all", "kk")
    assert not is_other_script("Google", "kk")


def test_copies_loops_and_lengths() -> None:
    assert is_copy("Ол келді.", "ол  КЕЛДІ")
    assert not is_copy("2020", "2021")
    assert is_copy("—", "— ")
    assert not is_copy("—", "…")
    assert loops("a b a b a b a b")
    assert not loops("....................")
    assert is_out_of_length("a" * 31, "a" * 10)
    assert not is_out_of_length("a" * 30, "a" * 10)


@given(st.text(max_size=40), st.text(max_size=40))
def test_any_two_texts_can_be_checked(source: str, target: str) -> None:
    found = check_pair(source, target, "kk", "en")
    assert found == [flag for flag in PAIR_FLAGS if flag in found]


@pytest.mark.parametrize(
    ("source", "target", "langs", "lost"),
    [
        ("Кеше Назарбаев Астанаға келді.", "Nazarbayev came to Astana yesterday.", "kk-en", []),
        ("Кеше Назарбаев қалаға келді.", "Yesterday he came to the city.", "kk-en", ["Назарбаев"]),
        ("Кеше Ресей мәлімдеме жасады.", "Russia made a statement yesterday.", "kk-en", []),
        ("Кеше Ресей мәлімдеме жасады.", "A statement was made yesterday.", "kk-en", ["Ресей"]),
        ("Бұл іс Жоғарғы Сотқа жетті.", "The case reached the Supreme Court.", "kk-en", []),
        ("Вчера Джонсон приехал в Сингапур.", "Кеше Джонсон Сингапурге келді.", "ru-kk", []),
        ("He came on Monday.", "Ол дүйсенбіде келді.", "en-kk", []),
        ("The Bells Of Harlem Ring", "Қоңыраулар", "en-kk", []),
        ("Ол айтты: «Сот өтті».", "He said that it was over.", "kk-en", []),
        # Other names of one city; other letters for one sound; parts of a word with a hyphen.
        ("Кеше олар Пекинге келді.", "Yesterday they came to Beijing.", "kk-en", []),
        ("Кеше олар Пекинге келді.", "Yesterday they came here.", "kk-en", ["Пекинге"]),
        ("Вчера они были в Варшаве.", "They were in Warsaw.", "ru-en", []),
        ("In the end Warren won.", "Ақырында Уоррен жеңді.", "en-kk", []),
        ("In the end Warren won.", "Ақырында Джонсон жеңді.", "en-kk", []),  # may be the same: it has a capital
        ("In the end Warren won.", "Ақырында ол жеңді.", "en-kk", ["Warren"]),
        ("In the end Gerrard won.", "Ақырында Джеррард жеңді.", "en-kk", []),
        ("In the end Gilbert's men won.", "Ақырында Гилберттің адамдары жеңді.", "en-kk", []),
        ("In the end Bjorn won.", "Ақырында Бьорн жеңді.", "en-kk", []),
        ("She lives in New York now.", "Ол қазір Нью-Йоркте тұрады.", "en-kk", []),
        ("They live in Europe now.", "Олар қазір Еуропада тұрады.", "en-kk", []),
        # Words of titles are translated, and acronyms made of other words.
        ("He asked the Supreme Court and the Treasury.", "Ол жоғарғы соттан және қазынадан сұрады.", "en-kk", []),
        (
            "Он был в Верховном суде и в Юридическом комитете.",
            "Ол жоғарғы сотта және заң комитетінде болды.",
            "ru-kk",
            [],
        ),
        ("Ол Ұлттық банкке барды.", "He went to the central bank.", "kk-en", []),
        ("In the end the Supreme Court heard Warren.", "Ақырында Жоғарғы Сот оны тыңдады.", "en-kk", ["Warren"]),
        ("Дело ушло в Миграционную службу.", "Іс көші-қон қызметіне кетті.", "ru-kk", []),
        # A name within a longer word, or as the letters that a country is known by.
        ("Он из Южной Калифорнии.", "Ол оңтүстіккалифорниялық.", "ru-kk", []),
        ("Он из Южной Калифорнии.", "Ол оңтүстіктен.", "ru-kk", ["Калифорнии"]),
        ("Жильё в Великобритании дорого.", "БК аумағында тұрғын үй қымбат.", "ru-kk", []),
        ("He has had PTSD since.", "Содан бері оның ауруы бар.", "en-kk", []),
    ],
)
def test_names(source: str, target: str, langs: str, lost: list[str]) -> None:
    assert lost_names(source, target, *langs.split("-")) == lost


def test_lingua_tells_languages_of_one_script_apart() -> None:
    pytest.importorskip("lingua", reason="the extra 'filters' is not installed")
    language = find_language_check("kk", "ru")
    kazakh = "Бала бүгін қалаға барып келді"
    assert "language" in check_pair("x", kazakh, "en", "ru", language)
    assert "language" not in check_pair("x", kazakh, "en", "ru")
    assert "language" not in check_pair("x", "Мальчик сегодня съездил в город", "en", "ru", language)
    assert find_language_check("en", "kk-Latn") is None
    assert find_language_check("kk", "tt") is None
    assert is_doubtful(kazakh, "ru")
    assert not is_doubtful("He is at the house of his father", "en")


@pytest.mark.parametrize(
    ("source", "target", "wrong"),
    [
        ("Бұл рас па?", "Is this true?", []),
        ("Бұл рас па?", "This is true.", ["?"]),
        ("Бұл рас па?", "هل هذا صحيح؟", []),
        ("Ол келді", "He came!", ["!"]),
        ("Ол…", "He...", []),
        ("Мыналар:", "These;", [":", ";"]),
        ("«Кел!» деді.", "He said: “Come!”", []),  # a quotation may stand at the end on one side
        ("Алматы (бұрынғы астана) үлкен.", "Almaty (the former capital is large.", ["()"]),
        ("1) бірінші", "1) the first", []),
        ("Тақырып", "A title.", []),
        # A quotation that runs over the end of the sentence; marks of another kind; one that is not closed.
        ("“Өзімізді қорғап үлгермедік.", "«Времени на спасение не было.", []),
        ("Таза су жетпейді.”", "Чистая вода в большом дефиците».", []),
        ('"Барлығы оны танитын.', "«Все его знали.", []),
        ("Барлығы оны танитын.", "«Все его знали.", []),
        ("Ол “Абай” кітабын оқыды.", "Он прочёл книгу «Абай».", []),
        ("Ол «Абай» кітабын оқыды.", "Он прочёл книгу «Абай.", ["«»"]),
        ('Ол "Абай" кітабын оқыды.', "He read “Abai.", ["«»"]),
        ("Ол «Абай» кітабын оқыды.", "He read Abai.", []),
    ],
)
def test_punctuation_that_does_not_go_together(source: str, target: str, wrong: list[str]) -> None:
    assert wrong_punctuation(source, target) == wrong
