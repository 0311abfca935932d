"""Packages outside add engines, filters and file formats by entry points."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from warm import run_warm

ROOT = Path(__file__).parent.parent

JOB = """\
corpus: {name: small, version: 1.0.0, folder: out}
sources: [{files: ["*.note"], lang: kk}]
translations:
  - {name: mt, lang: en, engine: shouting, mark: "!!"}
  - {name: tm, lang: ru, engine: memory, memories: [memory.arrows]}
filters: [{name: quiet, word: ЖАУДЫ}]
"""


def qosmatin(folder: Path, packages: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return run_warm(*arguments, folder=folder, environment={"HF_HUB_OFFLINE": "1"}, packages=packages)


def qosmatin_of_a_fresh_interpreter(folder: Path, packages: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    path = os.pathsep.join([str(ROOT), str(packages)])
    command = [sys.executable, "-m", "qosmatin", *arguments]
    environment = {**os.environ, "PYTHONPATH": path, "HF_HUB_OFFLINE": "1"}
    return subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, encoding="utf-8", check=False, timeout=120
    )


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the package of tests/plugin, as pip installs it."""
    folder = tmp_path_factory.mktemp("packages")
    shutil.copytree(ROOT / "tests" / "plugin", folder / "source", ignore=shutil.ignore_patterns("__pycache__"))
    pip = [sys.executable, "-m", "pip", "install", "-q", "--no-deps", "--no-build-isolation", "--no-index"]
    subprocess.run([*pip, "--target", folder / "site", folder / "source"], check=True, timeout=120)
    return folder / "site"


def test_a_job_uses_what_a_package_adds(installed: Path, tmp_path: Path) -> None:
    (tmp_path / "a.note").write_text("note: Бүгін мектеп ашылды. Кеше қар жауды.\n", encoding="utf-8")
    (tmp_path / "memory.arrows").write_text("Кеше қар жауды. => Вчера шёл снег.\n", encoding="utf-8")
    (tmp_path / "job.yaml").write_text(JOB, encoding="utf-8")
    done = qosmatin_of_a_fresh_interpreter(tmp_path, installed, "run", "job.yaml")
    assert done.returncode == 0, done.stderr
    done = qosmatin(tmp_path, installed, "export", "out", "-f", "arrows", "-t", "mt")
    assert done.returncode == 0, done.stderr
    written = (tmp_path / "out" / "exports" / "kk-en.arrows").read_text(encoding="utf-8")
    assert written == "Бүгін мектеп ашылды. => БҮГІН МЕКТЕП АШЫЛДЫ.!!\n"
    done = qosmatin(tmp_path, installed, "export", "out", "-f", "tsv", "-t", "tm", "-o", "tm.tsv")
    assert "Вчера шёл снег." in (tmp_path / "tm.tsv").read_text(encoding="utf-8")
    done = qosmatin(tmp_path, installed, "export", "out", "-f", "none")
    assert done.returncode == 2
    assert "there is no format 'none' to write; known are tmx, " in done.stderr
    assert "arrows" in done.stderr


def add_package(site: Path, name: str, group: str, point: str) -> None:
    """Lay down what pip knows of an installed package: its name and an entry point."""
    info = site / f"{name}-1.0.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text(f"[{group}]\n{point}\n")


USES = {
    "qosmatin.engines": (
        'translations: [{{name: mt, lang: en, engine: "{name}", model: x}}]',
        "translations.0: engine: ",
    ),
    "qosmatin.filters": ("filters: [{{name: {name}}}]", "filters.0: "),
    "qosmatin.formats": ("decisions: null", "cannot read '.{name}' files; known are .txt"),
}


@pytest.mark.parametrize(
    ("group", "point", "told"),
    [
        ("qosmatin.engines", "mine = no_such_module:Thing", "cannot be loaded: ModuleNotFoundError: No module named"),
        ("qosmatin.filters", "mine = no_such_module:Thing", "cannot be loaded: ModuleNotFoundError: No module named"),
        ("qosmatin.formats", "mine = no_such_module:Thing", "cannot be loaded: ModuleNotFoundError: No module named"),
        ("qosmatin.engines", "mine = json:no_such_thing", "cannot be loaded: AttributeError"),
        (
            "qosmatin.engines",
            "mine = json:JSONDecoder",
            "is no subclass of qosmatin.translate.settings.MachineSettings",
        ),
        ("qosmatin.filters", "mine = json:JSONDecoder", "is no subclass of qosmatin.corpus.filters.base.Filter"),
        ("qosmatin.formats", "mine = json:JSONDecoder", "is no PairFormat or DocumentFormat"),
        ("qosmatin.engines", "mine = qosmatin_shouting:ShoutingSettings", "must have 'engine: Literal[\"mine\"]'"),
        ("qosmatin.filters", "mine = qosmatin_shouting:QuietFilter", "must have 'name: Literal[\"mine\"]'"),
        ("qosmatin.formats", "mine = qosmatin_shouting:NOTE", "must have the name of its entry point"),
        ("qosmatin.engines", "openai = qosmatin_shouting:ShoutingSettings", "takes the name of a built-in one"),
        ("qosmatin.engines", "files = qosmatin_shouting:ShoutingSettings", "takes the name of a built-in one"),
        ("qosmatin.filters", "length = qosmatin_shouting:QuietFilter", "takes the name of a built-in one"),
        ("qosmatin.filters", "null = qosmatin_shouting:QuietFilter", "takes the name of a built-in one"),
        ("qosmatin.formats", "mine = clashing:PDF", "takes endings that another format has (.pdf)"),
        ("qosmatin.formats", "pdf = clashing:NAMED", "takes the name of a built-in one"),
        (
            "qosmatin.engines",
            "shouting = qosmatin_shouting:ShoutingSettings",
            "takes a name that another package adds too",
        ),
    ],
)
def test_what_is_wrong_with_a_package(group: str, point: str, told: str, installed: Path, tmp_path: Path) -> None:
    site = tmp_path / "site"
    shutil.copytree(installed, site)
    (site / "clashing.py").write_text(
        "from qosmatin.corpus.extraction import DocumentFormat\n"
        "PDF = DocumentFormat(name='mine', suffixes=('.mine', '.pdf'), module='x')\n"
        "NAMED = DocumentFormat(name='pdf', suffixes=('.mine',), module='x')\n"
    )
    add_package(site, "strange-package", group, point)
    name = point.split(maxsplit=1)[0]
    uses, where = USES[group]
    suffix = "mine" if group == "qosmatin.formats" else "note"
    (tmp_path / f"a.{suffix}").write_text("note: Бір.", encoding="utf-8")
    job = JOB[: JOB.index("translations:")].replace("*.note", f"*.{suffix}")
    (tmp_path / "job.yaml").write_text(
        job + uses.format(name=f"'{name}'" if name == "null" else name), encoding="utf-8"
    )
    done = qosmatin(tmp_path, site, "config", "check", "job.yaml")
    assert done.returncode == 2, done.stderr
    assert where.format(name=suffix) in done.stderr
    assert f"the package 'strange-package', which adds '{name}' to {group}, " in done.stderr
    assert told in done.stderr


def test_a_package_at_fault_troubles_nobody_who_does_not_ask_for_it(tmp_path: Path) -> None:
    for group in USES:
        add_package(tmp_path / "site", f"strange-{group.rsplit('.')[-1]}", group, "mine = no_such_module:Thing")
    (tmp_path / "a.txt").write_text("Бір.", encoding="utf-8")
    job = JOB[: JOB.index("translations:")].replace("*.note", "*.txt")
    (tmp_path / "job.yaml").write_text(job + "filters: [{name: length}]", encoding="utf-8")
    done = qosmatin(tmp_path, tmp_path / "site", "config", "check", "job.yaml")
    assert done.returncode == 0, done.stderr
