"""Every door that takes a language takes it in one way: in its canonical form, or refused with a remedy."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from pydantic import TypeAdapter, ValidationError

from qosmatin.cli import main
from qosmatin.config.job import MemoryTranslation
from qosmatin.config.texts import FilesTranslation, SourceSection
from qosmatin.corpus.errors import InputError
from qosmatin.corpus.languages import Language, check_languages, check_splitter_language
from qosmatin.corpus.model import Provenance
from qosmatin.corpus.reading.entries import entries_from_manifest
from qosmatin.translate.language_codes import flores_code
from qosmatin.translate.training.settings import DataSection

TAKEN = {"kk": "kk", "KK": "kk", "kaz": "kk", "kk_KZ": "kk-KZ", "kk-Cyrl": "kk", " kk ": "kk"}
REFUSED = {"kazakh": "did you mean 'kk'", "kz": "did you mean 'kk'", "қазақша": "did you mean 'kk'", "zz": "kk, ru, en"}


def _text(folder: Path, name: str, text: str = "Ол келді. Сосын кетті.\n") -> str:
    (folder / name).parent.mkdir(parents=True, exist_ok=True)
    (folder / name).write_text(text, encoding="utf-8")
    return str(folder / name)


def _folders(folder: Path) -> list[str]:
    return [str(Path(_text(folder, f"{name}/a.txt")).parent) for name in ("src", "tgt")]


def _tmx(folder: Path) -> str:
    unit = '<tu><tuv xml:lang="kk"><seg>Бір</seg></tuv><tuv xml:lang="en"><seg>One</seg></tuv></tu>'
    return _text(folder, "a.tmx", f'<tmx version="1.4"><header/><body>{unit}</body></tmx>')


COMMANDS: dict[str, Callable[[Path, str], list[str]]] = {
    "split --lang": lambda folder, lang: ["split", _text(folder, "a.txt"), "-l", lang],
    "align -s": lambda folder, lang: ["align", _text(folder, "a"), _text(folder, "b"), "-s", lang, "-t", "en"],
    "align -t": lambda folder, lang: ["align", _text(folder, "a"), _text(folder, "b"), "-s", "en", "-t", lang],
    "import -s": lambda folder, lang: [
        "import", _tmx(folder), "--as", "memory", "-s", lang, "-t", "en", "-o", str(folder / "m.tmx"),
    ],
    "import -t": lambda folder, lang: [
        "import", _tmx(folder), "--as", "documents", "-s", "en", "-t", lang, "-o", str(folder / "o"),
    ],
    "match -s": lambda folder, lang: ["match", *_folders(folder), "-s", lang, "-t", "en"],
    "match -t": lambda folder, lang: ["match", *_folders(folder), "-s", "en", "-t", lang],
    "manifest -s": lambda folder, lang: ["manifest", *_folders(folder), "-s", lang, "-o", str(folder / "m")],
    "manifest -t": lambda folder, lang: ["manifest", *_folders(folder), "-t", lang, "-o", str(folder / "m")],
    "lexicon learn -s": lambda folder, lang: [
        "lexicon", "learn", *_folders(folder), "-o", str(folder / "x.lexicon"), "-s", lang, "-t", "en",
    ],
    "score -t": lambda folder, lang: [
        "score", _text(folder, "a"), _text(folder, "b"), "-t", lang, "-m", "chrf", "--bootstrap", "0",
    ],
    "score --source-lang": lambda folder, lang: [
        "score", _text(folder, "a"), _text(folder, "b"), "--source-lang", lang, "-m", "chrf", "--bootstrap", "0",
    ],
    "diff -t": lambda folder, lang: [
        "diff", _text(folder, "a"), _text(folder, "b"), "--ref", _text(folder, "c"), "-t", lang, "-m", "chrf",
        "--bootstrap", "0",
    ],
}  # fmt: skip


@pytest.mark.parametrize("door", COMMANDS)
def test_a_command_takes_a_language_in_its_canonical_form(
    door: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for number, code in enumerate(TAKEN):
        with pytest.raises(SystemExit) as end:
            main(COMMANDS[door](tmp_path / str(number), code))
        assert not end.value.code, (code, capsys.readouterr().err)
    capsys.readouterr()
    for code, remedy in REFUSED.items():
        with pytest.raises(SystemExit) as end:
            main(COMMANDS[door](tmp_path / code, code))
        assert end.value.code == 2
        error = capsys.readouterr().err
        assert f"'{code}' is no known language code" in error
        assert remedy in error


MODELS: dict[str, Callable[[str], str]] = {
    "a type": lambda code: TypeAdapter(Language).validate_python(code),
    "sources.lang": lambda code: SourceSection(files=["a"], lang=code, kind="original", by="a", licence="CC0-1.0").lang,
    "translations.lang": lambda code: (
        FilesTranslation(name="a", files=["a"], lang=code, kind="human", by="a", licence="CC0-1.0").lang
    ),
    "a memory's lang": lambda code: (
        MemoryTranslation(
            name="a", engine="memory", memories=["a.tmx"], lang=code, kind="human", by="a", licence="CC0-1.0"
        ).lang
    ),
    "data.source of training": lambda code: DataSection(dataset="a", source=code, target="en").source,
}


@pytest.mark.parametrize("door", MODELS)
def test_a_config_takes_a_language_in_its_canonical_form(door: str) -> None:
    for code, expected in TAKEN.items():
        assert MODELS[door](code) == expected
    for code, remedy in REFUSED.items():
        with pytest.raises(ValidationError, match=remedy):
            MODELS[door](code)


def test_a_manifest_takes_a_language_in_its_canonical_form(tmp_path: Path) -> None:
    for code, expected in TAKEN.items():
        path = Path(_text(tmp_path, "a.tsv", f"id\ttext\tlang\na\tБір.\t{code}\n"))
        assert [one.lang for one in entries_from_manifest(path, "ru", Provenance("original"))] == [expected]
    for code, remedy in REFUSED.items():
        path = Path(_text(tmp_path, "a.tsv", f"id\ttext\tlang\na\tБір.\t{code}\n"))
        with pytest.raises(InputError, match=f"a.tsv:2: .*{remedy}"):
            entries_from_manifest(path, "ru", Provenance("original"))


def test_a_splitter_is_chosen_by_the_canonical_form() -> None:
    assert {check_splitter_language(code) for code in TAKEN} == {"kk"}
    for code, remedy in REFUSED.items():
        with pytest.raises(InputError, match=remedy):
            check_splitter_language(code)
    with pytest.raises(InputError, match="no sentence splitter for language 'de'; known are kk, ru, en"):
        check_splitter_language("de")


@pytest.mark.parametrize(
    ("source", "target", "expected"),
    [
        ("kk", "en", ("kk", "en")),
        ("kaz", "eng", ("kk", "en")),
        ("kk-Latn", "kk", ("kk-Latn", "kk")),
        ("kk", "kk", None),
        ("kk", "kaz", None),
        ("kk-Cyrl", "KK", None),
        ("kk_KZ", "kk", None),
        ("en-GB", "en-US", None),
    ],
)
def test_no_translation_leads_into_its_own_language(source: str, target: str, expected: tuple[str, str] | None) -> None:
    if expected is not None:
        assert check_languages(source, target) == expected
        return
    with pytest.raises(InputError, match=f"'{source}' to '{target}' is no translation; name two languages"):
        check_languages(source, target)


@pytest.mark.parametrize("command", ["align", "match", "lexicon learn", "import", "manifest"])
def test_a_command_refuses_one_language_on_both_sides(
    command: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = next(make for door, make in COMMANDS.items() if door.startswith(command))(tmp_path, "kk_KZ")
    if "-t" in words:
        words[words.index("-t") + 1] = "kk"
    else:
        words += ["-t", "kk"]
    with pytest.raises(SystemExit) as end:
        main(words)
    assert end.value.code == 2
    assert "is no translation; name two languages" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("lang", "code"),
    [("kk", "kaz_Cyrl"), ("kk-KZ", "kaz_Cyrl"), ("en-US", "eng_Latn"), ("kk-Latn", None), ("ko", "kor_Hang"),
     ("zh-CN", "zho_Hans"), ("zh-TW", None), ("uz", "uzn_Latn"), ("uz-Cyrl", None), ("eo", None)],
)  # fmt: skip
def test_a_model_is_told_the_language_whatever_its_region(lang: str, code: str | None) -> None:
    assert flores_code(lang) == code
