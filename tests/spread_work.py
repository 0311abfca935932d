"""What workers do in the tests of spreading; imports next to nothing, so that they start at once."""

import os
import signal

from qosmatin.corpus.errors import InputError


def squared(number: int) -> tuple[int, int]:
    """The square, and the process that made it; some numbers are faults, and one is the end of the process."""
    if number == 99:
        raise InputError("this is no number", "numbers.txt", 7)
    if number == -9:
        os.kill(os.getpid(), signal.SIGKILL)
    return number * number, os.getpid()
