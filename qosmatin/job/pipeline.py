"""Running a job: its stages in order, each skipped when nothing that it depends on has changed.

A stage is cut into units of work (one for each translation, where that makes sense). A unit's fingerprint covers the
settings that it obeys, the content of what it reads, and the version of the tool; its outputs are replaced whole. So a
job that was killed goes on where it stopped, and ends with the same bytes as one that ran through.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.markup import escape

from qosmatin import __version__
from qosmatin.config.job import JobConfig
from qosmatin.corpus.errors import InputError
from qosmatin.corpus.files.config_paths import in_folder
from qosmatin.corpus.files.hashing import fingerprint, hash_path
from qosmatin.corpus.storage.folder import CorpusFolder, Manifest, UnitRecord

from .documents import JobDocuments, guess_languages, list_documents


@dataclass(frozen=True, slots=True)
class Job:
    """What a stage works on. ``console`` is where progress goes; ``forced`` says that a user asked for it anew."""

    config: JobConfig
    documents: JobDocuments
    folder: CorpusFolder
    manifest: Manifest
    console: Console
    forced: bool = False


@dataclass(frozen=True, slots=True)
class Stage:
    """A step of the pipeline.

    ``parts`` gives the units of work (``[""]`` for one alone); ``reads`` the tables and files that a unit depends on,
    as paths in the corpus folder; ``settings`` what else it depends on, as plain data; ``writes`` the outputs, as paths
    in the corpus folder; ``run`` does the work and returns one line for the user; ``outlook`` says how much of it there
    is to do, before anything is done. The folder that ``run`` gets has only the tables of ``reads`` and ``writes``: one
    that is not declared cannot be read.
    """

    name: str
    parts: Callable[[Job], list[str]]
    reads: Callable[[Job, str], list[str]]
    settings: Callable[[Job, str], object]
    writes: Callable[[Job, str], list[str]]
    run: Callable[[Job, str], str]
    outlook: Callable[[Job, str], str] = lambda _job, _part: ""


@dataclass(frozen=True, slots=True)
class DoneUnit:
    """A unit of work that is up to date now; ``reason`` says why it ran, and is empty where it did not."""

    name: str
    summary: str
    reason: str
    seconds: float


@dataclass(frozen=True, slots=True)
class PlannedUnit:
    """A unit of work and why it would run; ``reason`` is empty when it is up to date."""

    stage: Stage
    part: str
    reason: str

    @property
    def name(self) -> str:
        """The unit's name, as ``align`` or ``align/en``."""
        return unit_name(self.stage, self.part)


def unit_name(stage: Stage, part: str) -> str:
    """Return the name of a unit, as the manifest has it."""
    return f"{stage.name}/{part}" if part else stage.name


def open_job(config: JobConfig, console: Console) -> Job:
    """Check everything that can be checked before work starts; raises ``ConfigError`` with all faults."""
    config = guess_languages(config)
    folder = CorpusFolder(config.corpus.folder)
    documents = list_documents(config).without(folder.retracted())
    return Job(config, documents, folder, folder.manifest(), console)


def run_job(
    job: Job,
    stages: Sequence[Stage],
    only: str | None = None,
    force: str | None = None,
    *,
    until: str | None = None,
    translation: str | None = None,
    tell: Callable[[DoneUnit], None] | None = None,
) -> None:
    """Run the stages whose inputs or settings have changed, ``only`` one of them, or one by ``force``.

    With ``until``, that stage is the last; with ``translation``, units of other translations are left alone. ``tell``
    hears of each unit; without it a line for each goes to the job's console.

    Raises ``InputError`` when another run owns the corpus folder, or for an unknown stage.
    """
    chosen = _choose(stages, only, force, until)
    with job.folder.writing():
        for stage in chosen:
            for part in stage.parts(job):
                if translation is None or part in ("", translation):
                    done = _run_unit(job, stage, part, forced=stage.name == force)
                    (tell or partial(print_unit, job.console))(done)
        _forget_removed_units(job, stages)


def plan_job(
    job: Job, stages: Sequence[Stage], only: str | None = None, force: str | None = None, *, until: str | None = None
) -> list[PlannedUnit]:
    """Return every unit with the reason why it would run. Nothing is written."""
    plan: list[PlannedUnit] = []
    remade: set[str] = set()
    for stage in _choose(stages, only, force, until):
        for part in stage.parts(job):
            forced = stage.name == force
            reason = _reason(job, stage, part, forced)
            changed = remade.intersection(stage.reads(job, part))
            if changed and reason in ("", "its input is not there yet", "its input has changed"):
                reason = f"reads {', '.join(sorted(changed))}, which would be made anew"
            if reason:
                remade.update(stage.writes(job, part))
                reason = "; ".join(filter(None, (reason, stage.outlook(replace(job, forced=forced), part))))
            plan.append(PlannedUnit(stage, part, reason))
    return plan


def _choose(stages: Sequence[Stage], only: str | None, force: str | None, until: str | None) -> list[Stage]:
    names = [stage.name for stage in stages]
    for wanted in (only, force, until):
        if wanted is not None and wanted not in names:
            raise InputError(f"there is no stage '{wanted}'; the stages are {', '.join(names)}")
    last = names.index(until) if until else len(names) - 1
    return [stage for stage in stages[: last + 1] if only in (None, stage.name)]


def _run_unit(job: Job, stage: Stage, part: str, forced: bool) -> DoneUnit:
    """Run a unit unless it is up to date, and record it."""
    name = unit_name(stage, part)
    reason = _reason(job, stage, part, forced)
    if not reason:
        return DoneUnit(name, job.manifest.units[name].summary, "", 0.0)
    before = _fingerprint(job, stage, part)
    if before is None:
        missing = [path for path in stage.reads(job, part) if not (job.folder.path / path).exists()]
        raise InputError(f"stage {name} needs {', '.join(missing)}; run the stages before it first", job.folder.path)
    started = time.monotonic()
    declared = job.folder.declared(f"stage {name}", [*stage.reads(job, part), *stage.writes(job, part)])
    summary = stage.run(replace(job, folder=declared, forced=forced), part)
    outputs = job.folder.hashes(stage.writes(job, part))
    if outputs is None:
        raise RuntimeError(f"stage {name} did not write {stage.writes(job, part)}")
    at = datetime.now(UTC).isoformat(timespec="seconds")
    job.manifest.units[name] = UnitRecord(before, outputs, summary, at)
    job.manifest.config = kept_config(job.config, job.folder.path)
    job.folder.save_manifest(job.manifest)
    return DoneUnit(name, summary, reason, time.monotonic() - started)


def print_unit(console: Console, unit: DoneUnit) -> None:
    """Print one line of a unit that is done."""
    name, summary = f"{unit.name:<16}", escape(unit.summary)
    if unit.reason:
        said = f"[bold]{name}[/bold] {summary} [dim]({escape(unit.reason)}; {unit.seconds:.1f} s)[/dim]"
    else:
        said = f"[dim]{name} unchanged: {summary}[/dim]"
    console.print(said, highlight=False)


def _reason(job: Job, stage: Stage, part: str, forced: bool) -> str:
    """Return why a unit must run, or an empty string when it is up to date."""
    if forced:
        return "forced"
    record = job.manifest.units.get(unit_name(stage, part))
    if record is None:
        return "new"
    now = _fingerprint(job, stage, part)
    if now is None:
        return "its input is not there yet"
    if now != record.fingerprint:
        return "its input has changed"
    found = job.folder.hashes(record.outputs)
    if found is None or sorted(record.outputs) != sorted(stage.writes(job, part)):
        return "its output is missing"
    return "" if found == record.outputs else "its output was changed"


def _fingerprint(job: Job, stage: Stage, part: str) -> str | None:
    """Return the fingerprint of what a unit depends on, or None when an input is missing."""
    inputs = job.folder.hashes(stage.reads(job, part))
    if inputs is None:
        return None
    return fingerprint([__version__, stage.name, part, inputs, stage.settings(job, part)])


def hash_files(job: Job) -> dict[str, str]:
    """Return a hash for each file that the job reads, by path; of one that cannot be read, why: reading will tell."""
    return {str(path): _hash_or_fault(path) for path in job.documents.files()}


def _hash_or_fault(path: Path) -> str:
    try:
        return hash_path(path)
    except InputError as fault:
        return str(fault)


def hash_tables(job: Job) -> dict[str, str]:
    """Return a hash of each table that the job's sources are read from, by where it comes from."""
    return {str(table.origin): table.digest() for table in job.documents.tables()}


def _forget_removed_units(job: Job, stages: Sequence[Stage]) -> None:
    """Drop units that the config no longer has from the manifest; their files stay."""
    known = {unit_name(stage, part) for stage in stages for part in stage.parts(job)}
    gone = [name for name in job.manifest.units if name not in known]
    for name in gone:
        del job.manifest.units[name]
    if gone:
        job.folder.save_manifest(job.manifest)


def kept_config(config: JobConfig, folder: Path) -> dict[str, Any]:
    """Return a config as a corpus folder keeps it: plain data, its paths relative to the folder (``open_corpus``)."""
    return config.model_dump(mode="json", context=in_folder(folder.resolve()))
