"""The one direction of imports: corpus <- align, translate, eval <- review <- qosmatin (see docs/architecture.md)."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
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
