"""Run ``qosmatin train CONFIG`` in a process that kills itself: ``dying_training.py CONFIG save|result``.

``save`` dies inside its second checkpoint, whose weights are written and whose state is not; ``result`` dies when the
result's weights are written and its card is not.
"""

import os
import signal
import sys

from transformers import Seq2SeqTrainer

from qosmatin.cli import main
from qosmatin.translate.training.seq2seq import Seq2SeqKind

saves = 0


def save(self, output_dir):
    global saves  # noqa: PLW0603
    saves += 1
    if saves == 2:
        os.kill(os.getpid(), signal.SIGKILL)
    return plain(self, output_dir)


def die(*_args):
    os.kill(os.getpid(), signal.SIGKILL)


if sys.argv[2] == "save":
    plain = Seq2SeqTrainer._save_rng_state
    Seq2SeqTrainer._save_rng_state = save
else:
    Seq2SeqKind.check = die
main(["train", sys.argv[1]])
