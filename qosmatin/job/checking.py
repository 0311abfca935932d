"""Reading all that a job names before it runs, so that nothing fails in its midst."""

from __future__ import annotations

from collections.abc import Callable, Collection
from contextlib import suppress
from functools import partial
from pathlib import Path

from qosmatin.align import load_lexicon, read_dictionary
from qosmatin.config.job import JobConfig, MachineTranslation, MemoryTranslation
from qosmatin.corpus.errors import ConfigError, InputError, QosmatinError
from qosmatin.corpus.files.text import read_text
from qosmatin.corpus.formats.files import read_segments
from qosmatin.corpus.formats.told import Told
from qosmatin.corpus.reading.documents import read_document
from qosmatin.corpus.terms import read_terms
from qosmatin.eval.marked_texts import read_marked_texts

from .documents import JobDocuments, list_documents, model_names
from .memories import known_translations
from .problems import Problem, problem_of


def list_and_read(config: JobConfig) -> tuple[JobDocuments, list[Problem]]:
    """List the documents of a job and read all that it names (see ``read_everything``).

    Raises ``ConfigError`` with every fault: where documents cannot be listed, those of the other files too.
    """
    try:
        documents = list_documents(config)
    except ConfigError as error:
        faults = [*error.faults, *_unread_files(config, config.sources[0].lang), *_lacks_of_models(config).values()]
        raise ConfigError(list(dict.fromkeys(faults))) from None
    return documents, [*documents.problems, *read_everything(config, documents)]


def read_everything(config: JobConfig, documents: JobDocuments) -> list[Problem]:
    """Read documents, memories, lexicon and dictionaries; open models without their weights, and ask servers.

    Returns the problems of documents that the job would leave out; raises ``ConfigError`` with all that would end it.
    Tables were read when the documents were listed.
    """
    faults = _unread_files(config, documents.sources[0].lang)
    problems: list[Problem] = []
    for translation, entries in [(None, documents.sources), *documents.translations.items()]:
        for entry in entries:
            fault = _fault(partial(read_document, entry)) if entry.rows is None else None
            if fault is not None and config.on_error == "skip":
                problems.append(problem_of(fault, translation, entry.id, entry.origin))
            elif fault is not None:
                faults.append(str(fault))
    lacks = _lacks_of_models(config)
    faults += lacks.values()
    # Of a folder that lacks something nothing more is said.
    sound = [one.name for one in config.translations if getattr(one, "model", None) not in lacks]
    faults += faults_of_engines(config, sound)
    if faults:
        raise ConfigError(list(dict.fromkeys(faults)))
    return problems


def faults_of_engines(config: JobConfig, names: Collection[str]) -> list[str]:
    """Return what would end the engines of these translations; reads no weights, and asks servers for what is free."""
    faults: list[str] = []
    for one in config.translations:
        if isinstance(one, MachineTranslation) and one.name in names:
            try:
                one.check(config.sources[0].lang, one.lang)
            except QosmatinError as fault:
                faults.append(f"translation '{one.name}': {fault}")
    return faults


def plans_of_engines(config: JobConfig, names: Collection[str]) -> list[str]:
    """Return, for translations whose engine has a choice of it, a line that says how it is asked."""
    lines: list[str] = []
    for one in config.translations:
        if isinstance(one, MachineTranslation) and one.name in names:
            with suppress(QosmatinError):  # what is at fault is told elsewhere
                plan = one.plan()
                lines += [f"{one.name}: {plan}"] if plan else []
    return lines


def _read_memory(path: Path, lang: str, config: JobConfig) -> None:
    """Read a memory that reviewers are offered; raises ``InputError`` where it serves no translation of the job."""
    faults: list[InputError] = []
    for target in dict.fromkeys(one.lang for one in config.translations):
        try:
            for _ in read_segments(path, lang, target):
                pass
        except InputError as error:
            faults.append(error)
        else:
            return
    if faults:
        raise faults[0]


def _unread_files(config: JobConfig, lang: str) -> list[str]:
    """Return the faults of memories, dictionaries, the lexicon and what is held out of training."""
    aligner, translations = config.aligner, config.translations
    works: list[Callable[[], object]] = [
        *(partial(known_translations, one, lang, Told()) for one in translations if isinstance(one, MemoryTranslation)),
        *(partial(read_dictionary, path, lang, one.lang) for one in translations for path in aligner.dictionaries),
        *(partial(read_terms, path) for path in config.glossaries),
        *(partial(read_marked_texts, path) for path in config.marked_errors),
        *(partial(_read_memory, path, lang, config) for path in config.memories),
        *(partial(read_text, path) for one in config.publish.never_in_train for path in one.files),
    ]
    if aligner.lexicon is not None:
        works.append(partial(load_lexicon, aligner.lexicon))
    return [str(fault) for work in works if (fault := _fault(work)) is not None]


def _fault(work: Callable[[], object]) -> InputError | None:
    try:
        work()
    except InputError as fault:
        return fault
    return None


def _lacks_of_models(config: JobConfig) -> dict[str, str]:
    """Map each model whose folder lacks something to what it lacks."""
    return {name: lack for name in model_names(config) if (lack := _lack_of_model(Path(name)))}


def _lack_of_model(folder: Path) -> str:
    """Return what a model's folder lacks; nothing where it is a name on the hub."""
    if not folder.is_dir():
        return ""
    if not (folder / "config.json").is_file():
        return f"{folder}: this is no model folder: it has no config.json; name the folder of the model itself"
    weights = (".safetensors", ".bin", ".pt", ".onnx")
    if not any(path.suffix in weights and path.stat().st_size for path in folder.rglob("*") if path.is_file()):
        return f"{folder}: there are no weights ({', '.join(weights)}); fetch the model again"
    return ""
