"""Nothing found where something was asked for is an error."""

from pathlib import Path

import pytest

from qosmatin.align import load_lexicon
from qosmatin.corpus.errors import InputError
from qosmatin.job.importing import merge_memories, read_documents

EMPTY_TMX = (
    '<tmx version="1.4"><header creationtool="a" creationtoolversion="1" segtype="sentence" o-tmf="a" adminlang="en"'
    ' srclang="kk" datatype="plaintext"/><body/></tmx>'
)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.tmx", EMPTY_TMX),
        ("a.csv", "source,target\n"),
        ("a.tsv", "source\ttarget\n"),
        ("a.jsonl", ""),
    ],
)
def test_a_file_without_pairs_is_an_error(tmp_path: Path, name: str, content: str) -> None:
    path = tmp_path / name
    path.write_text(content, encoding="utf-8")
    with pytest.raises(InputError, match=r"there is no pair of kk and en in it|no unit has both"):
        read_documents([path], "kk", "en")
    with pytest.raises(InputError, match=r"there is no pair of kk and en in it|no unit has both"):
        merge_memories([path], "kk", "en")


def test_a_memory_of_which_no_unit_is_left_is_an_error(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("source,target,status\nбір,one,rejected\nекі,,\n", encoding="utf-8")
    with pytest.raises(InputError, match=r"can serve as a memory \(1 refused, 1 empty\)"):
        merge_memories([path], "kk", "en")


def test_a_lexicon_without_pairs_is_an_error(tmp_path: Path) -> None:
    path = tmp_path / "a.lexicon"
    path.write_text("# qosmatin lexicon 1\tkk\ten\n", encoding="utf-8")
    with pytest.raises(InputError, match="holds no pair of words"):
        load_lexicon(path)
