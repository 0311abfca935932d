"""What an engine is asked: a request for each sentence, with what it can use of the document and the glossary."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from qosmatin.config.job import MachineTranslation
from qosmatin.corpus.storage.view import CorpusView
from qosmatin.corpus.terms import TermFinder
from qosmatin.job.pipeline import Job
from qosmatin.job.units import source_ids
from qosmatin.translate.cache import AnswerCache
from qosmatin.translate.engine import EngineSpec, TranslationRequest
from qosmatin.translate.windows import Known, known_by, told_windows, windowed


def tells_translations(translation: MachineTranslation) -> bool:
    """Whether windows are told how the sentences before them were translated."""
    windows = translation.windows()
    return windows is not None and windows.translations


def known_in(cache: AnswerCache, spec: EngineSpec) -> Known:
    """Return what tells how requests were answered, by a cache."""
    return known_by(lambda keys: {key: answer.text for key, answer in cache.find(keys).items()}, cache.known_key(spec))


def _none_known(requests: Sequence[TranslationRequest]) -> Sequence[str] | None:
    return None if requests else []


def requests_of(
    job: Job, view: CorpusView, translation: MachineTranslation, known: Known = _none_known
) -> Iterator[TranslationRequest]:
    """Yield a request for each sentence; where windows are told of each other, as far as they are answered."""
    for document in documents_of(job, view, translation):
        if tells_translations(translation):
            for window in told_windows(document, known):
                yield from window
        else:
            yield from document


def documents_of(job: Job, view: CorpusView, translation: MachineTranslation) -> Iterator[list[TranslationRequest]]:
    """Yield the requests of each document, with what its engine can use of the document and the glossary."""
    before_each, glossary = translation.context_and_glossary()
    finder = TermFinder(glossary, job.config.sources[0].lang)
    windows = translation.windows()
    read = set(source_ids(job))
    for source in (entry for entry in job.documents.sources if entry.id in read):
        texts = view.document(source.id).texts
        is_linked = source.rows is None or source.rows.are_linked
        if windows is not None and is_linked:
            around = windowed(texts, windows.window, windows.overlap)
        else:
            count = before_each if is_linked else 0
            around = ((tuple(texts[max(0, index - count) : index]), (), 0) for index in range(len(texts)))
        requests = []
        for text, (before, window, place) in zip(texts, around, strict=True):
            found = {one.term for one in finder.find(text)}
            terms = tuple((term, wanted) for term, wanted in glossary.items() if term in found)
            requests.append(TranslationRequest(text, before, terms, window, place))
        yield requests
