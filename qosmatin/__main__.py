"""``python -m qosmatin`` is the command ``qosmatin``."""

from .cli import main

main()
