import os
import socket
import stat
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from qosmatin.corpus.errors import InputError
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


def test_the_mode_of_a_file_is_kept(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_text("бір", encoding="utf-8")
    path.chmod(0o640)
    write_text(path, "екі")
    assert stat.S_IMODE(path.stat().st_mode) == 0o640


def test_a_link_is_followed_and_its_target_replaced(tmp_path: Path) -> None:
    (tmp_path / "there").mkdir()
    target = tmp_path / "there" / "a.txt"
    target.write_text("бір", encoding="utf-8")
    (tmp_path / "middle").symlink_to(target)
    (tmp_path / "link").symlink_to("middle")
    write_text(tmp_path / "link", "екі")
    assert (tmp_path / "link").is_symlink()
    assert target.read_text(encoding="utf-8") == "екі"
    (tmp_path / "dangling").symlink_to("new.txt")
    write_text(tmp_path / "dangling", "үш")
    assert (tmp_path / "new.txt").read_text(encoding="utf-8") == "үш"
    assert (tmp_path / "dangling").is_symlink()


def test_links_in_a_circle_and_folders_are_refused(tmp_path: Path) -> None:
    (tmp_path / "a").symlink_to("b")
    (tmp_path / "b").symlink_to("a")
    with pytest.raises(InputError, match="circle"):
        write_text(tmp_path / "a", "бір")
    with pytest.raises(InputError, match="is a folder; name a file"):
        write_text(tmp_path, "бір")
    (tmp_path / "file").write_text("бір", encoding="utf-8")
    with pytest.raises(InputError, match="is a file, and a folder"), replacing_folder(tmp_path / "file"):
        pass


def test_a_link_to_a_folder_is_followed(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir(mode=0o750)
    (tmp_path / "real" / "old").write_text("1", encoding="utf-8")
    (tmp_path / "link").symlink_to("real")
    with replacing_folder(tmp_path / "link") as beside:
        (beside / "new").write_text("2", encoding="utf-8")
    assert (tmp_path / "link").is_symlink()
    assert [one.name for one in (tmp_path / "real").iterdir()] == ["new"]
    assert stat.S_IMODE((tmp_path / "real").stat().st_mode) == 0o750


def test_a_fifo_is_written_to(tmp_path: Path) -> None:
    path = tmp_path / "fifo"
    os.mkfifo(path)
    read: list[bytes] = []
    reader = threading.Thread(target=lambda: read.append(path.read_bytes()))
    reader.start()
    write_text(path, "Сәлем" * 100_000)
    reader.join(timeout=10)
    assert read == [("Сәлем" * 100_000).encode()]
    assert stat.S_ISFIFO(path.stat().st_mode)


def test_who_reads_a_fifo_may_have_enough(tmp_path: Path) -> None:
    path = tmp_path / "fifo"
    os.mkfifo(path)

    def read_a_little() -> None:
        with path.open("rb", buffering=0) as stream:
            stream.read(10)

    reader = threading.Thread(target=read_a_little)
    reader.start()
    write_text(path, "а" * 1_000_000)
    reader.join(timeout=10)


def test_a_socket_is_written_to(tmp_path: Path) -> None:
    path = tmp_path / "s"
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(path))
        server.listen()
        write_text(path, "Сәлем")
        connection, _ = server.accept()
        with connection:
            assert connection.makefile("rb").read() == "Сәлем".encode()


@pytest.mark.parametrize("linked", [False, True])
def test_a_device_stays_one(tmp_path: Path, linked: bool) -> None:
    device = tmp_path / "null"
    try:
        os.mknod(device, stat.S_IFCHR | 0o666, os.makedev(1, 3))
        device.write_bytes(b"")
    except OSError as error:
        pytest.skip(f"no device can be made here: {error}")
    (tmp_path / "link").symlink_to("null")
    write_text(tmp_path / "link" if linked else device, "Сәлем")
    assert stat.S_ISCHR(device.stat().st_mode)
    assert (tmp_path / "link").is_symlink()
    assert sorted(one.name for one in tmp_path.iterdir()) == ["link", "null"]


def test_standard_output_by_its_name_goes_on_where_the_shell_is(tmp_path: Path) -> None:
    # Only names below /proc/self/fd are used: nothing but this test's own file can be hurt.
    code = (
        "from pathlib import Path; from qosmatin.corpus.files.atomic import write_text; "
        "write_text(Path('/proc/self/fd/1'), 'екі\\n')"
    )
    out = tmp_path / "out"
    out.write_text("бір\n", encoding="utf-8")
    with out.open("ab") as stream:
        subprocess.run([sys.executable, "-c", code], stdout=stream, check=True)
    assert out.read_text(encoding="utf-8") == "бір\nекі\n"


def test_a_planted_file_beside_is_not_written_through(tmp_path: Path) -> None:
    (tmp_path / "other").write_text("theirs", encoding="utf-8")
    (tmp_path / ".a.txt.new").symlink_to("other")
    write_text(tmp_path / "a.txt", "ours")
    assert (tmp_path / "other").read_text(encoding="utf-8") == "theirs"
    assert not (tmp_path / "a.txt").is_symlink()
