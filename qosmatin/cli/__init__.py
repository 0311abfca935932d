"""The command line: ``qosmatin COMMAND``. Only this package prints and exits.

Exit status: see ``EXIT_STATUS``, which `qosmatin --help` shows.
"""

from __future__ import annotations

import logging
import sys
from importlib import import_module
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from qosmatin import __version__
from qosmatin.corpus.errors import EngineError, QosmatinError, StoppedError

from .console import error_console
from .system_faults import explain

COMMANDS = {
    "run": "run:run",
    "manifest": "manifest:draft_manifest",
    "split": "split:split_files",
    "align": "align:align_texts",
    "match": "match:match_folders",
    "translate": "translate:app",
    "train": "train:train",
    "lexicon": "lexicon:app",
    "memory": "memory:app",
    "terms": "terms:app",
    "score": "score:score",
    "diff": "score:diff",
    "evaluate": "evaluate:app",
    "review": "review_admin:app",
    "campaign": "campaign:app",
    "filter": "filter:show_filters",
    "publish": "publish:publish",
    "export": "export:export",
    "import": "import_:import_files",
    "merge": "merge:merge",
    "retract": "retract:retract",
    "config": "config:app",
}
"""Each command's name, and where it is: the module in this package, and the function, or the Typer app of a group."""


EXIT_STATUS = {
    0: "all went well",
    1: "a fault of the program or of an engine",
    2: "what you can mend: a config, a file, an option; the message says how",
    3: "a clean stop before the end (a budget is spent); the same command goes on",
    4: "done, but documents or translations of sentences were left out; they are listed",
    130: "stopped by Ctrl-C; the same command goes on",
}
"""Exit statuses of all commands, and what each means."""


def load_command(name: str) -> Any:
    """Import a command. What it needs can take seconds to import, and `qosmatin split` shall not wait for scorers."""
    module, attribute = COMMANDS[name].split(":")
    loaded = getattr(import_module(f"{__name__}.{module}"), attribute)
    if isinstance(loaded, typer.Typer):
        group = typer.main.get_group(loaded)
        group.name = name
        return group
    alone = typer.Typer(rich_markup_mode=None, add_completion=False)
    alone.command(name)(loaded)
    return typer.main.get_command(alone)


class _LazyGroup(TyperGroup):
    """The commands by name, each imported when it is asked for."""

    def list_commands(self, ctx: Any) -> list[str]:  # noqa: ARG002
        return list(COMMANDS)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:  # noqa: ARG002
        return load_command(cmd_name) if cmd_name in COMMANDS else None


app = typer.Typer(
    cls=_LazyGroup,
    name="qosmatin",
    no_args_is_help=True,
    epilog="Exit status: " + "; ".join(f"{status} {meaning}" for status, meaning in EXIT_STATUS.items()) + ".",
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)


def _show_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"qosmatin {__version__}")
        raise typer.Exit


@app.callback()
def _root(
    version: Annotated[bool, typer.Option("--version", callback=_show_version, is_eager=True, help="Show it.")] = False,
) -> None:
    """Translation and bilingual-corpus toolkit for Kazakh: split, align, score, publish."""
    del version


def main(arguments: list[str] | None = None) -> None:
    """Run the command line; errors that are meant for the user become one message and an exit status."""
    logging.basicConfig(format="%(message)s")
    logging.getLogger("qosmatin").setLevel(logging.INFO)
    try:
        app(arguments)
    except StoppedError as stop:
        _end(f"stopped: {stop}", 3)
    except EngineError as error:
        _fail(str(error), 1)
    except QosmatinError as error:
        _fail(str(error), 2)
    except KeyboardInterrupt:
        _end("stopped; run the same command again to go on", 130)
    except Exception as error:
        told = explain(error)
        if told is None:
            raise
        _fail(told, 2)


def _fail(message: str, status: int) -> None:
    _end(f"error: {message}", status)


def _end(message: str, status: int) -> None:
    error_console().print(message, markup=False, highlight=False, soft_wrap=True)
    sys.exit(status)
