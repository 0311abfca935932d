"""Whether the text that comes out of a document is the text that stood there, for each format; beside it its peers.

    python benchmarks/fidelity.py [--formats docx html pdf epub xlsx srt vtt]

The documents are made here by real programs: LibreOffice makes DOCX, HTML and PDF from one source with headings, notes,
exponents, lists, a table, two columns, a header, page numbers and Kazakh in Arabic script; and a DOCX with tracked
changes and text boxes. Counted per 1,000 words: those that are lost, that stand twice, that are glued to others, that
are torn, that are added (heads of pages); and pairs of words in the wrong order. Numbers of one or two digits count
only where they are lost or glued, since some programs write the labels of lists and notes. Peers: pandoc
(pypandoc-binary), LibreOffice's own text, pdftotext (Debian's poppler-utils) and the other libraries for PDF.
"""

from __future__ import annotations

import argparse
import re
import shutil
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from fidelity_documents import Truth, convert, make_epub, make_sheet, make_source, make_subtitles, make_tracked

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from qosmatin.corpus.formats.files import read_segments  # noqa: E402  # a checkout runs without an install
from qosmatin.corpus.reading.documents import read_file  # noqa: E402

BOUNDS = {"pdf": 5.0}
"""Words in 1,000 that may be lost, doubled, glued or torn; one where nothing is said."""

_WORD = re.compile(r"[^\W_]+")


def words_of(text: str) -> list[str]:
    return _WORD.findall(text.replace("\u00ad", "").casefold())


@dataclass(frozen=True)
class Counted:
    """Faults per 1,000 words of the truth, and the share of headings that stand alone in a line."""

    lost: float
    doubled: float
    glued: float
    torn: float
    added: float
    order: float
    headings: float

    @property
    def faults(self) -> float:
        """All words that did not come out as they stood."""
        return self.lost + self.doubled + self.glued + self.torn


def count(text: str, truth: Truth) -> Counted:
    """Compare a text with what must have come out."""
    wanted = words_of("\n".join([*truth.paragraphs, *truth.notes]))
    got = words_of(text)
    expected, found = Counter(wanted), Counter(got)
    missing, extra = expected - found, found - expected
    torn = _torn(got, missing, extra)
    glued = _glued(wanted, missing, extra)
    # Numbers of one or two digits are labels of lists and of notes, which some programs write.
    extra = Counter({word: n for word, n in extra.items() if not (word.isdigit() and len(word) < 3)})
    doubled = sum(n for word, n in extra.items() if word in expected)
    added = extra.total() - doubled
    per = 1000 / len(wanted)
    lines = {" ".join(words_of(line)) for line in text.split("\n")}
    kept = [heading for heading in truth.headings if " ".join(words_of(heading)) in lines]
    return Counted(
        (sum(missing.values())) * per, doubled * per, glued * per, torn * per, added * per,
        _disorder(truth, got), len(kept) / len(truth.headings) if truth.headings else 1.0,
    )  # fmt: skip


def _torn(got: Sequence[str], missing: Counter[str], extra: Counter[str]) -> int:
    """Count words that came out in two or three pieces; they are taken out of ``missing`` and ``extra``."""
    torn = 0
    for size in (2, 3):
        for at in range(len(got) - size + 1):
            pieces = got[at : at + size]
            whole = "".join(pieces)
            if missing[whole] > 0 and any(extra[piece] > 0 for piece in pieces):
                torn += 1
                missing[whole] -= 1
                for piece in pieces:
                    extra[piece] = max(0, extra[piece] - 1)
    return torn


def _glued(wanted: Sequence[str], missing: Counter[str], extra: Counter[str]) -> int:
    """Count words that came out as one with the next, or with a number that is none of theirs."""
    glued = 0
    for first, second in pairwise(wanted):
        if extra[first + second] > 0 and missing[first] > 0:
            glued += 1
            extra[first + second] -= 1
            missing[first] -= 1
            missing[second] = max(0, missing[second] - 1)
    for word in [word for word in missing if missing[word] > 0]:
        for other in [other for other in extra if other != word and extra[other] > 0]:
            rest = other.removeprefix(word)
            if rest != other and rest.isdigit() and missing[word] > 0:
                taken = min(missing[word], extra[other])
                glued += taken
                missing[word] -= taken
                extra[other] -= taken
    return glued


def _disorder(truth: Truth, got: Sequence[str]) -> float:
    """Return of 1,000 pairs of words that stand once, how many came out the other way round (Kendall's distance).

    A word stands for itself and its two neighbours, since few words stand once. Where notes stand is free.
    """

    def threes(words: Sequence[str]) -> list[tuple[str, ...]]:
        return [tuple(words[at : at + 3]) for at in range(len(words) - 2)]

    body = threes(words_of("\n".join(truth.paragraphs)))
    notes = set(threes(words_of("\n".join(truth.notes))))
    counts, seen = Counter(body), Counter(threes(got))
    where = {three: at for at, three in enumerate(threes(got))}
    places = [where[three] for three in body if counts[three] == 1 and seen[three] == 1 and three not in notes]
    wrong = sum(later < earlier for at, earlier in enumerate(places) for later in places[at + 1 :])
    return 1000 * wrong / max(1, len(places) * (len(places) - 1) // 2)


# Readers

Reader = Callable[[Path], str]


def ours(path: Path) -> str:
    if path.suffix == ".xlsx":
        return "\n".join(f"{pair.source}\n{pair.target}" for pair in read_segments(path, "kk", "ru"))
    return read_file(path).text


def pandoc(path: Path) -> str:
    import pypandoc

    kind = path.suffix[1:]
    return str(pypandoc.convert_file(str(path), "plain", format=kind, extra_args=["--wrap=none", "--columns=10000"]))


def libreoffice(path: Path) -> str:
    with tempfile.TemporaryDirectory() as folder:
        if path.suffix == ".xlsx":
            return convert(path, "csv:Text - txt - csv (StarCalc):9,,76", Path(folder)).read_text(encoding="utf-8")
        return convert(path, "txt:Text (encoded):UTF8", Path(folder)).read_text(encoding="utf-8-sig")


def pdftotext(path: Path) -> str:
    done = subprocess.run(["pdftotext", str(path), "-"], check=True, capture_output=True, timeout=120)
    return done.stdout.decode()


def with_pypdf(path: Path) -> str:
    import pypdf

    return "\n".join(page.extract_text() for page in pypdf.PdfReader(path).pages)


def with_pdfminer(path: Path) -> str:
    from pdfminer.high_level import extract_text

    return extract_text(path)


def with_pdfplumber(path: Path) -> str:
    import pdfplumber

    with pdfplumber.open(path) as document:
        return "\n".join(page.extract_text() for page in document.pages)


def with_pdfium(path: Path) -> str:
    import pypdfium2

    return "\n".join(page.get_textpage().get_text_range() for page in pypdfium2.PdfDocument(path))


def with_pysubs2(path: Path) -> str:
    import pysubs2

    return "\n".join(event.plaintext for event in pysubs2.load(str(path)))


PEERS: dict[str, dict[str, Reader]] = {
    "docx": {"pandoc": pandoc, "LibreOffice": libreoffice},
    "docx, tracked": {"pandoc": pandoc, "LibreOffice": libreoffice},
    "html": {"pandoc": pandoc, "LibreOffice": libreoffice},
    "pdf": {"pdftotext": pdftotext, "pdfium": with_pdfium, "pypdf": with_pypdf, "pdfminer.six": with_pdfminer,
            "pdfplumber": with_pdfplumber},
    "epub": {"pandoc": pandoc},
    "xlsx": {"LibreOffice": libreoffice},
    "srt": {"pysubs2": with_pysubs2},
    "vtt": {"pysubs2": with_pysubs2},
}  # fmt: skip

JUDGES = {"pandoc", "LibreOffice", "pdftotext"}
"""The peers that we must never be behind."""


def make(kind: str, folder: Path) -> tuple[Path, Truth]:
    """Make the document of a format; returns it with what must come out."""
    if kind == "epub":
        return folder / "book.epub", make_epub(folder / "book.epub")
    if kind == "xlsx":
        return make_sheet(folder)
    if kind in ("srt", "vtt"):
        return folder / f"said.{kind}", make_subtitles(folder / f"said.{kind}")
    text, truth = make_tracked() if kind == "docx, tracked" else make_source()
    source = folder / f"{kind.replace(', ', '-')}.fodt"
    source.write_text(text, encoding="utf-8")
    return convert(source, kind.partition(",")[0], folder), truth


def measure(kind: str, folder: Path, *, peers: bool = True) -> dict[str, Counted]:
    """Return what each reader makes of a format, ours first."""
    path, truth = make(kind, folder)
    readers = {"qosmatin": ours, **(PEERS[kind] if peers else {})}
    if shutil.which("pdftotext") is None:
        readers.pop("pdftotext", None)
    return {name: count(reader(path), truth) for name, reader in readers.items()}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--formats", nargs="+", default=list(PEERS), choices=list(PEERS))
    wanted = parser.parse_args().formats
    print("| format | reader | lost | doubled | glued | torn | added | order | headings | |")
    print("|---|---|---:|---:|---:|---:|---:|---:|---:|---|")
    for kind in wanted:
        with tempfile.TemporaryDirectory() as folder:
            found = measure(kind, Path(folder))
        least = min((one.faults for name, one in found.items() if name in JUDGES), default=1000.0)
        for name, one in found.items():
            verdict = ""
            if name == "qosmatin":
                kept = one.faults <= BOUNDS.get(kind, 1.0) and one.faults <= least
                verdict = "kept" if kept else "**missed**"
            cells = [f"{value:.1f}" for value in (one.lost, one.doubled, one.glued, one.torn, one.added, one.order)]
            print(f"| {kind} | {name} | {' | '.join(cells)} | {one.headings:.0%} | {verdict} |")


if __name__ == "__main__":
    main()
