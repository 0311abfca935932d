"""The engine ``command``: any program that reads sentences, a line each, and writes as many lines.

Lines are counted, and time is bounded: a program that writes more or fewer, dies or hangs has its batch asked for
again, then in halves (by ``sparing``), so that the sentence at fault is found.
"""

from __future__ import annotations

import shlex
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import lru_cache
from queue import SimpleQueue
from typing import Annotated, Literal

from pydantic import Field

from qosmatin.corpus.errors import InputError

from .engine import Answer, Engine, EngineSpec, RefusedError, TranslationRequest
from .program import Program, ProgramError
from .settings import Idle, MachineSettings

NAME = "command"

_SECONDS_FOR_VERSION = 20


class CommandSettings(MachineSettings):
    """A program that translates what it reads, line by line: Apertium, marian-decoder, a script."""

    engine: Annotated[Literal["command"], Idle()]
    command: Annotated[list[str], Idle()] = Field(
        min_length=1, description="the program and its arguments, as [apertium, kaz-tat]; no shell reads them"
    )
    version: Annotated[list[str], Idle()] = Field(
        default_factory=list,
        description="the command that says its version, as [apertium, --version]; another version is asked anew",
    )
    keep: Annotated[bool, Idle()] = Field(
        False,
        description="true: the program stays, and writes each line as soon as it has it; false: it is started for each "
        "batch, and may write when it has read all",
    )
    sentences: Annotated[int, Idle()] = Field(100, ge=1, description="sentences in a batch")
    parallel: Annotated[int, Idle()] = Field(1, ge=1, description="programs at work at once")
    retries: Annotated[int, Idle()] = Field(
        1, ge=0, description="further tries of a batch at which the program died, hung or miscounted"
    )
    timeout: Annotated[float, Idle()] = Field(300.0, gt=0, description="seconds for a batch")

    def spec(self, source_lang: str, target_lang: str) -> EngineSpec:
        """Return the spec: the command, and what the program says of its version; raises ``InputError`` for none."""
        revision = _version(tuple(self.version)) if self.version else None
        langs = {"source_lang": source_lang, "target_lang": target_lang}
        return EngineSpec(NAME, shlex.join(self.command), revision, None, self.answering() | langs)

    def check(self, source_lang: str, target_lang: str) -> None:
        """Look for the program, and ask for its version; raises ``InputError`` where it is not here."""
        _find(self.command[0])
        self.spec(source_lang, target_lang)

    def open(self, source_lang: str, target_lang: str) -> Engine:  # noqa: ARG002 - the command says them
        """Return the engine; the program is started with the first batch."""
        return CommandEngine(self)


class CommandEngine:
    """A program; several threads may call, as many as ``parallel`` says, each with a program of its own."""

    sorts = False
    max_source_tokens = None
    batch_tokens = 10**9

    def __init__(self, settings: CommandSettings) -> None:
        _find(settings.command[0])
        self._settings = settings
        self.parallel, self.batch_sentences = settings.parallel, settings.sentences
        self._kept: SimpleQueue[Program | None] = SimpleQueue()
        for _ in range(settings.parallel):
            self._kept.put(None)

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """Return the words of each text."""
        return [len(text.split()) for text in texts]

    def translate(self, requests: Sequence[TranslationRequest]) -> list[Answer]:
        """Return a line of what the program writes for each request; raises ``RefusedError`` where it does not."""
        lines = [" ".join(request.text.splitlines()) for request in requests]
        problem = ""
        for _ in range(self._settings.retries + 1):
            try:
                written = self._ask_kept(lines) if self._settings.keep else self._ask_new(lines)
            except ProgramError as error:
                problem = str(error)
            else:
                words = [len(line.split()) for line in lines]
                return [Answer(text, (), taken, len(text.split())) for text, taken in zip(written, words, strict=True)]
        raise RefusedError(NAME, problem)

    def _ask_new(self, lines: list[str]) -> list[str]:
        """Start the program for these lines, and return all that it writes."""
        program = Program(self._settings.command, self._settings.timeout)
        try:
            return program.ask_all(lines)
        finally:
            program.kill()

    def _ask_kept(self, lines: list[str]) -> list[str]:
        """Ask a program that stays; one that fails is replaced by a new one."""
        with self._taken() as program:
            return program.ask(lines)

    @contextmanager
    def _taken(self) -> Iterator[Program]:
        kept = self._kept.get()
        program = kept or Program(self._settings.command, self._settings.timeout)
        kept = None
        try:
            yield program
            kept = program
        finally:
            if kept is None:
                program.kill()
            self._kept.put(kept)

    def close(self) -> None:
        """End the programs."""
        for _ in range(self.parallel):
            program = self._kept.get()
            if program is not None:
                program.end()


def _find(program: str) -> None:
    if shutil.which(program) is None:
        raise InputError(f"engine: command: there is no program '{program}'; install it, or write its path")


@lru_cache
def _version(command: tuple[str, ...]) -> str:
    """Return the first line of what a program says of its version, wherever it says it."""
    _find(command[0])
    shown = shlex.join(command)
    try:
        done = subprocess.run(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            timeout=_SECONDS_FOR_VERSION,
            check=False,
            encoding="utf-8",
            errors="replace",
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise InputError(f"engine: command: `{shown}` does not say a version: {error}") from None
    lines = [line.strip() for line in done.stdout.splitlines() if line.strip()]
    if done.returncode or not lines:
        raise InputError(
            f"engine: command: `{shown}` does not say a version (status {done.returncode}); mend or leave out 'version'"
        )
    return lines[0][:200]
