"""Flags, post-edits, and the configs that come with the tool."""

from pathlib import Path

import pytest

from qosmatin.config.job import MachineTranslation, load_config
from qosmatin.corpus.errors import ConfigError
from qosmatin.job.documents import list_documents
from qosmatin.translate.checks import FLAGS, flag_answer
from qosmatin.translate.post_edit import post_edit

ROOT = Path(__file__).parent.parent


@pytest.mark.parametrize(
    ("source", "target", "flags"),
    [
        ("Сот үкім шығарды.", "The court gave its verdict.", []),
        ("", "", ["empty-source"]),
        ("Сот.", " ", ["empty-output"]),
        ("Сот үкім шығарды.", "Сот үкім шығарды.", ["copy", "language"]),
        ("Google Chrome", "Google Chrome", ["copy"]),
        ("Google", "Google", []),
        ("Ол бүгін үйге келді.", "He came and came and came and came and came.", ["looping"]),
        ("Ол келді.", "He caaaaaaaame.", ["looping"]),
        ("Иә, иә, иә, иә!", "Yes, yes, yes, yes!", []),
        ("Ол келді.", "He came to see the house that his father had built long ago.", ["length"]),
        ("2020 жылы 1 250 адам келді.", "In 2020, 1,250 people came.", []),
        ("2020 жылы 37 адам келді.", "In 2020 people came in numbers.", ["numbers"]),
        ("Үш (3) адам келді.", "Three people came.", []),
        ("https://azattyq.org сайтын қара.", "See https://azattyq.org.", []),
        ("https://azattyq.org сайтын қара.", "See the site.", ["markup"]),
        ("{name} <b>келді</b>.", "Name came.", ["markup"]),
        ("Сот үкім шығарды.", "Суд вынес приговор.", ["language"]),
    ],
)
def test_flags_into_english(source, target, flags):
    assert flag_answer(source, target, "kk", "en") == flags
    assert set(flags) <= set(FLAGS)


@pytest.mark.parametrize(
    ("target", "lang", "wrong"),
    [
        ("Ол бүгін қалаға барып, әкесімен ұзақ сөйлесті де, үйіне қайтты.", "kk", False),
        ("Он сегодня поехал в город и долго говорил с отцом.", "kk", True),
        ("Он сегодня поехал в город и долго говорил с отцом.", "ru", False),
        ("Ол бүгін қалаға барып, әкесімен ұзақ сөйлесті де, үйіне қайтты.", "ru", True),
        ("Тау.", "kk", False),
        ("Anything at all goes here.", "ka", False),
    ],
)
def test_kazakh_and_russian_are_told_apart(target, lang, wrong):
    assert ("language" in flag_answer(target + " x", target, "en", lang)) is wrong


@pytest.mark.parametrize(
    ("target", "lang", "edited"),
    [
        ("he said «no».", "en", "He said “no”."),
        ('he said "no" and “yes”.', "ru", "He said «no» and «yes»."),
        ("he said «no.", "en", "He said «no."),
    ],
)
def test_post_edits(target, lang, edited):
    assert post_edit("Ол", target, lang, ["quotes", "casing"]) == edited
    assert post_edit("Ол", target, lang, []) == target


@pytest.mark.parametrize("name", ["nllb-cpu", "nllb-ctranslate2", "tilmash-gpu", "llm-server"])
def test_the_configs_are_good(name):
    config = load_config(ROOT / "configs" / f"{name}.yaml")
    assert all(isinstance(one, MachineTranslation) for one in config.translations)
    assert list_documents(config).sources


def faults(tmp_path, translation):
    path = tmp_path / "job.yaml"
    path.write_text(
        "corpus: {name: a, version: 1.0.0, folder: out}\nsources: [{files: ['*.txt'], lang: kk}]\ntranslations:\n"
        + translation
    )
    with pytest.raises(ConfigError) as error:
        load_config(path)
    return error.value.faults


def test_faults_of_an_engine_are_named_by_line_and_key(tmp_path):
    (fault,) = faults(tmp_path, "  - name: en\n    lang: en\n    engine: transformers\n    model: m\n    beam: 3\n")
    assert "job.yaml:8: translations.0.beam: unknown key" in fault
    assert "batch_tokens" in fault
    (fault,) = faults(tmp_path, "  - name: en\n    lang: en\n    engine: files\n    files: [a]\n    kin: human\n")[:1]
    assert "kind" in fault
    (fault,) = faults(tmp_path, "  - name: en\n    lang: en\n    engine: gogle\n")
    assert "known are files, memory, transformers, vllm, ctranslate2, openai" in fault
    found = faults(
        tmp_path,
        "  - {name: en, lang: en, engine: ctranslate2, model: m,\n     decoding: {beams: 0}}\n",
    )
    assert any("job.yaml:5: translations.0.decoding.beams" in fault for fault in found)
