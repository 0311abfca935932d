"""Published collections in one line each, from small files laid out as they are published (see corpus/presets)."""

import csv
import gzip
import json
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from small_corpus import qosmatin_here as qosmatin

from qosmatin.corpus.presets import presets

BOTH = [("Қар жауды.", "Snow fell."), ("Қала үлкен.", "The city is big.")]


def write_csv(path: Path, rows: list[dict[str, Any]]) -> str:
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    return path.name


def til_parallel(folder: Path) -> list[str]:
    common = {"source": "gec-mix", "split": "train", "score": 4, "judge_lang": "kk"}
    rows = [
        {"input": "Snow fell.", "target": "Қар жауды.", "task": "translate_en_kk", "category": "news", **common},
        {
            "input": "Қала үлкен.",
            "target": "The city is big.",
            "task": "translate_kk_en",
            "category": "art",
            **common,
        },
        {"input": "Қар.", "target": "Снег.", "task": "translate_kk_ru", "category": "news", **common},
        {"input": "Жаңбыр.", "target": "", "task": "translate_kk_en", "category": "news", **common},
    ]
    pq.write_table(pa.Table.from_pylist(rows), folder / "train-00000-of-00001.parquet")
    return ["train-00000-of-00001.parquet"]


def kazparc(folder: Path) -> list[str]:
    rows = [
        {"id": "1", "kk": "Қар жауды.", "en": "Snow fell.", "ru": "Снег.", "tr": "Kar.", "domain": "General"},
        {"id": "2", "kk": "Қала үлкен.", "en": "The city is big.", "ru": "", "tr": "", "domain": "Mass media"},
    ]  # fmt: skip
    return [write_csv(folder / "01_kazparc_all_entries.csv", rows)]


def kazparc_pairs(folder: Path) -> list[str]:
    rows = [
        {"id": "1", "source_lang": "Қар жауды.", "target_lang": "Snow fell.", "domain": "General", "pair": "kk_en"},
        {"id": "2", "source_lang": "Big city.", "target_lang": "Большой город.", "domain": "General", "pair": "en_ru"},
        {"id": "3", "source_lang": BOTH[1][1], "target_lang": BOTH[1][0], "domain": "General", "pair": "en_kk"},
    ]  # fmt: skip
    return [write_csv(folder / "02_kazparc_train_kk_en.csv", rows)]


def flores(folder: Path) -> list[str]:
    about = {"glottocode": "x", "domain": "wikinews", "topic": "weather", "has_image": "no"}
    for name, texts in (("kaz_Cyrl", ("Қар жауды.", "Қала үлкен.")), ("eng_Latn", ("Snow fell.", "The city is big."))):
        rows = [
            {"id": number, "iso_639_3": name[:3], "iso_15924": name[4:], "text": text,
             "url": "https://en.wikinews.org/wiki/Snow", **about}
            for number, text in enumerate(texts)
        ]  # fmt: skip
        rows = rows if name == "kaz_Cyrl" else rows[::-1]  # joined by id, whatever the order
        text = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
        (folder / f"{name}.jsonl").write_text(text, encoding="utf-8")
    (folder / "rus_Cyrl.jsonl").write_text("{}\n", encoding="utf-8")
    return ["kaz_Cyrl.jsonl", "eng_Latn.jsonl"]


def ntrex(folder: Path) -> list[str]:
    inner = folder / "NTREX-128"
    inner.mkdir()
    (inner / "newstest2019-src.eng.txt").write_text("Snow fell.\nThe city is big.\n", encoding="utf-8")
    (inner / "newstest2019-ref.kaz.txt").write_text("Қар жауды.\nҚала үлкен.\n", encoding="utf-8")
    (inner / "newstest2019-ref.rus.txt").write_text("Выпал снег.\nГород большой.\n", encoding="utf-8")
    (folder / "DOCUMENT_IDS.tsv").write_text("bbc.1\nbbc.2\n", encoding="utf-8")
    return ["NTREX-128"]


def moses(folder: Path) -> list[str]:
    (folder / "Tatoeba.en-kk.en").write_text("Snow fell.\nThe city is big.\n", encoding="utf-8")
    (folder / "Tatoeba.en-kk.kk").write_text("Қар жауды.\nҚала үлкен.\n", encoding="utf-8")
    return ["Tatoeba.en-kk.en", "Tatoeba.en-kk.kk"]


def moses_zip(folder: Path) -> list[str]:
    with zipfile.ZipFile(folder / "en-kk.txt.zip", "w") as archive:
        archive.writestr("README", "Tatoeba")
        for name in moses(folder):
            archive.write(folder / name, name)
            (folder / name).unlink()
        archive.writestr("Tatoeba.en-kk.xml", "<cesAlign/>")
    return ["en-kk.txt.zip"]


def tmx(folder: Path) -> list[str]:
    unit = '<tu><tuv xml:lang="en"><seg>{}</seg></tuv><tuv xml:lang="kk"><seg>{}</seg></tuv></tu>'
    units = unit.format("Snow fell.", "Қар жауды.") + unit.format("The city is big.", "Қала үлкен.")
    head = '<header creationtool="u" datatype="PlainText" segtype="sentence" o-tmf="a" adminlang="en" srclang="en"/>'
    text = f'<?xml version="1.0"?><tmx version="1.4">{head}<body>{units}</body></tmx>'
    (folder / "en-kk.tmx.gz").write_bytes(gzip.compress(text.encode()))
    return ["en-kk.tmx.gz"]


LAYOUTS: list[tuple[str, Callable[[Path], list[str]], list[str], dict[str, str], list[str]]] = [
    ("til-parallel-kk", til_parallel, ["train-00000-of-00001/news/1", "train-00000-of-00001/art/1"],
     {"domain": "news", "licence": "Apache-2.0", "by": "TilQazyna"},
     ["task", "source", "split", "score", "judge_lang"]),
    ("kazparc", kazparc, ["01_kazparc_all_entries/general/1", "01_kazparc_all_entries/mass-media/1"],
     {"domain": "General", "kind": "human", "by": "ISSAI"}, ["id"]),
    ("kazparc", kazparc_pairs, ["02_kazparc_train_kk_en/general/1"], {"domain": "General"}, ["id", "pair"]),
    ("kazparc-sync", kazparc_pairs, ["02_kazparc_train_kk_en/general/1"], {"kind": "original"}, ["id", "pair"]),
    ("flores-plus", flores, ["en.wikinews.org/wiki/Snow"],
     {"domain": "wikinews", "title": "weather", "url": "https://en.wikinews.org/wiki/Snow", "kind": "original",
      "licence": "CC-BY-SA-4.0"}, ["id", "iso_639_3", "iso_15924", "glottocode", "has_image"]),
    ("ntrex", ntrex, ["bbc.1", "bbc.2"], {"kind": "original", "domain": "news", "licence": "CC-BY-SA-4.0"}, []),
    ("opus", moses, ["Tatoeba.en-kk/1"], {"url": "https://opus.nlpl.eu"}, []),
    ("opus", moses_zip, ["Tatoeba.en-kk/1"], {"url": "https://opus.nlpl.eu"}, []),
    ("opus", tmx, ["en-kk/1"], {"url": "https://opus.nlpl.eu"}, []),
]  # fmt: skip


@pytest.mark.parametrize(("name", "write", "documents", "about", "columns"), LAYOUTS)
def test_a_collection_comes_in_with_what_its_columns_say(
    name: str,
    write: Callable[[Path], list[str]],
    documents: list[str],
    about: dict[str, str],
    columns: list[str],
    tmp_path: Path,
) -> None:
    files = write(tmp_path)
    done = qosmatin(tmp_path, "import", *files, "--preset", name, "-s", "kk", "-t", "en", "-o", "in")
    assert done.returncode == 0, done.stderr
    sides = [
        [json.loads(line) for line in (tmp_path / "in" / f"{lang}.jsonl").read_text(encoding="utf-8").splitlines()]
        for lang in ("kk", "en")
    ]
    assert [row["id"] for row in sides[0]] == [row["id"] for row in sides[1]] == documents
    lines = [[line for row in side for line in row["text"].split("\n")] for side in sides]
    assert list(zip(*lines, strict=True)) == BOTH
    assert {field: sides[1][0].get(field) for field in about} == about
    table = tmp_path / "in" / "columns.tsv"
    found = table.read_text(encoding="utf-8").split("\n")[0].split("\t")[2:] if table.exists() else []
    assert sorted(found) == sorted(columns)


def test_what_was_left_out_is_counted_and_a_job_runs_on_the_rest(tmp_path: Path) -> None:
    files = til_parallel(tmp_path)
    done = qosmatin(
        tmp_path,
        "import",
        *files,
        "--preset",
        "til-parallel-kk",
        "-o",
        "in",
        "--reviewer",
        "Til",
        "--translation",
        "til",
    )
    assert "1 rows left out: of other languages" in done.stdout
    assert "1 rows left out: with an empty side" in done.stdout
    (tmp_path / "job.yaml").write_text(
        "corpus: {name: til, version: 1.0.0, folder: out}\n"
        "sources: [{manifest: in/kk.jsonl, lang: kk}]\n"
        "translations: [{name: til, lang: en, manifest: in/en.jsonl, kind: human}]\n"
        "decisions: in/decisions.jsonl\n",
        encoding="utf-8",
    )
    done = qosmatin(tmp_path, "run", "job.yaml", "--until", "read")
    assert done.returncode == 0, done.stderr
    assert "2 sources, 2 translations" in done.stdout


@pytest.mark.parametrize(
    ("name", "write", "message"),
    [
        ("none", moses, "there is no preset 'none'; there are flores-plus, kazparc"),
        ("kazparc", til_parallel, "it needs the columns kk en or source_lang target_lang pair, and has input target"),
        ("til-parallel-kk", kazparc, "it needs the columns input target task, and has id kk en"),
        ("flores-plus", kazparc, "0 files are of language 'kk' by their names"),
        ("ntrex", moses, "no file is of language 'kk' by its name (preset ntrex) among Tatoeba.en-kk.en"),
        ("til-parallel-kk", moses, "is no table; name files .csv, .tsv"),
    ],
)
def test_what_is_laid_out_otherwise_says_so(
    name: str, write: Callable[[Path], list[str]], message: str, tmp_path: Path
) -> None:
    done = qosmatin(tmp_path, "import", *write(tmp_path), "--preset", name, "-o", "in")
    assert done.returncode == 2
    assert message in " ".join(done.stderr.split())


def test_files_that_are_not_side_by_side_are_refused(tmp_path: Path) -> None:
    files = moses(tmp_path)
    (tmp_path / files[1]).write_text("Қар жауды.\n", encoding="utf-8")
    done = qosmatin(tmp_path, "import", *files, "--preset", "opus", "-o", "in")
    assert "1 lines, and Tatoeba.en-kk.en 2: they are not side by side" in done.stderr


def test_each_preset_names_where_it_is_described() -> None:
    assert all(one.source.startswith("https://") for one in presets().values())
