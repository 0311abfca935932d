"""The aligner as its callers see it: documents in, beads out, and documents that can be aligned again in part."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from qosmatin.corpus.arguments import check_code
from qosmatin.corpus.errors import InputError
from qosmatin.corpus.model import Bead, BothTexts, Range
from qosmatin.corpus.senses import Encode

from .calibration import confidences
from .compilation import announce_compilation
from .embeddings import FloatArray
from .evidence import Model, Texts, split_ranges
from .joined import with_joined
from .learning import Knowledge, Progress, align_pieces
from .learnt import Lexicon, extract_lexicon, fitting
from .lexicon import SoftBeads, make_prior
from .links import Links, cognate_links, identity_links, join_links
from .moves import Corpus, follow_moves
from .paths import Path, join_paths, search_again
from .reordering import astray, before_what_follows, placed_task, without_crossing
from .seed import Dictionary, seed_dictionary
from .settings import DEFAULT_SETTINGS, AlignSettings
from .sheets import Placed, put_in_order
from .tasks import Paragraphs, Task, check_task, cut, fixed_beads, in_order, read_texts, with_refusals
from .threads import Each, Hands

PRIOR_STRENGTH = 3.5
"""How many times a word has to be seen for the corpus to weigh as much as what was known before."""


def find_links(
    texts: Texts,
    source_lang: str,
    target_lang: str,
    *,
    lexicon: Lexicon | None,
    dictionaries: Sequence[Dictionary],
    settings: AlignSettings,
) -> Links:
    """Return all that is known of words before anything is learnt."""
    source, target = texts.source.tokens, texts.target.tokens
    links = [identity_links(source, target)]
    if settings.seed:
        links.append(seed_dictionary(source_lang, target_lang).links(source, target))
    if lexicon is not None:
        links.append(fitting(lexicon, source_lang, target_lang).links(source, target))
    links += [dictionary.links(source, target) for dictionary in dictionaries]
    if settings.cognates:
        links.append(cognate_links(source, target))
    return join_links(links, max(1, len(target.units)))


def make_knowledge(texts: Texts, links: Links, fixed: SoftBeads) -> Knowledge:
    """Return links as pseudo-counts in both directions."""
    back = Links(links.target, links.source, links.strength)
    units = len(texts.source.tokens.units), len(texts.target.tokens.units)
    return Knowledge(
        make_prior(links, units[0], PRIOR_STRENGTH), make_prior(back, units[1], PRIOR_STRENGTH), links, fixed
    )


@dataclass(frozen=True, slots=True)
class Alignment:
    """An aligned corpus with what was learnt, so that documents can be aligned again in part (see ``realign``)."""

    tasks: tuple[Task, ...]
    source_lang: str
    target_lang: str
    texts: Texts
    knowledge: Knowledge
    model: Model
    paths: tuple[Path, ...]
    settings: AlignSettings

    def ranges(self, document: int) -> tuple[Range, Range]:
        """Return the sentences of a document, counted over all documents."""
        before = self.tasks[:document]
        i, j = sum(len(task.source) for task in before), sum(len(task.target) for task in before)
        return (i, i + len(self.tasks[document].source)), (j, j + len(self.tasks[document].target))

    def beads(self, document: int = 0) -> list[Bead]:
        """Return the beads of one document in order, each with its confidence; fixed beads have 1."""
        beads = [Bead(bead.source, bead.target, 1.0) for bead in self.tasks[document].fixed]
        path = self.paths[document]
        sure = confidences(path.steps, path.posterior, path.evidence)
        for (i, m), target, probability in zip(path.steps[:, ::2].tolist(), path.targets(), sure.tolist(), strict=True):
            beads.append(Bead((i, i + m), target, probability))
        return before_what_follows(in_order(beads), self.tasks[document].fixed)

    def lexicon(self) -> Lexicon:
        """Return what was learnt of words, to save it or to align another corpus with it."""
        source, target = self.texts.source.tokens, self.texts.target.tokens
        return extract_lexicon(
            source,
            target,
            forward=self.model.forward,
            backward=self.model.backward,
            source_lang=self.source_lang,
            target_lang=self.target_lang,
        )

    def realign(self, document: int, fixed: Sequence[Bead], forbidden: Sequence[Bead] = ()) -> Alignment:
        """Return the alignment with other fixed and forbidden beads in one document.

        Nothing is learnt anew, and only what the change touches is searched: the stretch between the nearest fixed
        beads, and of a long one what lies within some fifty sentences. All other beads stay as they are.
        """
        before = self.tasks[document]
        task = replace(before, fixed=tuple(fixed), forbidden=tuple(forbidden))
        check_task(task, f"document {document + 1}", self.settings.moves)
        path, ranges = self.paths[document], self.ranges(document)
        texts = with_refusals(self.texts, task, path.order, ranges)
        if astray(task.fixed, path.order):
            texts, path = put_in_order(path, task, ranges, texts=texts, model=self.model, settings=self.settings)
        else:
            path = search_again(
                path,
                placed_task(before, path.order),
                placed_task(task, path.order),
                ranges,
                texts=texts,
                model=self.model,
                settings=self.settings,
            )
        tasks = (*self.tasks[:document], task, *self.tasks[document + 1 :])
        paths = (*self.paths[:document], path, *self.paths[document + 1 :])
        return replace(self, tasks=tasks, texts=texts, paths=paths)


def align_tasks(
    tasks: Sequence[Task],
    source_lang: str,
    target_lang: str,
    *,
    lexicon: Lexicon | None = None,
    dictionaries: Sequence[Dictionary] = (),
    settings: AlignSettings = DEFAULT_SETTINGS,
    encode: Encode | None = None,
    progress: Progress | None = None,
    workers: int = 1,
    elsewhere: Each | None = None,
) -> Alignment:
    """Align documents with one lexicon learnt from all of them, and keep what was learnt.

    ``lexicon`` is one learnt earlier, ``dictionaries`` are a user's own (see ``read_dictionary``). ``encode`` is what
    the tasks' vectors come from, for joined sentences where these leave doubt (see ``joined``). ``progress`` is
    called with the name of a step, how much of it is done and how much there is. ``workers`` threads find the same
    beads as one, and so does ``elsewhere``, which searches documents on other machines, called as ``map`` is. Raises
    ``InputError`` for what is no language, no list of sentences, or said of a document that it does not fit.
    """
    source_lang, target_lang = check_code(source_lang, "source_lang"), check_code(target_lang, "target_lang")
    for number, task in enumerate(tasks):
        check_task(task, f"document {number + 1}", settings.moves)
    announce_compilation()
    hands = Hands(workers, elsewhere)
    texts = read_texts(tasks, settings)
    links = find_links(texts, source_lang, target_lang, lexicon=lexicon, dictionaries=dictionaries, settings=settings)
    sources = split_ranges([len(task.source) for task in tasks])
    targets = split_ranges([len(task.target) for task in tasks])
    knowledge = make_knowledge(texts, links, fixed_beads(tasks, sources, targets))
    orders = [np.arange(len(task.target)) for task in tasks]
    pieces = [
        cut(placed_task(without_crossing(task), order), source, target)
        for task, order, source, target in zip(tasks, orders, sources, targets, strict=True)
    ]
    flat, model = align_pieces(
        [piece for one in pieces for piece in one], texts, knowledge, settings, progress, hands=hands
    )
    rest = iter(flat)
    documents = [Placed(order, tuple(next(rest) for _ in one)) for order, one in zip(orders, pieces, strict=True)]
    ranges = list(zip(sources, targets, strict=True))
    corpus = Corpus(tasks, ranges, texts, knowledge, settings, hands)
    if settings.moves:
        documents, texts, model = follow_moves(corpus, documents, model)
    if encode is not None and settings.embeddings and any(task.vectors is not None for task in tasks):
        documents, texts = with_joined(replace(corpus, texts=texts), documents, model, encode)
    paths = [join_paths(one.found, span, one.order) for one, span in zip(documents, ranges, strict=True)]
    return Alignment(
        tuple(tasks),
        source_lang,
        target_lang,
        texts=texts,
        knowledge=knowledge,
        model=model,
        paths=tuple(paths),
        settings=settings,
    )


def _each(values: Sequence[Any] | None, count: int, empty: Any, name: str) -> Sequence[Any]:
    """Return one value for each document; raise ``InputError`` when there are more or fewer."""
    if values is None:
        return [empty] * count
    if len(values) != count:
        raise InputError(f"{name} is given for {len(values)} documents, but there are {count}")
    return values


def align_corpus(
    documents: Sequence[BothTexts],
    source_lang: str,
    target_lang: str,
    *,
    lexicon: Lexicon | None = None,
    dictionaries: Sequence[Dictionary] = (),
    settings: AlignSettings = DEFAULT_SETTINGS,
    fixed: Sequence[Sequence[Bead]] | None = None,
    forbidden: Sequence[Sequence[Bead]] | None = None,
    source_paragraphs: Sequence[Paragraphs | None] | None = None,
    target_paragraphs: Sequence[Paragraphs | None] | None = None,
    translated: Sequence[Sequence[str] | None] | None = None,
    vectors: Sequence[tuple[FloatArray, FloatArray]] | None = None,
    encode: Encode | None = None,
    progress: Progress | None = None,
) -> list[list[Bead]]:
    """Align documents, each a pair of lists of sentences, with one lexicon learnt from all of them.

    What is said of documents (``fixed`` to ``vectors``) is a list with one value for each; see ``Task`` for what they
    mean, and ``align_tasks`` for the rest and for what is raised. Returns the beads of each document in order; they
    cover both sides exactly once, nulls one sentence each.
    """
    for number, pair in enumerate(documents):
        if isinstance(pair, str) or len(pair) != 2:
            raise InputError(f"documents[{number}] is no pair (source sentences, target sentences)")
    count = len(documents)
    columns: tuple[Sequence[Any], ...] = (
        _each(fixed, count, (), "fixed"), _each(forbidden, count, (), "forbidden"),
        _each(source_paragraphs, count, None, "source_paragraphs"),
        _each(target_paragraphs, count, None, "target_paragraphs"), _each(translated, count, None, "translated"),
        _each(vectors, count, None, "vectors"),
    )  # fmt: skip
    tasks = [
        Task(pair[0], pair[1], tuple(kept), tuple(refused), *rest)
        for pair, (kept, refused, *rest) in zip(documents, zip(*columns, strict=True), strict=True)
    ]
    alignment = align_tasks(
        tasks,
        source_lang,
        target_lang,
        lexicon=lexicon,
        dictionaries=dictionaries,
        settings=settings,
        encode=encode,
        progress=progress,
    )
    return [alignment.beads(at) for at in range(count)]


def align(
    source: Sequence[str],
    target: Sequence[str],
    source_lang: str,
    target_lang: str,
    *,
    lexicon: Lexicon | None = None,
    dictionaries: Sequence[Dictionary] = (),
    settings: AlignSettings = DEFAULT_SETTINGS,
    fixed: Sequence[Bead] = (),
    forbidden: Sequence[Bead] = (),
    source_paragraphs: Paragraphs | None = None,
    target_paragraphs: Paragraphs | None = None,
    translated: Sequence[str] | None = None,
    vectors: tuple[FloatArray, FloatArray] | None = None,
    encode: Encode | None = None,
) -> list[Bead]:
    """Align one document, given as two lists of sentences that are already split.

    Returns beads in order that cover both sides exactly once, nulls one sentence each, every bead with the calibrated
    probability that it is right. ``fixed`` beads are kept, ``forbidden`` ones never proposed; see ``Task`` for the
    other arguments and ``align_tasks`` for what is raised. Many documents align better together: ``align_corpus``.
    """
    task = Task(
        source,
        target,
        fixed=tuple(fixed),
        forbidden=tuple(forbidden),
        source_paragraphs=source_paragraphs,
        target_paragraphs=target_paragraphs,
        translated=translated,
        vectors=vectors,
    )
    alignment = align_tasks(
        [task],
        source_lang,
        target_lang,
        lexicon=lexicon,
        dictionaries=dictionaries,
        settings=settings,
        encode=encode,
    )
    return alignment.beads(0)
