"""The command line: ``qosmatin COMMAND``. Only this package prints and exits.

Exit status: 0 when all went well, 2 for what the user can mend, 1 for a fault of the program or of an engine.
"""

from __future__ import annotations

import os
import sys
from typing import Annotated

import typer

from qosmatin import __version__
from qosmatin.corpus.errors import EngineError, QosmatinError

from . import align, config, evaluate, run, score, split
from .console import error_console

app = typer.Typer(
    name="qosmatin",
    help="Translation and bilingual-corpus toolkit for Kazakh: split, align, score, publish.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)
app.command("run")(run.run)
app.command("split")(split.split_files)
app.command("align")(align.align_files)
app.command("score")(score.score)
app.command("diff")(score.diff)
app.add_typer(evaluate.app, name="evaluate")
app.add_typer(config.app, name="config")


def _show_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"qosmatin {__version__}")
        raise typer.Exit


@app.callback()
def _root(
    version: Annotated[bool, typer.Option("--version", callback=_show_version, is_eager=True, help="Show it.")] = False,
) -> None:
    del version


def main(arguments: list[str] | None = None) -> None:
    """Run the command line; errors that are meant for the user become one message and an exit status."""
    try:
        app(arguments)
    except EngineError as error:
        _fail(str(error), 1)
    except QosmatinError as error:
        _fail(str(error), 2)
    except BrokenPipeError:
        # Who read our output has enough, as `head` does. Python would complain once more when it flushes at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(0)
    except KeyboardInterrupt:
        _fail("stopped; run the same command again to go on", 130)


def _fail(message: str, status: int) -> None:
    error_console().print(f"error: {message}", markup=False, highlight=False, soft_wrap=True)
    sys.exit(status)
