"""Command lines in texts: which commands of Qosmätin's they name, and whether these exist."""

import shlex
from collections.abc import Iterator
from pathlib import Path

from qosmatin.cli import COMMANDS, load_command


def in_lines(text: str) -> Iterator[list[str]]:
    """The commands of Qosmätin's in lines of shell, each without what pipes lead it to."""
    for line in text.replace("\\\n", " ").splitlines():
        words = shlex.split(line, comments=True)
        for start, word in enumerate(words):
            if Path(word).name == "qosmatin" and (start == 0 or words[start - 1] in ("|", "&&", ";", "exec")):
                rest = words[start + 1 :]
                ends = [at for at, one in enumerate(rest) if one in ("|", "&&", ";", ">", "<")]
                yield rest[: min(ends, default=len(rest))]


def faults(words: list[str]) -> list[str]:
    """What a command line names that is not there: a command, or an option."""
    if not words or words[0].startswith("-"):
        return [] if words in ([], ["--help"], ["--version"]) else [words[0]]
    if words[0] not in COMMANDS:
        return [words[0]]
    command, rest = load_command(words[0]), words[1:]
    while hasattr(command, "commands") and rest and not rest[0].startswith("-"):
        if rest[0] not in command.commands:  # `qosmatin translate job.yaml`, `qosmatin review corpora/x`
            command = next(iter(command.commands.values()))
            break
        command, rest = command.commands[rest[0]], rest[1:]
    known = {option for parameter in command.params for option in (*parameter.opts, *parameter.secondary_opts)}
    named = [one.split("=")[0] for one in rest if one.startswith("-") and one != "-"]
    return [one for one in named if one not in {*known, "--help"} and one[:2] not in known]
