"""The one tree of errors.

Library code raises these and nothing else for what a user can mend; only the command line prints them and
decides the exit status: 2 for what the user can mend, 1 for a fault of the program or of an engine, 3 for a clean stop.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any


class QosmatinError(Exception):
    """Base of every error that Qosmätin raises on purpose; its message is meant for the user.

    It can be pickled, so that one process can raise what another one met.
    """

    def __reduce__(self) -> tuple[Any, ...]:
        return _restore, (type(self), self.args, self.__dict__)


def _restore(kind: type[QosmatinError], args: tuple[Any, ...], attributes: dict[str, Any]) -> QosmatinError:
    """Return an error as it was, past ``__init__``, which would word the message again."""
    error = kind.__new__(kind)
    error.args = args
    error.__dict__.update(attributes)
    return error


class ConfigError(QosmatinError):
    """A configuration that cannot be run; carries every fault found, not the first alone.

    ``faults`` are complete sentences, each naming file, line, key and what is allowed there.
    """

    def __init__(self, faults: list[str]) -> None:
        super().__init__("\n".join(faults))
        self.faults = faults


class InputError(QosmatinError):
    """An input that cannot be read as what it should be.

    The message reads ``file:line: what was found; what to do``, as compilers write it, so that editors can jump there.
    ``line`` counts from 1.
    """

    def __init__(self, message: str, path: Path | str | None = None, line: int | None = None) -> None:
        where = "" if path is None else f"{path}: " if line is None else f"{path}:{line}: "
        super().__init__(where + message)
        self.path = path
        self.line = line


class EngineError(QosmatinError):
    """A translation engine that failed: which one, on which item, at which attempt (counted from 1)."""

    def __init__(self, engine: str, message: str, item: str | None = None, attempt: int | None = None) -> None:
        details = [f"engine {engine}"]
        if item is not None:
            details.append(f"item {item}")
        if attempt is not None:
            details.append(f"attempt {attempt}")
        super().__init__(f"{', '.join(details)}: {message}")
        self.engine = engine
        self.item = item
        self.attempt = attempt


class StoppedError(QosmatinError):
    """A clean stop before the end, as when a budget is spent; all that was done is kept. The message says how to go on.

    It is no fault: the command line ends with status 3.
    """


class MissingExtraError(QosmatinError):
    """A feature whose optional packages are not installed; names the pip command that brings them."""

    def __init__(self, feature: str, extra: str) -> None:
        super().__init__(f"{feature} needs packages that are not installed: pip install 'qosmatin[{extra}]'")
        self.extra = extra
