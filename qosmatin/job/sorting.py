"""Files of several languages in one place: each is looked at, and goes to the section of its language."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from qosmatin.config.job import JobConfig
from qosmatin.config.texts import FilesTranslation, SourceSection
from qosmatin.corpus.errors import InputError
from qosmatin.corpus.extraction.extracted import EXTRACT_DEFAULTS, ExtractSettings
from qosmatin.corpus.languages import SORTED, primary_subtag
from qosmatin.corpus.reading.documents import read_archived, read_file
from qosmatin.corpus.reading.entries import entries_from_files
from qosmatin.corpus.reading.finding import find_files
from qosmatin.corpus.reading.web_archives import ArchivedPage
from qosmatin.corpus.splitting import sure_language


@dataclass(frozen=True, slots=True)
class FoundLanguage:
    """The language of a file, or why it cannot be told; ``unread`` where the file cannot even be read."""

    lang: str | None
    fault: str = ""
    unread: bool = False


def language_of(
    path: Path,
    encoding: str | None = None,
    settings: ExtractSettings = EXTRACT_DEFAULTS,
    page: ArchivedPage | None = None,
) -> FoundLanguage:
    """Return the language of a file, or of a page in an archive, by what it says.

    Each is read once, however often it is asked for.
    """
    try:
        state = path.stat()
    except OSError:
        return FoundLanguage(None, unread=True)
    return _language_of(path, page, (state.st_mtime_ns, state.st_size), encoding, settings)


@cache
def _language_of(
    path: Path, page: ArchivedPage | None, _state: tuple[int, int], encoding: str | None, settings: ExtractSettings
) -> FoundLanguage:
    try:
        if page is None:
            text = read_file(path, encoding, settings=settings).text
        else:
            text = read_archived(page, encoding, settings=settings).text
    except InputError:
        return FoundLanguage(None, unread=True)
    try:
        return FoundLanguage(sure_language(text))
    except InputError as fault:
        return FoundLanguage(None, str(fault))


def sort_sections(config: JobConfig, faults: list[str]) -> JobConfig:
    """Return a config in which every section says its language, where sources are of ``lang: guess``.

    The language of such sources is the commonest of their files that no translation by content is in. Translations by
    content that name no texts have those of their language among the same files. What cannot be is added to ``faults``.
    """
    by_content = [one for one in config.translations if isinstance(one, FilesTranslation) and one.pairing == "content"]
    taken = {primary_subtag(one.lang) for one in by_content}
    sources = [_sorted(one, taken, faults) if one.lang == SORTED else one for one in config.sources]
    mixed = [one for one in sources if one.sort]
    lacking = [one.name for one in by_content if not one.files and one.manifest is None]
    if lacking and not mixed:
        faults.append(f"translation '{lacking[0]}': it names no texts; give 'files', or 'lang: guess' to the sources")
        return config
    among = {
        "files": [glob for one in mixed for glob in one.files],
        "exclude": [glob for one in mixed for glob in one.exclude],
        "urls": [pattern for one in mixed for pattern in one.urls],
        "sort": True,
    }
    translations = [
        one.model_copy(update=among) if isinstance(one, FilesTranslation) and one.name in lacking else one
        for one in config.translations
    ]
    return config.model_copy(update={"sources": sources, "translations": translations})


def _sorted(section: SourceSection, taken: set[str], faults: list[str]) -> SourceSection:
    """Return a section with the language of its sources; the others of its files are for translations."""
    files = find_files(section.files, Path(), section.exclude).files
    said = section.lang, section.provenance, section.encoding
    try:
        entries = entries_from_files(files, *said, tell=lambda _fault: None, urls=section.urls)
    except InputError as fault:
        faults.append(str(fault))
        return section
    found = Counter(
        language_of(Path(str(one.path)), one.encoding, section.extraction, one.page).lang for one in entries
    )
    languages = sorted((lang for lang in found if lang and lang not in taken), key=lambda lang: (-found[lang], lang))
    if not languages:
        seen = ", ".join(sorted(filter(None, found))) or "none"
        faults.append(f"lang: guess: no file is in a language of its own for the sources (found: {seen})")
        return section
    return section.model_copy(update={"lang": languages[0], "sort": True})
