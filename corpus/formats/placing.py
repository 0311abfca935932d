"""Where the tags of documents stand in the texts of pairs.

A tag is held by its offset into the raw text of its document. A pair's text is made of sentences whose faults are
mended and whose white space is collapsed, and a person may have written it anew: each step has a map for offsets.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from difflib import SequenceMatcher
from itertools import accumulate

from qosmatin.corpus.hygiene import Fault, MendedText, find_faults, mend
from qosmatin.corpus.model import Pair, Range, Sentence, SplitDocument, Tag, collapse, join_sentences
from qosmatin.corpus.storage.view import CorpusView

from .captions import is_cue
from .projecting import Linker, project_tags
from .segments import Tags

_MARK = "\ue000"
"""A character that no white space is collapsed into."""


def collapsed_offset(text: str, offset: int) -> int:
    """Return where the character at ``offset`` stands in ``collapse(text)``."""
    return min(len(collapse(text[:offset] + _MARK)) - 1, len(collapse(text)))


def collapse_tags(text: str, tags: Iterable[Tag]) -> tuple[Tag, ...]:
    """Return the tags of a text as they stand in ``collapse(text)``."""
    return tuple(replace(tag, at=collapsed_offset(text, tag.at)) for tag in tags)


def follow_edit(before: str, after: str, tags: Iterable[Tag]) -> tuple[Tag, ...]:
    """Return the tags of a text as they stand in what a person made of it, by the words that stayed.

    Where the words around a tag are gone it stands where their place is, what opens at its start, what closes at its
    end; so tags keep their order.
    """
    tags = tuple(tags)
    if before == after or not tags:
        return tags
    changes = _changes(before, after)

    def follow(tag: Tag) -> int:
        for name, start, end, new_start, new_end in changes:
            inside = start < tag.at < end or (tag.at == start if tag.kind != "close" else tag.at == end)
            if inside and name == "equal":
                return new_start + tag.at - start
            if inside:
                return new_end if tag.kind == "close" else new_start
        return len(after) if tag.at else 0

    placed: list[Tag] = []
    for tag in tags:
        least = placed[-1].at if placed else 0
        placed.append(replace(tag, at=max(follow(tag), least)))
    return tuple(placed)


_TOKEN = re.compile(r"\s+|\w+|[^\w\s]")


def _changes(before: str, after: str) -> list[tuple[str, int, int, int, int]]:
    """Return difflib's opcodes of two texts by their words, as offsets of characters."""
    tokens = [_TOKEN.findall(text) for text in (before, after)]
    offsets = [[0, *accumulate(map(len, side))] for side in tokens]
    codes = SequenceMatcher(None, tokens[0], tokens[1], autojunk=False).get_opcodes()
    return [
        (name, offsets[0][start], offsets[0][end], offsets[1][new_start], offsets[1][new_end])
        for name, start, end, new_start, new_end in codes
    ]


@dataclass(frozen=True, slots=True)
class _TaggedDocument:
    """The tags of a document by the start of their sentence, with offsets into that sentence's text."""

    by_sentence: dict[int, list[Tag]]
    texts: dict[int, str]


class TagPlacer:
    """Finds the tags of pairs, and counts what became of them.

    ``placed`` tags stand in the pairs that were asked for; of these, ``edited`` in texts that a person wrote anew. A
    translation that has no tags has those of its source, where ``linker`` finds their places: ``projected``.
    """

    def __init__(self, view: CorpusView, mended: Iterable[Fault], linker: Linker | None = None) -> None:
        self._view, self._mended, self._linker = view, tuple(mended), linker
        self._documents: dict[str, _TaggedDocument] = {}
        self.placed = self.edited = self.projected = 0

    def tags_of(self, pair: Pair) -> Tags:
        """Return the tags of both sides of a pair, at offsets into its texts."""
        source = self._side(pair.source_document, pair.source_spans, pair.source_text)
        target = self._side(pair.target_document, pair.target_spans, pair.target_text)
        if source and not self._tagged(pair.target_document).by_sentence:
            target = self._projected(source, pair.source_text, pair.target_text)
        return source, target

    def tags_for(self, document: str, spans: Sequence[Range], texts: tuple[str, str]) -> Tags:
        """Return the tags of sentences of a source document, and where they stand in what an engine made of them."""
        source = self._side(document, spans, texts[0])
        return source, self._projected(source, *texts)

    def _projected(self, tags: tuple[Tag, ...], source: str, target: str) -> tuple[Tag, ...]:
        if self._linker is None or not target:
            return ()
        self.projected += len(tags)
        return project_tags(source, target, tags, self._linker)

    def _side(self, name: str, spans: Sequence[Range], text: str) -> tuple[Tag, ...]:
        document = self._tagged(name)
        if not document.by_sentence:
            return ()
        found: list[Tag] = []
        length = 0
        for start, _ in spans:
            found += (replace(tag, at=tag.at + length) for tag in document.by_sentence.get(start, ()))
            length += len(document.texts[start]) + 1
        before = join_sentences([document.texts[start] for start, _ in spans])
        self.placed += len(found)
        self.edited += len(found) if text != before else 0
        return follow_edit(before, text, found)

    def _tagged(self, name: str) -> _TaggedDocument:
        if name not in self._documents:
            # Pairs come by document: those of an earlier one are not asked for again.
            if len(self._documents) > 1:
                self._documents.pop(next(iter(self._documents)))
            tags = [tag for tag in self._view.tags(name) if not is_cue(tag)]
            untagged = _TaggedDocument({}, {})
            self._documents[name] = _tag_sentences(self._view.document(name), tags, self._mended) if tags else untagged
        return self._documents[name]


def _tag_sentences(split: SplitDocument, tags: Sequence[Tag], faults: Iterable[Fault]) -> _TaggedDocument:
    """Give each tag of a document to its sentence."""
    raw, sentences = split.text, split.sentences
    mended = mend(raw, find_faults(raw, split.lang), faults)
    by_sentence: dict[int, list[Tag]] = defaultdict(list)
    for tag, owner in zip(tags, _owners(raw, sentences, tags), strict=True):
        if owner is not None:
            one = sentences[owner]
            by_sentence[one.start].append(replace(tag, at=_offset_in(mended, one, tag.at)))
    return _TaggedDocument(
        dict(by_sentence), {one.start: text for one, text in zip(sentences, split.texts, strict=True)}
    )


def _offset_in(mended: MendedText, sentence: Sentence, raw: int) -> int:
    """Return where a raw offset stands in the text of a sentence."""
    start, end = mended.mended_offset(sentence.start), mended.mended_offset(sentence.end)
    at = min(max(mended.mended_offset(raw), start), end)
    return collapsed_offset(mended.text[start:end], at - start)


def _owners(text: str, sentences: Sequence[Sentence], tags: Sequence[Tag]) -> list[int | None]:
    """Return the number of each tag's sentence; None for one that stands on a line without any.

    A tag between two sentences belongs to the second if it opens a span, or stands alone and touches it, else to the
    first; a line end always divides.
    """
    starts = [one.start for one in sentences]
    opened: dict[str, int] = {}
    owners: list[int | None] = []
    for tag in tags:
        number = bisect_right(starts, tag.at) - 1  # the last sentence that begins at the tag or before it
        inside = number >= 0 and sentences[number].start < tag.at < sentences[number].end
        owner = number if inside else _at_edge(text, sentences, tag, opened.get(tag.id))
        if owner is not None and tag.kind == "open":
            opened[tag.id] = owner
        owners.append(owner)
    return owners


def _at_edge(text: str, sentences: Sequence[Sentence], tag: Tag, opened: int | None) -> int | None:
    """Return the sentence of a tag that stands inside of none; ``opened`` is that of its other end."""
    following = bisect_left(sentences, tag.at, key=lambda one: one.start)
    preceding = following - 1
    before = preceding if preceding >= 0 and "\n" not in text[sentences[preceding].end : tag.at] else None
    after = following if following < len(sentences) else None
    if after is not None and "\n" in text[tag.at : sentences[after].start]:
        after = None
    touches = after is not None and sentences[after].start == tag.at
    if tag.kind == "open" or (tag.kind == "alone" and touches):
        return before if after is None else after
    if before is None or (opened is not None and opened > before):
        return after
    return before
