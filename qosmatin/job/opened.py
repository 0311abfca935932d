"""A corpus folder as commands open it: with the config that made it, and none of the documents it was made from."""

from __future__ import annotations

from pathlib import Path

from pydantic import ValidationError
from rich.console import Console

from qosmatin.config.job import JobConfig
from qosmatin.corpus.errors import InputError
from qosmatin.corpus.files.config_paths import in_folder
from qosmatin.corpus.storage.folder import CorpusFolder

from .documents import JobDocuments
from .pipeline import Job


def open_corpus(path: Path, console: Console) -> Job:
    """Open a corpus folder that ``qosmatin run`` made; raises ``InputError`` where there is none."""
    if not (path / "manifest.json").is_file():
        raise InputError("there is no corpus here; name the folder that `qosmatin run` made", path)
    folder = CorpusFolder(path)
    manifest = folder.manifest()
    if not manifest.units:
        raise InputError("its tables are of an older version, or none were made yet; run `qosmatin run` again", path)
    try:
        config = JobConfig.model_validate(manifest.config, context=in_folder(path.resolve()))
    except ValidationError as error:
        message = error.errors()[0]["msg"]
        raise InputError(f"another version made this corpus ({message}); run `qosmatin run` again", path) from None
    return Job(config, JobDocuments([], {}), folder, manifest, console)


def choose_translations(job: Job, wanted: list[str]) -> list[str]:
    """Return the names of the wanted translations, by name or by dataset config; all where none is named.

    Raises ``InputError`` for one that the corpus does not have.
    """
    known = {one.name: one.name for one in job.config.translations}
    known |= {job.config.dataset_of(one): one.name for one in job.config.translations}
    for name in wanted:
        if name not in known:
            raise InputError(f"there is no translation '{name}'; known are {', '.join(known)}", job.folder.path)
    return list(dict.fromkeys(known[name] for name in wanted)) or [one.name for one in job.config.translations]
