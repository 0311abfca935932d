"""Fixtures that several test modules share."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from small_corpus import make_job


@pytest.fixture(scope="session")
def reviewable(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A job that has run, for the review of its corpus: its config. Not to be changed; see ``job``."""
    from review_material import make_corpus

    return make_corpus(tmp_path_factory.mktemp("reviewable"))


@pytest.fixture
def job(reviewable: Path, tmp_path: Path) -> Path:
    """A copy of ``reviewable`` that a test may change."""
    shutil.copytree(reviewable.parent, tmp_path / "job")
    return tmp_path / "job" / "job.yaml"


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """The URL of a PostgreSQL server."""
    from review_material import postgres_server

    with postgres_server() as url:
        yield url


@pytest.fixture(scope="session")
def small_job(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A job of three documents that ran once; copy it before changing anything."""
    return make_job(tmp_path_factory.mktemp("small"))


@pytest.fixture(scope="session")
def models(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """Builds a family's tiny model when it is first asked for."""
    import tiny_models

    folder = tmp_path_factory.mktemp("models")

    def get(family: str) -> Path:
        path = folder / family
        return path if path.exists() else tiny_models.build(family, path)

    return get
