"""The command ``qosmatin`` as it is, but that it kills itself: ``dying_answers.py N ARGUMENTS``.

It dies when the engine gets its Nth batch and some answers are kept.
"""

import os
import signal
import sys
import threading
from typing import Any

from qosmatin.cli import main
from qosmatin.translate import answering
from qosmatin.translate.cache import AnswerCache

left = int(sys.argv.pop(1))
add, ask, kept = AnswerCache.add, answering._ask, threading.Event()


def adding(*arguments: Any) -> None:
    add(*arguments)
    kept.set()


def asking(*arguments: Any) -> Any:
    global left  # noqa: PLW0603
    left -= 1
    if left == 0:
        kept.wait()
        os.kill(os.getpid(), signal.SIGKILL)
    return ask(*arguments)


AnswerCache.add, answering._ask = adding, asking  # type: ignore[method-assign]
main()
