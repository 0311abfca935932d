"""Fixtures that several test modules share."""

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from filelock import FileLock
from hypothesis import settings
from small_corpus import make_job
from unsynced import sync_nothing

pytest_plugins = ["surviving"]

# Models and tables of tests gain nothing by threads, and where tests run side by side, threads wait for each other.
os.environ.setdefault("OMP_NUM_THREADS", "1")
# CTranslate2 asks for as many as there are cores, and from then on torch has as many too, in all tests that come after.
os.environ.setdefault("OMP_THREAD_LIMIT", "1")
sync_nothing()

# A test depends on nothing but its seed: the same examples in every run, and no time of a busy machine's.
settings.register_profile("seeded", derandomize=True, deadline=None)
settings.load_profile("seeded")

QUICK = (
    "align_formats", "atomic", "checks", "config", "eval_alignment", "eval_files", "formats", "hygiene", "layers",
    "model", "progress", "reading", "segmenting", "splitting", "translate_checks", "translate_protection",
)  # fmt: skip
"""The modules of ``make check``: each takes some seconds and needs no server, browser or model."""


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Leave out the modules that ``-m quick`` does not run: importing all of them takes longer than these tests."""
    is_left_out = collection_path.suffix == ".py" and collection_path.stem.removeprefix("test_") not in QUICK
    return True if config.option.markexpr == "quick" and is_left_out else None


LONG = (
    "translate_models", "campaign_browser", "translate_killed", "review_browser", "translate_configs", "review_fuzz",
    "training", "review_accessibility", "cli", "crash_drill", "publish", "review_matches", "pipeline", "notebooks",
    "semantic_config", "pair_quality", "translate_ray", "review_scale", "review_bulk", "review_web", "library",
    "review_merging", "dataset", "review_backup", "review_people_browser", "moved_pairs", "review_store",
    "review_context", "eval_scores", "publish_documents", "eval_corpus", "translate_pool", "translate_openai",
    "bring_your_own", "site", "translate_opening", "faulty_system", "review_desk_browser", "incremental_alignment",
)  # fmt: skip
"""The modules of a quarter of a minute and more, the longest first: begun last, one would run alone to the end."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    rank = {name: at for at, name in enumerate(LONG)}
    items.sort(key=lambda item: rank.get(item.path.stem.removeprefix("test_"), len(rank)))
    for item in items:
        if item.path.stem.removeprefix("test_") in QUICK:
            item.add_marker("quick")


if TYPE_CHECKING:
    from playwright.sync_api import Browser


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
def browser() -> Iterator["Browser"]:
    """Chromium, as Debian has it."""
    from browser_checks import CHROMIUM

    sync_api = pytest.importorskip("playwright.sync_api", reason="pip install playwright")
    chromium = Path("/usr/bin/chromium")
    if not chromium.exists():
        pytest.skip("needs Chromium: apt-get install chromium")
    sync_api.expect.set_options(timeout=20_000)  # machines may be slow
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(chromium), args=list(CHROMIUM))
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def served(reviewable: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Path]]:
    """The address of a review that runs, and the job whose corpus it is."""
    from review_material import rerun, review_server

    work = tmp_path_factory.mktemp("served") / "job"
    shutil.copytree(reviewable.parent, work)
    for lang in ("kk", "en"):  # a third article, so that there are pairs enough for a day
        shutil.copy(work / lang / "trial.txt", work / lang / "trial-again.txt")
    rerun(work / "job.yaml")
    with review_server(work / "news") as (address, _):
        yield address, work / "job.yaml"


@pytest.fixture(scope="session")
def models(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """Builds a family's tiny model when it is first asked for, by whichever worker that is. Not to be changed."""
    import tiny_models

    base = tmp_path_factory.getbasetemp()
    folder = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / "models"
    folder.mkdir(exist_ok=True)

    def get(family: str) -> Path:
        path = folder / family
        with FileLock(folder / f"{family}.lock"):
            return path if path.exists() else tiny_models.build(family, folder / f"{family}.new").rename(path)

    return get
