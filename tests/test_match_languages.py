"""``lang: guess``: one folder of several languages sorts itself into sources and translations."""

from collections.abc import Mapping
from io import BytesIO, StringIO
from pathlib import Path

import pytest
from matched_documents import made_document, write_folders
from rich.console import Console

from qosmatin.cli import main
from qosmatin.config.job import load_config
from qosmatin.corpus.errors import ConfigError, InputError
from qosmatin.corpus.splitting import guess_language, sure_language
from qosmatin.corpus.storage.folder import CorpusFolder
from qosmatin.job.documents import JobDocuments, guess_languages, list_documents
from qosmatin.job.opened import open_corpus
from qosmatin.job.pipeline import open_job, run_job
from qosmatin.stages.order import STAGES

CONFIG = """\
corpus: {name: found, version: 1.0.0, folder: out}
sources: [{files: [all], lang: guess}]
translations: [{name: en, lang: en, kind: human, pairing: content}]
"""

RUSSIAN = "Сегодня в городе открылась новая школа. Об этом сказал министр. Дети очень рады, и учителя тоже."


def mixed_folder(work: Path, count: int) -> dict[str, str]:
    """Write documents and translations into one folder."""
    right = write_folders(work, count)
    (work / "all").mkdir()
    for side in ("a", "b"):
        for path in (work / side).iterdir():
            path.rename(work / "all" / path.name)
    return right


def documents(work: Path, replacing: Mapping[str, str] | None = None, more: str = "") -> JobDocuments:
    text = CONFIG
    for old, new in (replacing or {}).items():
        assert old in text
        text = text.replace(old, new)
    (work / "job.yaml").write_text(text + more, encoding="utf-8")
    return list_documents(guess_languages(load_config(work / "job.yaml")))


def sides(found: JobDocuments) -> tuple[set[str], set[str]]:
    return {one.id for one in found.sources}, {one.id.removesuffix("@en") for one in found.translations["en"]}


def test_a_mixed_folder_becomes_pairs(tmp_path: Path) -> None:
    right = mixed_folder(tmp_path, 4)
    (tmp_path / "job.yaml").write_text(CONFIG, encoding="utf-8")
    run_job(open_job(load_config(tmp_path / "job.yaml"), Console(file=StringIO())), STAGES, until="translate")
    rows = CorpusFolder(tmp_path / "out").read("translations", "en").to_pylist()
    assert {row["source_document"]: row["target_document"].removesuffix("@en") for row in rows} == right
    config = open_corpus(tmp_path / "out", Console(file=StringIO())).config
    assert (config.sources[0].lang, config.translations[0].lang) == ("kk", "en")


@pytest.mark.parametrize(
    "replacing",
    [
        {},
        {"lang: guess": "lang: kk, sort: true"},
        {"lang: guess": "lang: kk, sort: true", "pairing: content": "pairing: content, files: [all], sort: true"},
        {"[all]": "['all/*.txt']"},
    ],
)
def test_files_go_to_the_section_of_their_language(tmp_path: Path, replacing: Mapping[str, str]) -> None:
    (tmp_path / "all").mkdir()
    for at in range(3):
        for side, text in zip(("k", "e"), made_document(at), strict=True):
            (tmp_path / "all" / f"{side}{at}.txt").write_text(text, encoding="utf-8")
    found = documents(tmp_path, replacing)
    assert sides(found) == ({"k0", "k1", "k2"}, {"e0", "e1", "e2"})
    assert {one.lang for one in found.sources} == {"kk"}


def write_archive(path: Path, pages: Mapping[str, str]) -> None:
    statusandheaders = pytest.importorskip("warcio.statusandheaders", reason="pip install 'qosmatin[formats]'")
    from warcio.warcwriter import WARCWriter

    with path.open("wb") as stream:
        writer = WARCWriter(stream, gzip=True)
        for address, text in pages.items():
            headers = [("Content-Type", "text/html; charset=utf-8")]
            said = statusandheaders.StatusAndHeaders("200 OK", headers, protocol="HTTP/1.1")
            content = "".join(f"<p>{line}</p>" for line in text.split("\n"))
            page = BytesIO(f"<html><body><article>{content}</article></body></html>".encode())
            writer.write_record(writer.create_warc_record(address, "response", payload=page, http_headers=said))


@pytest.mark.parametrize(
    "replacing",
    [
        {"[all]": "[all.warc.gz]"},
        {"[all], lang: guess": "[all.warc.gz], lang: kk, sort: true"},
        {"[all], lang": "[all.warc.gz, more], lang"},  # beside files
        {"[all], lang": "[all.warc.gz], urls: ['*/a/*'], lang"},
    ],
)
def test_pages_of_an_archive_go_to_the_section_of_their_language(tmp_path: Path, replacing: Mapping[str, str]) -> None:
    pages = {f"https://x.kz/a/{side}{at}": made_document(at)[side == "e"] for at in range(3) for side in "ke"}
    write_archive(tmp_path / "all.warc.gz", {**pages, "https://x.kz/b/odd": RUSSIAN})
    (tmp_path / "more").mkdir()
    (tmp_path / "more" / "e9.txt").write_text(made_document(9)[1], encoding="utf-8")
    found = documents(tmp_path, replacing, "on_error: skip\n")
    more = {"e9"} if "more" in str(replacing) else set()
    assert sides(found) == ({f"x.kz/a/k{at}" for at in range(3)}, {*(f"x.kz/a/e{at}" for at in range(3)), *more})
    assert [one.origin for one in found.problems] == (
        [] if "urls" in str(replacing) else [f"{tmp_path / 'all.warc.gz'}, https://x.kz/b/odd"]
    )


HALVES = "\n".join(made_document(1))


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        (HALVES, "it looks like kk and like en; say which it is"),
        ("12 345 67", "no word of Kazakh, Russian or English found"),
        (RUSSIAN, "it looks like ru, which no text of this job is in; exclude it"),
    ],
)
def test_what_is_nobodys_is_told_or_skipped(tmp_path: Path, text: str, fault: str) -> None:
    mixed_folder(tmp_path, 2)
    (tmp_path / "all" / "odd.txt").write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError) as told:
        documents(tmp_path)
    assert f"odd.txt: {fault}" in str(told.value).replace("the language cannot be guessed: ", "")
    found = documents(tmp_path, more="on_error: skip\n")
    assert [Path(one.origin).name for one in found.problems] == ["odd.txt"]
    assert "odd" not in set.union(*sides(found))


def test_a_file_that_cannot_be_read_is_left_to_reading(tmp_path: Path) -> None:
    mixed_folder(tmp_path, 2)
    (tmp_path / "all" / "bad.docx").write_bytes(b"no archive")
    assert "bad" in sides(documents(tmp_path))[0]


def test_without_a_language_for_the_sources_the_config_is_refused(tmp_path: Path) -> None:
    (tmp_path / "all").mkdir()
    (tmp_path / "all" / "a.txt").write_text(made_document(0)[1], encoding="utf-8")
    with pytest.raises(ConfigError, match="no file is in a language of its own for the sources \\(found: en\\)"):
        documents(tmp_path)


@pytest.mark.parametrize(
    ("replacing", "fault"),
    [
        ({"lang: guess": "lang: kk"}, "translation 'en': it names no texts; give 'files', or 'lang: guess'"),
        ({", pairing: content": ""}, "give either 'files' or 'manifest'"),
        ({"lang: en": "lang: guess"}, "'guess' is no known language code"),
        ({"files: [all]": "manifest: all.tsv"}, "'lang: guess' goes with 'files'"),
        ({"lang: guess": "lang: auto, sort: true"}, "'sort' goes with 'files', and with the language"),
    ],
)
def test_faults_of_the_config(tmp_path: Path, replacing: Mapping[str, str], fault: str) -> None:
    (tmp_path / "all").mkdir()
    (tmp_path / "all" / "a.txt").write_text(made_document(0)[0], encoding="utf-8")
    with pytest.raises(ConfigError) as told:
        documents(tmp_path, replacing)
    assert fault in str(told.value)


@pytest.mark.parametrize(
    ("text", "lang"),
    [
        (made_document(0)[0], "kk"),
        (made_document(0)[1], "en"),
        (RUSSIAN, "ru"),
        ("قازاق تىلى", "kk"),
        (HALVES, None),
        ("", None),
        (f"{RUSSIAN * 4}\n{made_document(2)[0][:200]}", None),
    ],
)
def test_a_language_is_sure_or_not(text: str, lang: str | None) -> None:
    if lang is None:
        with pytest.raises(InputError, match="say which it is"):
            sure_language(text)
    else:
        assert sure_language(text) == guess_language(text) == lang


def test_the_command_sorts_one_folder(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    right = mixed_folder(tmp_path, 4)
    arguments = ["match", str(tmp_path / "all"), "-s", "kk", "-t", "en", "-o", str(tmp_path / "list.tsv")]
    with pytest.raises(SystemExit) as end:
        main(arguments)
    assert end.value.code == 0, capsys.readouterr().err
    lines = [line.split("\t") for line in (tmp_path / "list.tsv").read_text(encoding="utf-8").splitlines()]
    assert {(one[0], one[1]) for one in lines[1:5]} == {(f"{a}.txt", f"{b}.txt") for a, b in right.items()}
    (tmp_path / "all" / "odd.txt").write_text(RUSSIAN, encoding="utf-8")
    (tmp_path / "all" / "half.txt").write_text(HALVES, encoding="utf-8")
    with pytest.raises(SystemExit) as end:
        main(arguments)
    told = capsys.readouterr().err
    assert end.value.code == 0
    assert "odd.txt: it looks like ru" in told
    assert "half.txt: the language cannot be guessed" in told
