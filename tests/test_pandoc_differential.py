"""Documents that pandoc writes of one source, read by us: the words that come out are those that went in.

Random sources of headings, paragraphs, lists, tables, footnotes and emphasis in Kazakh; DOCX, HTML and EPUB.
"""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from qosmatin.corpus.extraction.extracted import ExtractSettings
from qosmatin.corpus.reading.documents import read_file

pypandoc = pytest.importorskip("pypandoc", reason="pypandoc-binary is not installed: pip install -e '.[dev]'")

LETTERS = "аәбвгғдеёжзийкқлмнңоөпрстуұүфхһцчшщъыіьэюя"

WORD = st.text(LETTERS, min_size=2, max_size=9)
PLAIN = st.lists(WORD | st.from_regex(r"[1-9]\d{0,3}", fullmatch=True), min_size=1, max_size=9).map(" ".join)
SENTENCE = PLAIN.map(lambda text: f"Ол {text}.")


@dataclass(frozen=True)
class Piece:
    """A piece of a source: Markdown, the text that it says, and the text of its note (none: empty)."""

    markdown: str
    says: str
    note: str = ""


def emphasised(text: str) -> Piece:
    return Piece(f"Ол **{text}** және *{text}* болды.", f"Ол {text} және {text} болды.")


def listed(items: list[str], mark: str) -> Piece:
    return Piece("\n".join(f"{mark} {item}" for item in items), " ".join(items))


def table(cells: list[list[str]]) -> Piece:
    rows = ["| " + " | ".join(row) + " |" for row in cells]
    return Piece("\n".join([rows[0], "|---|---|", *rows[1:]]), " ".join(cell for row in cells for cell in row))


def annotated(text: str, note: str, is_year: bool) -> Piece:
    before = "Ол 1931" if is_year else f"Ол {text}"
    return Piece(f"{before}[^N] жылы келді.", f"{before} жылы келді.", note)


CELL = st.lists(WORD, min_size=1, max_size=3).map(" ".join)
PIECES = st.one_of(
    st.tuples(SENTENCE, SENTENCE).map(lambda two: Piece("\n".join(two), " ".join(two))),
    CELL.map(emphasised),
    CELL.map(lambda text: Piece(f"## Тарау {text}", f"Тарау {text}")),
    st.lists(SENTENCE, min_size=1, max_size=4).map(lambda items: listed(items, "-")),
    st.lists(SENTENCE, min_size=1, max_size=4).map(lambda items: listed(items, "1.")),
    st.lists(st.lists(CELL, min_size=2, max_size=2), min_size=2, max_size=4).map(table),
    st.builds(annotated, CELL, SENTENCE, st.booleans()),
    SENTENCE.map(lambda text: Piece(f"> {text}", text)),
    CELL.map(lambda text: Piece(f"[{text}](http://example.org/) сілтемесі.", f"{text} сілтемесі.")),
    st.just(Piece("Ауданы 20 м^2^, формуласы H~2~O.", "Ауданы 20 м², формуласы H₂O.")),
)


def source_of(pieces: list[Piece]) -> tuple[str, list[str], list[str]]:
    """Return a source, the words of its body, and those of its notes."""
    blocks = ["# Бірінші тарау"]
    body, notes, below = ["Бірінші тарау"], [], []
    for piece in pieces:
        number = len(notes) + 1
        # A comment keeps two lists that follow each other apart.
        blocks += [piece.markdown.replace("[^N]", f"[^{number}]"), "<!-- -->"]
        body.append(piece.says)
        if piece.note:
            notes.append(piece.note)
            below.append(f"[^{number}]: {piece.note}")
    return "\n\n".join([*blocks, *below]), " ".join(body).split(), " ".join(notes).split()


@pytest.mark.parametrize("kind", ["docx", "html", "epub"])
@settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))
@given(pieces=st.lists(PIECES, min_size=1, max_size=8))
def test_the_words_that_come_out_are_those_that_went_in(
    kind: str, pieces: list[Piece], tmp_path_factory: pytest.TempPathFactory
) -> None:
    source, body, notes = source_of(pieces)
    path = tmp_path_factory.mktemp("pandoc") / f"a.{kind}"
    extra = ["--standalone", "--metadata", "lang=kk"] + (["--toc"] if kind == "epub" else [])
    pypandoc.convert_text(source, kind, format="markdown-smart", outputfile=str(path), extra_args=extra)
    everything = ExtractSettings(article=False)
    assert read_file(path, settings=everything).text.split() == [*body, *notes]
    assert read_file(path, settings=ExtractSettings(article=False, notes=False)).text.split() == body
