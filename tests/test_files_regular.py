"""Nothing but a regular file is ever opened to read; damaged ones give clear errors."""

import os
import stat
import zipfile
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from qosmatin.align import load_lexicon, read_dictionary
from qosmatin.align.embeddings import load_vectors
from qosmatin.corpus.dataset import read_version
from qosmatin.corpus.decisions import read_decisions
from qosmatin.corpus.errors import InputError
from qosmatin.corpus.files.hashing import hash_path
from qosmatin.corpus.files.rows import read_rows
from qosmatin.corpus.formats.alignments import read_alignments
from qosmatin.corpus.formats.files import read_segments
from qosmatin.corpus.reading.documents import read_file
from qosmatin.corpus.reading.tables import open_table_file
from qosmatin.corpus.splitting import read_abbreviations
from qosmatin.corpus.storage.schemas import read_table, write_table
from qosmatin.corpus.storage.stored_table import StoredTable
from qosmatin.eval.segment_files import read_segments as read_lines

READERS: list[tuple[str, Callable[[Path], object]]] = [
    *((f"a{suffix}", read_file) for suffix in (".txt", ".docx", ".html", ".pdf", ".epub", ".srt", ".vtt")),
    *(
        (f"a{suffix}", lambda path: list(read_segments(path, "kk", "en")))
        for suffix in (".tmx", ".tmx.gz", ".xlf", ".xlsx", ".tsv", ".csv", ".jsonl")
    ),
    *((f"a{suffix}", lambda path: list(read_rows(path))) for suffix in (".csv", ".jsonl")),
    *((f"a{suffix}", lambda path: open_table_file(path, "a")) for suffix in (".csv", ".tsv", ".jsonl", ".parquet")),
    *((f"a{suffix}", lambda path: read_dictionary(path, "kk", "en")) for suffix in (".tsv", ".dic", ".dix", ".tmx")),
    ("a.lexicon", load_lexicon),
    ("a.npy", load_vectors),
    ("a.decisions", read_decisions),
    ("a.align", read_alignments),
    ("a.abbreviations", read_abbreviations),
    ("a.lines", lambda path: read_lines(str(path))),
    ("a.lines.gz", lambda path: read_lines(str(path))),
    ("a.parquet", lambda path: read_table(path, SCHEMA)),
    ("a.parquet", lambda path: StoredTable(path, SCHEMA, ["text"])),
    ("a", hash_path),
]
SCHEMA = pa.schema({"text": pa.string()})


@pytest.mark.parametrize(("name", "read"), READERS, ids=lambda one: one if isinstance(one, str) else "")
def test_a_fifo_is_never_waited_for(tmp_path: Path, name: str, read: Callable[[Path], object]) -> None:
    os.mkfifo(tmp_path / name)
    with pytest.raises(InputError, match="is a FIFO"):
        read(tmp_path / name)


@pytest.mark.parametrize("name", ["a.txt", "a.docx", "a.html", "a.pdf", "a.epub", "a.srt"])
def test_a_link_to_an_endless_device_is_never_opened(tmp_path: Path, name: str) -> None:
    device = tmp_path / "zero"
    try:
        os.mknod(device, stat.S_IFCHR | 0o666, os.makedev(1, 5))
    except OSError as error:
        pytest.skip(f"no device can be made here: {error}")
    (tmp_path / name).symlink_to(device)
    with pytest.raises(InputError, match="is a device, no file; save what it gives to a file"):
        read_file(tmp_path / name)


def test_a_folder_is_no_file(tmp_path: Path) -> None:
    (tmp_path / "a.txt").mkdir()
    with pytest.raises(InputError, match="is a folder, no file; name the files in it"):
        read_file(tmp_path / "a.txt")


def _flipped(path: Path, at: int) -> None:
    data = bytearray(path.read_bytes())
    data[at] ^= 0xFF
    path.write_bytes(bytes(data))


@pytest.mark.parametrize("name", ["a.docx", "a.xlsx", "a.epub"])
def test_a_member_with_a_bad_checksum_is_a_clear_error(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    parts = {
        ".docx": "word/document.xml",
        ".xlsx": "xl/workbook.xml",
        ".epub": "META-INF/container.xml",
    }
    if name == "a.docx":
        pytest.importorskip("docx").Document().save(str(path))
    elif name == "a.xlsx":
        pytest.importorskip("openpyxl").Workbook().save(path)
    else:
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr("META-INF/container.xml", "<container/>" * 10)
    with zipfile.ZipFile(path) as archive:
        info = archive.getinfo(parts[path.suffix])
    _flipped(path, info.header_offset + 30 + len(info.filename) + info.compress_size // 2)
    with pytest.raises(InputError, match="cannot be read as"):
        if name == "a.xlsx":
            list(read_segments(path, "kk", "en"))
        else:
            read_file(path)


def test_a_flipped_byte_in_our_tables_never_goes_unseen(tmp_path: Path) -> None:
    path = tmp_path / "a.parquet"
    write_table(path, SCHEMA, [[{"text": f"{number} сөйлем"} for number in range(500)]])
    size = path.stat().st_size
    good, rows = path.read_bytes(), read_table(path, SCHEMA).to_pylist()
    refused = 0
    for at in range(4, size // 2, 31):
        path.write_bytes(good)
        _flipped(path, at)
        try:
            # A flip in what only statistics say does not touch the text.
            assert read_table(path, SCHEMA).to_pylist() == rows
            assert StoredTable(path, SCHEMA, ["text"]).rows(0, 500).to_pylist() == rows
        except InputError:
            refused += 1
    assert refused
    path.write_bytes(good[: size // 2])
    with pytest.raises(InputError, match="damaged"):
        read_table(path, SCHEMA)


def test_a_damaged_parquet_of_others_is_a_clear_error(tmp_path: Path) -> None:
    path = tmp_path / "a.parquet"
    pq.write_table(pa.table({"text": ["бір", "екі"] * 1000}), path, compression="zstd", write_page_checksum=True)
    table = open_table_file(path, "a")
    _flipped(path, 30)
    with pytest.raises(InputError, match="damaged"):
        list(table.batches())


@pytest.mark.parametrize("card", ["", "---\n", "---\nconfigs:\n- version: 1.2", "---\nconfigs: [1]\n---\n", "\xff"])
def test_a_truncated_card_has_no_version(tmp_path: Path, card: str) -> None:
    (tmp_path / "README.md").write_bytes(card.encode("latin-1"))
    assert read_version(tmp_path) is None
