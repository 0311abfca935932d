"""``python -m qosmatin`` is the command ``qosmatin``."""

from qosmatin.cli import main

main()
