"""The one direction of imports: corpus <- align, translate, eval <- review <- qosmatin (see docs/architecture.md)."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
FOLDERS = {
    "cli": "qosmatin/cli",
    "config": "qosmatin/config",
    "job": "qosmatin/job",
    "library": "qosmatin/library",
    "stages": "qosmatin/stages",
}
"""The top folders of the face, by name; the others stand in the root under their own."""
ALLOWED = {
    "corpus": {"corpus"},
    "align": {"align", "corpus"},
    "translate": {"translate", "corpus"},
    "eval": {"eval", "corpus"},
    "review": {"review", "align", "corpus"},
}


def rooms_imported(path: Path, room: str) -> set[str]:
    """The rooms that a module imports, relative imports within its own room included."""
    rooms = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        names = []
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            depth = len(path.relative_to(ROOT / room).parts)
            assert node.level <= depth, f"{path}: a relative import leaves the room"
            names = [node.module or ""] if node.level == 0 else [f"qosmatin.{room}"]
            if names == ["qosmatin"]:
                names = [f"qosmatin.{alias.name}" for alias in node.names]
        for name in names:
            assert name.split(".")[0] not in ALLOWED, f"{path}: bare import of {name}; write qosmatin.{name}"
            if name.split(".")[0] == "qosmatin":
                rooms.add(name.split(".")[1] if "." in name else "qosmatin")
    return rooms


@pytest.mark.parametrize("room", [room for room in ALLOWED if (ROOT / room).is_dir()])
def test_a_room_imports_only_what_stands_below_it(room: str) -> None:
    modules = list((ROOT / room).rglob("*.py"))
    assert modules
    for path in modules:
        assert rooms_imported(path, room) <= ALLOWED[room], path


def modules(top: str) -> dict[str, Path]:
    """The modules of a top folder by their dotted names, packages under the name of the folder."""
    folder = ROOT / FOLDERS.get(top, top)
    named = {}
    for path in folder.rglob("*.py"):
        parts = (top, *path.relative_to(folder).with_suffix("").parts)
        named[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    return named


def imports(name: str, path: Path, known: dict[str, Path]) -> set[str]:
    """The modules of the same top folder that a module imports, wherever in it: also for types, also by a table.

    A module that calls ``import_module`` on something relative is taken to import every module beside it that one of
    its strings names.
    """
    tree = ast.parse(path.read_text(encoding="utf-8"))
    package = name if path.name == "__init__.py" else name.rpartition(".")[0]
    wanted: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            wanted |= {alias.name.removeprefix("qosmatin.") for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            base = (node.module or "").removeprefix("qosmatin.").removeprefix("qosmatin")
            if node.level:
                above = package.split(".")[: len(package.split(".")) - node.level + 1]
                base = ".".join([*above, *([node.module] if node.module else [])])
            for alias in node.names:
                one = f"{base}.{alias.name}".strip(".")
                wanted.add(one if one in known else base)
    if "import_module" in {getattr(node.func, "id", "") for node in ast.walk(tree) if isinstance(node, ast.Call)}:
        strings = {node.value for node in ast.walk(tree) if isinstance(node, ast.Constant) and type(node.value) is str}
        wanted |= {f"{package}.{one.strip('.').split(':')[0]}" for one in strings}
    return (wanted & known.keys()) - {name}


def graph(top: str) -> dict[str, set[str]]:
    known = modules(top)
    return {name: imports(name, path, known) for name, path in known.items()}


def rooms(top: str, imported: dict[str, set[str]]) -> dict[str, set[str]]:
    """Which room imports from which by a ``graph``; a room is a folder within the top folder."""
    folders = {name: path.parent for name, path in modules(top).items()}
    base = ROOT / FOLDERS.get(top, top)

    def room(name: str) -> str | None:
        parts = folders[name].relative_to(base).parts
        return parts[0] if parts else None

    arrows: dict[str, set[str]] = {}
    for name, wanted in imported.items():
        if (here := room(name)) is not None:
            arrows.setdefault(here, set()).update(there for one in wanted if (there := room(one)) not in (None, here))
    return arrows


def circles(arrows: dict[str, set[str]]) -> list[list[str]]:
    """The sets of names of which each reaches each other."""

    def reached(start: str) -> set[str]:
        seen: set[str] = set()
        todo = [start]
        while todo:
            for one in arrows.get(todo.pop(), ()):
                if one not in seen:
                    seen.add(one)
                    todo.append(one)
        return seen

    reach = {name: reached(name) for name in arrows}
    found = {tuple(sorted({name, *(one for one in reach[name] if name in reach[one])})) for name in arrows}
    return sorted(list(one) for one in found if len(one) > 1)


@pytest.mark.parametrize("top", [*ALLOWED, *FOLDERS])
def test_neither_modules_nor_rooms_import_in_a_circle(top: str) -> None:
    imported = graph(top)
    assert imported
    assert circles(imported) == []
    assert circles(rooms(top, imported)) == []


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("from .b import x\n", "from qosmatin.corpus.a import y\n"),
        ("from . import b\n", "import qosmatin.corpus.a\n"),
        ("if TYPE_CHECKING:\n    from .b import x\n", "def f():\n    from qosmatin.corpus import a\n"),
        ("TABLE = {'.x': 'b'}\nimport_module(f'.{TABLE[one]}', __name__)\n", "from .a import y\n"),
    ],
)
def test_a_circle_is_seen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, one: str, other: str) -> None:
    monkeypatch.setattr("test_layers.ROOT", tmp_path)
    (tmp_path / "corpus" / "room").mkdir(parents=True)
    for name, text in (("a", one), ("b", other), ("c", "from .a import y\n")):
        (tmp_path / "corpus" / f"{name}.py").write_text(text, encoding="utf-8")
    assert circles(graph("corpus")) == [["corpus.a", "corpus.b"]]
