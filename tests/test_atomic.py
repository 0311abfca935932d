from pathlib import Path

import pytest

from qosmatin.corpus.files.atomic import recover_folder, replacing_file, replacing_folder, write_text


def test_a_file_is_replaced_whole_or_not_at_all(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "a.txt"
    write_text(path, "бір\n")
    with pytest.raises(FileNotFoundError), replacing_file(path) as beside:
        beside.write_text("екі", encoding="utf-8")
        (tmp_path / "missing").read_text(encoding="utf-8")
    assert path.read_text(encoding="utf-8") == "бір\n"
    write_text(path, "екі\n")
    assert path.read_text(encoding="utf-8") == "екі\n"
    assert [one.name for one in path.parent.iterdir()] == ["a.txt"]


def test_a_folder_is_replaced_whole_or_not_at_all(tmp_path: Path) -> None:
    path = tmp_path / "dataset"
    with replacing_folder(path) as beside:
        (beside / "old").write_text("1", encoding="utf-8")
    with pytest.raises(FileNotFoundError), replacing_folder(path) as beside:
        (beside / "new").write_text("2", encoding="utf-8")
        (tmp_path / "missing").read_text(encoding="utf-8")
    assert [one.name for one in path.iterdir()] == ["old"]
    with replacing_folder(path) as beside:
        assert list(beside.iterdir()) == []
        (beside / "new").write_text("2", encoding="utf-8")
    assert [one.name for one in path.iterdir()] == ["new"]
    assert [one.name for one in tmp_path.iterdir()] == ["dataset"]


def test_a_folder_comes_back_when_the_process_died_between_the_renames(tmp_path: Path) -> None:
    path = tmp_path / "dataset"
    path.mkdir()
    (path / "old").write_text("1", encoding="utf-8")
    path.rename(tmp_path / ".dataset.old")
    recover_folder(path)
    assert (path / "old").read_text(encoding="utf-8") == "1"


def test_what_stepped_aside_goes_when_the_process_died_after_the_renames(tmp_path: Path) -> None:
    path = tmp_path / "dataset"
    path.mkdir()
    (tmp_path / ".dataset.old").mkdir()
    recover_folder(path)
    assert [one.name for one in tmp_path.iterdir()] == ["dataset"]
