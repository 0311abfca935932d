"""The functions of the library. What a room needs is imported when its function is called: numba takes a while."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from qosmatin.corpus.arguments import check_code, check_sentences, check_some_text, check_text
from qosmatin.corpus.errors import ConfigError, InputError
from qosmatin.corpus.files.config_paths import in_folder
from qosmatin.corpus.languages import check_languages
from qosmatin.corpus.splitting.segmenting import segment

from .results import AlignedFiles, AlignedTexts, Matches, Scores, SplitText, Translations

if TYPE_CHECKING:
    from qosmatin.align import AlignSettings, Lexicon
    from qosmatin.eval import Settings
    from qosmatin.translate.settings import MachineSettings


def split(text: str, lang: str) -> SplitText:
    """Split a text into sentences (docs/splitting.md); ``lang`` is ``kk``, ``ru``, ``en``, or a tag of theirs.

    Raises ``InputError`` for another language, and for what is no text.
    """
    check_text(text, "text")
    found = segment(text, check_code(lang, "lang"))
    return SplitText(text, lang, found.sentences, found.texts)


def align(
    source: Sequence[str],
    target: Sequence[str],
    source_lang: str,
    target_lang: str,
    *,
    lexicon: Lexicon | None = None,
    settings: AlignSettings | None = None,
) -> AlignedTexts:
    """Align the sentences of a text with those of its translation (docs/alignment.md).

    Both are lists of sentences, as ``split(text, lang).texts`` gives them. Raises ``InputError`` for a text in the
    place of a list, a blank sentence, and what names no language.
    """
    from qosmatin.align import DEFAULT_SETTINGS, aligner  # noqa: PLC0415

    check_sentences(source, "source")
    check_sentences(target, "target")
    langs = check_code(source_lang, "source_lang"), check_code(target_lang, "target_lang")
    beads = aligner.align(source, target, *langs, lexicon=lexicon, settings=settings or DEFAULT_SETTINGS)
    return AlignedTexts(tuple(source), tuple(target), *langs, tuple(beads))


def align_files(
    source: Path | str,
    target: Path | str,
    source_lang: str,
    target_lang: str,
    *,
    sentences: bool = False,
    lexicon: Lexicon | None = None,
    settings: AlignSettings | None = None,
    workers: int = 1,
) -> AlignedFiles:
    """Align the files of two folders, which are paired by their names without suffix; words are learnt from all.

    ``sentences`` says that files have a sentence a line already. A file that cannot be read or aligned has its error
    in the result (``failed``), and the others go on. Raises ``InputError`` where a folder is none or no names agree.
    """
    from dataclasses import replace  # noqa: PLC0415

    from qosmatin.align import DEFAULT_SETTINGS, batch  # noqa: PLC0415

    folders = [_path(folder, name) for folder, name in ((source, "source"), (target, "target"))]
    langs = check_code(source_lang, "source_lang"), check_code(target_lang, "target_lang")
    options = batch.Options(*langs, sentences=sentences, lexicon=lexicon, settings=settings or DEFAULT_SETTINGS)
    jobs, alone = batch.find_jobs(*folders)
    if len(jobs) > 1:
        options = replace(options, lexicon=batch.learn_lexicon(jobs, options) or lexicon)
    outcomes = batch.align_files(jobs, options, workers)
    return AlignedFiles(tuple(outcomes), tuple(map(str, alone)), *langs)


def match(sources: Sequence[str], targets: Sequence[str], source_lang: str, target_lang: str) -> Matches:
    """Find which document translates which, by what the texts say (docs/matching.md); each text is a whole document.

    Raises ``InputError`` for a text in the place of a list, lists without a text in them, and what names no language.
    """
    from qosmatin.align import matching  # noqa: PLC0415

    check_some_text(sources, "sources")
    check_some_text(targets, "targets")
    found = matching.match(sources, targets, source_lang, target_lang)
    return Matches(tuple(found), len(sources), len(targets))


def score(
    systems: Mapping[str, Sequence[str]] | Sequence[str],
    references: Sequence[str] | Sequence[Sequence[str]],
    *,
    target_lang: str | None = None,
    sources: Sequence[str] | None = None,
    settings: Settings | None = None,
) -> Scores:
    """Score systems against references; arguments and errors are those of ``qosmatin.eval.score``."""
    from qosmatin.eval import scoring  # noqa: PLC0415

    return Scores(scoring.score(systems, references, target_lang=target_lang, sources=sources, settings=settings))


def translate(
    sentences: Sequence[str],
    source_lang: str,
    target_lang: str,
    *,
    engine: str,
    cache: Path | str | None = None,
    **settings: Any,
) -> Translations:
    """Have sentences translated by an engine, one by one (docs/translation.md).

    ``engine`` and ``settings`` are those of a config, as ``engine="ctranslate2", model="models/nllb"``; paths are
    relative to the working folder, and servers are asked at once, never by batches. Answers are kept in the file
    ``cache`` where one is named, and never asked for twice. Raises ``InputError`` and ``ConfigError`` for what does not
    fit, ``EngineError`` where the engine fails.
    """
    from qosmatin.translate.cache import AnswerCache  # noqa: PLC0415
    from qosmatin.translate.engine import TranslationRequest  # noqa: PLC0415
    from qosmatin.translate.jobs import translate_requests  # noqa: PLC0415
    from qosmatin.translate.opening import open_engine  # noqa: PLC0415
    from qosmatin.translate.tally import Tally  # noqa: PLC0415

    check_some_text(sentences, "sentences")
    langs = check_languages(check_code(source_lang, "source_lang"), check_code(target_lang, "target_lang"))
    chosen = _engine_settings(engine, settings).at_once()
    opened = open_engine(chosen, *langs)
    requests = (TranslationRequest(text) for text in sentences)
    with TemporaryDirectory(prefix="qosmatin-") as folder:
        path = Path(folder) / "answers.sqlite" if cache is None else _path(cache, "cache")
        try:
            with AnswerCache(path) as answers:
                found = tuple(translate_requests(requests, opened, answers, Tally()))
        finally:
            opened.close()
    return Translations(tuple(sentences), found, *langs)


def _engine_settings(engine: str, settings: Mapping[str, Any]) -> MachineSettings:
    """Return an engine's settings; raises ``ConfigError`` with all that is wrong with them."""
    from qosmatin.translate.engines import find_engines  # noqa: PLC0415

    engines = find_engines(())
    if engine not in engines.things:
        fault = engines.faults.get(engine, f"there is no engine '{engine}'")
        raise InputError(f"{fault}; known are {', '.join(sorted(engines.things))}")
    try:
        return engines.things[engine].model_validate({"engine": engine, **settings}, context=in_folder(Path.cwd()))
    except ValidationError as error:
        faults = [f"{'.'.join(map(str, one['loc'])) or engine}: {one['msg']}" for one in error.errors()]
        raise ConfigError([f"engine {engine}: {fault}" for fault in faults]) from None


def _path(value: Path | str, name: str) -> Path:
    if not isinstance(value, str | Path):
        raise InputError(f"{name} is of the type {type(value).__name__}, and a path is meant")
    return Path(value)
