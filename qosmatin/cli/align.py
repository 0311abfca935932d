"""placeholder."""


def align_files() -> None:
    """Align."""
