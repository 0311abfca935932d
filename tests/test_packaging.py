"""What the wheel holds: every module and data file of the checkout's packages, under the one name."""

import fnmatch
import os
import shutil
import subprocess
import sys
import sysconfig
import tomllib
import venv
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
TOOL = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["setuptools"]
ROOMS = sorted(path.name for path in (ROOT / "qosmatin").iterdir() if path.is_symlink())


def package_folders() -> dict[str, Path]:
    """Every folder with Python modules, by the name of its package."""
    found = {}
    for room in ["qosmatin", *ROOMS]:
        for init in (ROOT / room).rglob("__init__.py"):
            folder = init.parent
            if (
                room == "qosmatin"
                and folder.relative_to(ROOT).parts[1:2]
                and folder.relative_to(ROOT).parts[1] in ROOMS
            ):
                continue
            name = ".".join(folder.relative_to(ROOT).parts)
            found[name if room == "qosmatin" else f"qosmatin.{name}"] = folder
    return found


def test_the_wheel_has_every_package_of_every_room() -> None:
    assert len(ROOMS) >= 4
    assert sorted(TOOL["packages"]) == sorted(package_folders())
    assert TOOL["package-dir"] == {f"qosmatin.{room}": room for room in ROOMS}


def test_the_wheel_has_every_data_file() -> None:
    folders = package_folders()
    for name, folder in folders.items():
        inner = [other for other in folders.values() if other != folder and folder in other.parents]
        for path in folder.rglob("*"):
            if not path.is_file() or path.suffix in (".py", ".pyc", ".nbi", ".nbc") or "__pycache__" in path.parts:
                continue
            if any(other in path.parents for other in inner) or (name == "qosmatin" and path.is_symlink()):
                continue
            if name == "qosmatin" and path.relative_to(folder).parts[0] in ROOMS:
                continue
            patterns = TOOL["package-data"].get(name, [])
            assert any(fnmatch.fnmatch(path.relative_to(folder).as_posix(), one) for one in patterns), path


@pytest.fixture(scope="module")
def linkless(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A checkout as Windows has it where git makes no symbolic links: files with the text of the link."""
    folder = tmp_path_factory.mktemp("linkless") / "checkout"
    folder.mkdir()
    for name in [*ROOMS, "qosmatin"]:
        leave = shutil.ignore_patterns("__pycache__", *(ROOMS if name == "qosmatin" else ()))
        shutil.copytree(ROOT / name, folder / name, ignore=leave)
    for name in ("pyproject.toml", "README.md", "LICENSE", "MANIFEST.in"):
        shutil.copy(ROOT / name, folder)
    for room in ROOMS:
        (folder / "qosmatin" / room).write_text(f"../{room}", encoding="utf-8")
    return folder


TRY = """
import importlib.resources, sys, qosmatin, qosmatin.align, qosmatin.eval, qosmatin.review, qosmatin.translate
ours = [module for name, module in sys.modules.items() if name.startswith("qosmatin")]
assert all(module.__file__.startswith(sys.argv[1]) for module in ours)
assert (importlib.resources.files("qosmatin") / "py.typed").is_file()
assert qosmatin.align(qosmatin.split("Ол келді.", "kk").texts, ["He came."], "kk", "en").rows()
"""


def run_python(python: Path | str, *words: str | Path, folder: Path, path: Path | None = None) -> None:
    # That the search runs is asked for, not that it is quick: compiling it in a new place takes twenty seconds.
    environment = {**os.environ, "PYTHONPATH": "" if path is None else str(path), "NUMBA_DISABLE_JIT": "1"}
    done = subprocess.run(
        [python, *words], cwd=folder, env=environment, capture_output=True, encoding="utf-8", check=False
    )
    assert done.returncode == 0, done.stderr


PIP = ("-m", "pip", "--disable-pip-version-check", "--quiet")
ALONE = ("--no-index", "--no-build-isolation", "--no-deps")


def test_the_wheel_of_a_checkout_without_links_is_whole(linkless: Path, tmp_path: Path) -> None:
    run_python(sys.executable, *PIP, "wheel", *ALONE, "-w", tmp_path, linkless, folder=tmp_path)
    (wheel,) = tmp_path.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())
        archive.extractall(tmp_path / "site")
    assert "qosmatin/py.typed" in names
    for name, folder in package_folders().items():
        assert f"{name.replace('.', '/')}/__init__.py" in names, folder
    assert not [path for path in (tmp_path / "site").rglob("*") if path.is_symlink()]
    run_python(sys.executable, "-c", TRY, tmp_path / "site", folder=tmp_path, path=tmp_path / "site")


def test_an_editable_install_of_a_checkout_without_links_runs(linkless: Path, tmp_path: Path) -> None:
    venv.create(tmp_path / "env", symlinks=os.name != "nt")
    site = Path(sysconfig.get_path("purelib", vars={"base": str(tmp_path / "env")}, scheme="venv"))
    (site / "here.pth").write_text(sysconfig.get_path("purelib"), encoding="utf-8")
    python = Path(sysconfig.get_path("scripts", vars={"base": str(tmp_path / "env")}, scheme="venv")) / "python"
    run_python(python, *PIP, "install", *ALONE, "--editable", linkless, folder=tmp_path)
    run_python(python, "-c", TRY, linkless, folder=tmp_path)
    run_python(python, "-m", "qosmatin", "--version", folder=linkless)
