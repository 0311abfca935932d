"""What the wheel holds: every module and data file of the checkout's packages, under the one name."""

import fnmatch
import tomllib
from pathlib import Path

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
