import json
from pathlib import Path

import pytest

from qosmatin.config.job import JobConfig, load_config
from qosmatin.config.training import is_training_config, load_training_config
from qosmatin.corpus import ConfigError
from qosmatin.job.documents import list_documents

ROOT = Path(__file__).parent.parent
GOOD = """\
corpus:
  name: small
  version: 1.0.0
  folder: out
sources:
  - files: [kk/*.txt]
    lang: kk
translations:
  - name: en
    lang: en
    kind: human
    files: [en/*.txt]
filters:
  - name: length
    max_words: 100
"""


def write(folder: Path, text: str) -> Path:
    for lang in ("kk", "en"):
        (folder / lang).mkdir(exist_ok=True)
        (folder / lang / "a.txt").write_text("Мәтін.\n", encoding="utf-8")
    path = folder / "job.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def faults_of(path: Path) -> list[str]:
    with pytest.raises(ConfigError) as caught:
        list_documents(load_config(path))
    return [fault.replace(str(path.parent) + "/", "") for fault in caught.value.faults]


@pytest.mark.parametrize("path", sorted((ROOT / "configs").glob("*.yaml")), ids=lambda path: path.name)
def test_shipped_configs_are_sound_and_carry_the_schema_line(path: Path) -> None:
    training = is_training_config(path)
    assert load_training_config(path) if training else load_config(path)
    schema = "training.schema.json" if training else "config.schema.json"
    assert path.read_text(encoding="utf-8").startswith(f"# yaml-language-server: $schema={schema}\n")


def test_the_shipped_schema_is_that_of_the_models() -> None:
    stored = json.loads((ROOT / "configs" / "config.schema.json").read_text(encoding="utf-8"))
    assert stored == JobConfig.model_json_schema(), "run: qosmatin config schema > configs/config.schema.json"


def test_paths_are_relative_to_the_file(tmp_path: Path) -> None:
    config = load_config(write(tmp_path, GOOD))
    assert config.corpus.folder == (tmp_path / "out").resolve()
    assert config.sources[0].files == [str(tmp_path.resolve() / "kk/*.txt")]
    documents = list_documents(config)
    assert [entry.id for entry in documents.sources] == ["a"]
    assert [(one.id, one.provenance.of) for one in documents.translations["en"]] == [("a@en", "a")]


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        ("    max_words: 100", "    max_word: 100", "job.yaml:15: filters.0.max_word: unknown key; did you mean"),
        ("name: length", "name: lenght", "job.yaml:14: filters.0: Input tag 'lenght' found"),
        ("1.0.0", "1.0", "job.yaml:3: corpus.version: must be text: put it in quotes"),
        ("1.0.0", '"1"', "job.yaml:3: corpus.version: String should match pattern"),
        ("lang: kk", "lang: xx", "job.yaml:7: sources.0.lang: 'xx' is no known language code"),
        ("kind: human", "kind: author", "translations.0.kind: Input should be 'original', 'human', 'machine' or"),
        ("    files: [en/*.txt]", "", "job.yaml:9: translations.0: give either 'files' or 'manifest'"),
        ("corpus:\n", "corpus:\n  name: again\n", "job.yaml:3: name: stands twice"),
        ("kk/*.txt", "kz/*.txt", "matches no file"),
        ("  name: small\n", "", "job.yaml:1: corpus.name: is missing"),
        ("[kk/*.txt]", "[kk/*.txt", "job.yaml:7: no YAML"),
        ("filters:", "scoring: {comparisons: [{hypothesis: mt, reference: en}]}\nfilters:", "compares 'mt'"),
        ("filters:", "decisions: none.jsonl\nfilters:", "none.jsonl: cannot be read"),
        ("filters:", "splitter: {boundaries: {b: {forced: [1]}}}\nfilters:", "there is no document 'b'"),
        ("filters:", "splitter: {abbreviations: no.tsv}\nfilters:", "no.tsv: cannot be read"),
    ],
)
def test_faults_name_line_key_and_remedy(tmp_path: Path, old: str, new: str, fault: str) -> None:
    assert old in GOOD
    (found,) = faults_of(write(tmp_path, GOOD.replace(old, new, 1)))
    assert fault in found


def test_the_originals_may_stand_on_the_other_side(tmp_path: Path) -> None:
    """English originals of which Kazakh sources are translations, as in FLORES+."""
    text = GOOD.replace("kind: human", "kind: original").replace("lang: kk", "lang: kk\n    kind: human", 1)
    config = load_config(write(tmp_path, text))
    assert (config.sources[0].kind, config.translations[0].kind) == ("human", "original")


def test_all_faults_are_listed_at_once(tmp_path: Path) -> None:
    text = (
        GOOD.replace("version:", "verison:").replace("lang: en", "lang: xx").replace("max_words: 100", "max_words: a")
    )
    missing, unknown, lang, words = faults_of(write(tmp_path, text))
    assert missing == "job.yaml:1: corpus.version: is missing"
    assert "job.yaml:3: corpus.verison: unknown key; did you mean 'version'? known are description" in unknown
    assert "job.yaml:10: translations.0.lang" in lang
    assert "job.yaml:15: filters.0.max_words" in words


def test_faults_of_files_are_listed_together(tmp_path: Path) -> None:
    path = write(tmp_path, GOOD)
    (tmp_path / "en" / "b.txt").write_text("Text.", encoding="utf-8")
    path.write_text(GOOD + "decisions: none.jsonl\n", encoding="utf-8")
    stranger, decisions = faults_of(path)
    assert "translation 'en': 1 documents have no source of that id: b (en/b.txt)" in stranger
    assert "none.jsonl" in decisions


def test_a_missing_file_and_an_empty_one(tmp_path: Path) -> None:
    assert "cannot be read" in faults_of(tmp_path / "none.yaml")[0]
    assert "a config is a mapping" in faults_of(write(tmp_path, ""))[0]


def test_two_translations_into_one_language_are_published_apart(tmp_path: Path) -> None:
    second = "  - {name: mt, lang: en, kind: machine, files: [en/*.txt]}\n"
    config = load_config(write(tmp_path, GOOD.replace("filters:", second + "filters:")))
    assert [config.dataset_of(one) for one in config.translations] == ["kk-en", "kk-en-mt"]
    same = second.replace("name: mt", "name: mt, dataset: kk-en")
    assert "would publish as 'kk-en'" in faults_of(write(tmp_path, GOOD.replace("filters:", same + "filters:")))[0]
