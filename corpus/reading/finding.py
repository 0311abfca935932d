"""Finding the files that a person means: folders, globs with ``**`` and ``{a,b}``, without what never is a document.

Folders of real people hold what programs leave there (lock files of Word, thumbnails, backups). Such files are ignored
where a folder or a wildcard brings them in, and told, so that nobody wonders.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from wcmatch import fnmatch, glob

from qosmatin.corpus.errors import InputError

LEFTOVERS = (
    "~$*", ".~lock.*", ".DS_Store", "._*", "Thumbs.db", "ehthumbs.db", "desktop.ini", ".directory", "*.tmp", "~*.tmp",
    "*~", "*.bak", "*.swp", "*.swo", ".#*", "#*#", "*.part", "*.crdownload", ".gitkeep", ".gitignore",
)  # fmt: skip
"""Names of files that programs leave beside documents; none is one, whatever its ending says."""

LEFTOVER_FOLDERS = frozenset({"__MACOSX", ".git", ".svn", "$RECYCLE.BIN", ".Trash", ".ipynb_checkpoints"})

_FLAGS = glob.GLOBSTAR | glob.BRACE | glob.DOTGLOB
_WILDCARDS = frozenset("*?[{")


@dataclass(slots=True)
class FoundFiles:
    """Files in order, each after the folder above its pattern's first wildcard; and what was ignored or excluded."""

    files: list[tuple[Path, Path]] = field(default_factory=list)
    ignored: list[Path] = field(default_factory=list)
    excluded: list[Path] = field(default_factory=list)


def find_files(patterns: Sequence[str], base: Path, exclude: Sequence[str] = ()) -> FoundFiles:
    """Return the files that patterns name, relative to ``base``: in their order, those of each sorted, none twice.

    A pattern is a file, a folder (all files below it) or a glob, where ``**`` stands for any folders and ``{a,b}`` for
    either. What ``exclude`` matches, a file or a folder above it, is left out. Raises ``InputError`` that names every
    pattern without a file.
    """
    found = FoundFiles()
    seen: set[Path] = set()
    empty: list[str] = []
    excluding = [str(base / pattern) for pattern in exclude]
    excluding += [f"{pattern.rstrip('/')}/**" for pattern in excluding]
    for pattern in patterns:
        is_empty = True
        for root, path in _matches(base / pattern):
            if path != base / pattern and _is_leftover(path.relative_to(root)):
                group: list[Path] = found.ignored
            elif excluding and glob.globmatch(str(path), excluding, flags=_FLAGS):
                group = found.excluded
            else:
                is_empty = False
                if path not in seen:
                    found.files.append((root, path))
                seen.add(path)
                continue
            if path not in group:
                group.append(path)
        if is_empty:
            empty.append(pattern)
    if empty:
        named = ", ".join(f"'{pattern}'" for pattern in empty)
        verb = "matches" if len(empty) == 1 else "match"
        left = " that is not excluded" if found.excluded else ""
        raise InputError(f"{named} {verb} no file{left} below {base}; check the folder and the spelling")
    return found


def _matches(pattern: Path) -> list[tuple[Path, Path]]:
    """Return the files of one pattern, sorted, each with the folder above the first wildcard."""
    root, rest = _fixed_part(pattern)
    if not rest:
        return [(root.parent, root)] if _is_there(root) else []
    names = glob.iglob("/".join(rest), root_dir=str(root), flags=_FLAGS)
    return [(root, path) for path in sorted(root / name for name in names) if _is_there(path)]


def _fixed_part(pattern: Path) -> tuple[Path, list[str]]:
    """Divide a pattern before its first wildcard; a folder stands for all files below it.

    What is there under that very name is no wildcard, as the folder ``texts [old]``.
    """
    root = Path(pattern.anchor)
    parts = list(pattern.parts[len(root.parts) :])
    while parts and ((root / parts[0]).exists() or not _WILDCARDS.intersection(parts[0])):
        root /= parts.pop(0)
    return root, parts or (["**"] if root.is_dir() else [])


def _is_there(path: Path) -> bool:
    """Whether a path is a file, or a link that leads nowhere, which reading will tell of."""
    return path.is_file() or (path.is_symlink() and not path.exists())


def _is_leftover(path: Path) -> bool:
    return fnmatch.fnmatch(path.name, LEFTOVERS, flags=fnmatch.DOTMATCH | fnmatch.IGNORECASE) or bool(
        LEFTOVER_FOLDERS.intersection(path.parts)
    )
