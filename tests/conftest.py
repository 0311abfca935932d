"""Fixtures that several test files share."""

from pathlib import Path

import pytest
from small_corpus import make_job


@pytest.fixture(scope="session")
def small_job(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A job of three documents that ran once; copy it before changing anything."""
    return make_job(tmp_path_factory.mktemp("small"))
