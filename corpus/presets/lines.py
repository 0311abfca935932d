"""Collections of text files, one for each language, line by line the same: Moses as OPUS has it, NTREX."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fnmatch import fnmatch
from pathlib import Path

import langcodes

from qosmatin.corpus.errors import InputError
from qosmatin.corpus.files.archives import open_archive
from qosmatin.corpus.files.text import read_text

from . import Preset


@dataclass(frozen=True, slots=True)
class _File:
    """A file of lines, in a folder or in an archive."""

    name: str
    path: Path
    member: str | None = None

    def lines(self) -> list[str]:
        if self.member is None:
            text = read_text(self.path)
        else:
            with open_archive(self.path, "ZIP") as archive:
                text = archive.read(self.member).decode("utf-8-sig")
        lines = text.replace("\r\n", "\n").split("\n")
        return lines[:-1] if lines[-1] == "" else lines


def read_lines(preset: Preset, paths: Sequence[Path], codes: tuple[str, str]) -> Iterator[tuple[str, str, str]]:
    """Yield source, target and document of each line; raises ``InputError`` for files that are not side by side."""
    files = [one for path in paths for one in _files(path)]
    for source, target in _side_by_side(preset, files, codes):
        texts = source.lines(), target.lines()
        if len(texts[0]) != len(texts[1]):
            raise InputError(
                f"has {len(texts[0]):,} lines, and {target.name} {len(texts[1]):,}: they are not side by side",
                source.path,
            )
        documents = _documents(preset, files, source, len(texts[0]))
        yield from zip(*texts, documents, strict=True)


def _files(path: Path) -> Iterator[_File]:
    """Yield the files that a path names: itself, those of a folder, or those in a ZIP."""
    if path.is_dir():
        yield from (_File(one.name, one) for one in sorted(path.rglob("*")) if one.is_file())
    elif path.suffix.lower() == ".zip":
        with open_archive(path, "ZIP") as archive:
            names = [one for one in archive.namelist() if not one.endswith("/")]
        yield from (_File(Path(one).name, path, one) for one in names)
    else:
        yield _File(path.name, path)


def _side_by_side(preset: Preset, files: Sequence[_File], codes: tuple[str, str]) -> list[tuple[_File, _File]]:
    """Return the files of both languages, those of one corpus together."""
    sides = [[one for one in files if _is_of(preset, one.name, code)] for code in codes]
    for code, side in zip(codes, sides, strict=True):
        if not side:
            shown = ", ".join(one.name for one in files[:10])
            raise InputError(f"no file is of language '{code}' by its name (preset {preset.name}) among {shown}")
    if len(sides[0]) == len(sides[1]) == 1:
        return [(sides[0][0], sides[1][0])]
    found = [(one, other) for one in sides[0] for other in sides[1] if _stem(one) == _stem(other)]
    if len(found) != len(sides[0]):
        names = ", ".join(one.name for one in (*sides[0], *sides[1]))
        raise InputError(f"it cannot be told which of {names} belong together; name two files of one corpus")
    return found


def _is_of(preset: Preset, name: str, code: str) -> bool:
    """Whether a file is of a language by its name, which has the code of two letters or of three."""
    spelled = (code, langcodes.get(code).to_alpha3())
    return any(fnmatch(name.lower(), preset.files.format(code=one).lower()) for one in spelled)


def _stem(file: _File) -> str:
    return file.name.rpartition(".")[0]


def _documents(preset: Preset, files: Sequence[_File], source: _File, count: int) -> list[str]:
    """Return the document of each line, from the file that says it; without one the name of the corpus."""
    beside = [_File(one.name, one) for above in (source.path.parent, *source.path.parent.parents[:1])
              for one in [above / preset.documents] if preset.documents and one.is_file()]  # fmt: skip
    found = [one for one in (*files, *beside) if preset.documents and one.name == preset.documents]
    if not found:
        return [f"{_stem(source)}/"] * count
    names = [line.split("\t")[0].strip() for line in found[0].lines()]
    if len(names) != count:
        raise InputError(f"has {len(names):,} lines, and {source.name} {count:,}", found[0].path)
    return names
