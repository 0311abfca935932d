"""Build README, docs and the reference as one site that is read offline: ``python docs/site.py FOLDER``.

``make docs`` runs it. Any warning ends it: a link or an anchor that leads nowhere, a page that nothing leads to, a name
of the reference that cannot be read.
"""

from __future__ import annotations

import logging
import re
import shutil
import sys
import tempfile
from pathlib import Path

from markdown_it import MarkdownIt
from mkdocs.commands.build import build as build_pages
from mkdocs.config import load_config

ROOT = Path(__file__).parent.parent
PAGES = ("README.md", "CONTRIBUTING.md", "CHANGELOG.md", "SECURITY.md", "docs/*.md", "configs/*")
"""What stands in the site, where it stands in the repository, so that links lead from one to the other."""

REFERENCE = {
    "What is called from scripts": ("qosmatin.library", "qosmatin.library.tables"),
    "Corpora": (
        "qosmatin.corpus", "qosmatin.corpus.model", "qosmatin.corpus.errors", "qosmatin.corpus.splitting",
        "qosmatin.corpus.storage.folder", "qosmatin.corpus.storage.view",
    ),
    "Alignment": (
        "qosmatin.align", "qosmatin.align.aligner", "qosmatin.align.batch", "qosmatin.align.matching",
        "qosmatin.align.settings", "qosmatin.align.tasks",
    ),
    "Scoring": ("qosmatin.eval", "qosmatin.eval.evaluation"),
    "Translation": (
        "qosmatin.translate", "qosmatin.translate.engine", "qosmatin.translate.engines", "qosmatin.translate.settings",
    ),
}  # fmt: skip
"""What is meant to be called from outside; the rest of the house is told in architecture.md."""


def collect(folder: Path) -> None:
    """Copy the pages into a folder, and write one of the reference for each module."""
    for pattern in PAGES:
        for path in sorted(ROOT.glob(pattern)):
            if path.is_file():
                copy = folder / path.relative_to(ROOT)
                copy.parent.mkdir(parents=True, exist_ok=True)
                if path.suffix == ".md":
                    copy.write_text(with_wide_lists(path.read_text(encoding="utf-8")), encoding="utf-8")
                else:
                    shutil.copyfile(path, copy)
    shutil.copytree(ROOT / "docs" / "assets", folder / "assets")
    reference = folder / "reference"
    reference.mkdir()
    lines = ["# Reference", "", "Every name that is meant to be called from outside, by its module."]
    for title, modules in REFERENCE.items():
        lines += ["", f"## {title}", "", *(f"* [{name}]({name}.md)" for name in modules)]
        for name in modules:
            (reference / f"{name}.md").write_text(f"# {name}\n\n::: {name}\n", encoding="utf-8")
    (reference / "index.md").write_text("\n".join([*lines, ""]), encoding="utf-8")


def with_wide_lists(text: str) -> str:
    """Write lists as MkDocs asks for, which is more than CommonMark does.

    What belongs to an item is indented by four columns, and a blank line stands behind an item of several blocks.
    """
    lines = text.split("\n")
    items: list[tuple[int, int, int]] = []
    for token in MarkdownIt().parse(text):
        if token.type == "list_item_open" and token.map is not None:
            marker = re.match(r" *([*+-]|\d+[.)]) +", lines[token.map[0]])
            items.append((*token.map, marker.end() if marker else 0))
    apart = {end for start, end, _ in items if "" in lines[start : end - 1]} & {start for start, _, _ in items}
    found = []
    for number, line in enumerate(lines):
        if number in apart and found[-1]:
            found.append("")
        widths = [width for start, end, width in items if start < number < end]
        rest = line.lstrip(" ")
        if widths and rest:
            line = " " * (4 * len(widths) + max(len(line) - len(rest) - max(widths), 0)) + rest  # noqa: PLW2901
        found.append(line)
    return "\n".join(found)


class _Faults(logging.Handler):
    """Keeps what is warned of while the site is built."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.told: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.told.append(record.getMessage())


def render(pages: Path, folder: Path) -> list[str]:
    """Make a site of pages; returns what is wrong with it."""
    faults = _Faults()
    logger = logging.getLogger("mkdocs")
    logger.addHandler(faults)
    try:
        config = load_config(str(ROOT / "docs" / "mkdocs.yml"), docs_dir=str(pages), site_dir=str(folder.absolute()))
        config.plugins.on_startup(command="build", dirty=False)
        build_pages(config)
        config.plugins.on_shutdown()
    finally:
        logger.removeHandler(faults)
    return faults.told


def main() -> None:
    """Build the site into the folder that is named; what is wrong with it is told, and ends the command."""
    with tempfile.TemporaryDirectory() as pages:
        collect(Path(pages))
        told = render(Path(pages), Path(sys.argv[1]))
    if told:
        sys.exit("\n".join(told))


if __name__ == "__main__":
    main()
