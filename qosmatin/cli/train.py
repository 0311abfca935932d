"""``qosmatin train``: train a translation model on a published corpus."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from qosmatin import __version__
from qosmatin.config.training import load_training_config
from qosmatin.job.progress import Advance, progress
from qosmatin.translate.training.run import forget_training, plan_training, run_training


class _Teller:
    """Shows steps as progress, and what is said as lines."""

    def __init__(self, console: Console) -> None:
        self.note = ""
        self.advance: Advance | None = None
        self._console = console
        self._done = 0

    def step(self, step: int, steps: int, note: str) -> None:
        """Show that a step is done; the first shows those of an earlier run too."""
        self.note = note
        if self.advance is not None:
            self.advance(step - self._done, steps)
        self._done = step

    def say(self, line: str) -> None:
        """Print a line."""
        self._console.print(line, markup=False, highlight=False)


def train(
    config: Annotated[Path, typer.Argument(help="The training's config (YAML).", show_default=False)],
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Read and count the pairs; train nothing.")] = False,
    anew: Annotated[bool, typer.Option("--anew", help="Remove an earlier result and its checkpoints first.")] = False,
) -> None:
    """Train a translation model: adapt a checkpoint to a published corpus, or a small Marian from nothing.

    A training that was stopped goes on from its last checkpoint; a finished one is not repeated.

    Example: qosmatin train configs/train-marian-small.yaml --dry-run
    """
    console = Console(soft_wrap=True)
    teller = _Teller(console)
    settings = load_training_config(config)
    if anew and not dry_run:
        forget_training(settings)
    plan = plan_training(settings)
    teller.say(plan.data.summary)
    if plan.state == "finished":
        teller.say(f"{settings.output}: this training is finished, nothing is to be done")
    elif plan.state == "go on":
        teller.say(f"{'would go' if dry_run else 'going'} on from step {plan.step:,}")
    if dry_run:
        return
    with progress(console, "train", None, lambda: teller.note) as advance:
        teller.advance = advance
        account = run_training(settings, plan, teller, f"qosmatin {__version__}")
    if plan.state != "finished":
        teller.say(f"{settings.output}: chrF {account['chrf']:.2f} at step {account['best_step']:,}")
