"""A corpus as OPUS has them: an XCES alignment, and the sentences of each document in a file of its own."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from itertools import islice
from pathlib import Path

from qosmatin.corpus.errors import InputError
from qosmatin.corpus.files.atomic import replacing_folder
from qosmatin.corpus.model import Pair, Range, SplitDocument, join_sentences
from qosmatin.corpus.storage.view import CorpusView

from .xces import LinkGroup, MarkedSentence, SentenceLink, document_path, write_links, write_sentences


def write_linked_corpus(
    folder: Path,
    view: CorpusView,
    translation: str,
    langs: tuple[str, str],
    *,
    refused: Collection[str] = (),
    sources: Collection[str] | None = None,
) -> int:
    """Write the alignment of a translation (``kk-en.xml.gz``) and its texts into a folder; returns how many pairs.

    Sentences are called ``s1``, ``s2``...; those without a partner stand in a link with one side. Pairs whose ids are
    ``refused``, and those that a person rejected, are in no link, while their sentences stay in the texts. A text that
    a person wrote anew is one sentence.
    """
    count = 0

    def groups() -> Iterator[LinkGroup]:
        nonlocal count
        in_order = view.pairs(translation, sources)
        for aligned in view.aligned_documents(translation, sources):
            pairs = list(islice(in_order, len(aligned.beads)))
            sides = [
                _numbered(document, [getattr(pair, text) for pair in pairs], ranges)
                for document, text, ranges in (
                    (aligned.source, "source_text", [bead.source for bead in aligned.beads]),
                    (aligned.target, "target_text", [bead.target for bead in aligned.beads]),
                )
            ]
            paths = [document_path(lang, aligned.source.id) for lang in langs]
            for path, (sentences, _) in zip(paths, sides, strict=True):
                write_sentences(folder / path, sentences)
            ids = zip(pairs, sides[0][1], sides[1][1], strict=True)
            links = tuple(
                SentenceLink(source, target, pair.confidence) for pair, source, target in ids if _stays(pair, refused)
            )
            count += sum(bool(link.source and link.target) for link in links)
            yield LinkGroup(paths[0], paths[1], links)

    write_links(folder / alignment_name(langs), groups())
    return count


def export_linked_corpus(
    folder: Path,
    view: CorpusView,
    translation: str,
    langs: tuple[str, str],
    *,
    refused: Collection[str],
    sources: Collection[str] | None,
) -> int:
    """Write a linked corpus in place of an earlier one; raises ``InputError`` for a folder of anything else."""
    if folder.exists() and not (folder / alignment_name(langs)).is_file():
        raise InputError("is there already, and is no such export; name another folder", folder)
    with replacing_folder(folder) as beside:
        return write_linked_corpus(beside, view, translation, langs, refused=refused, sources=sources)


def alignment_name(langs: tuple[str, str]) -> str:
    """Return what the alignment file of two languages is called."""
    return f"{langs[0]}-{langs[1]}.xml.gz"


def _stays(pair: Pair, refused: Collection[str]) -> bool:
    return pair.status != "rejected" and pair.id not in refused


def _numbered(
    document: SplitDocument, texts: list[str], ranges: list[Range]
) -> tuple[list[MarkedSentence], list[tuple[str, ...]]]:
    """Return the sentences of one side with ids, in the order of the text, and the ids of each bead."""
    ids: list[tuple[str, ...]] = [()] * len(texts)
    sentences: list[MarkedSentence] = []
    for at in sorted(range(len(texts)), key=lambda at: ranges[at]):
        start, end = ranges[at]
        whole = document.texts[start:end]
        shown = whole if texts[at] == join_sentences(whole) else [texts[at]]
        paragraphs = [one.paragraph for one in document.sentences[start:end]]
        new = [
            MarkedSentence(f"s{len(sentences) + number}", one, paragraph)
            for number, (one, paragraph) in enumerate(zip(shown, paragraphs, strict=False), start=1)
        ]
        sentences += new
        ids[at] = tuple(one.id for one in new)
    return sentences, ids
