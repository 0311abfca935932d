"""What a deployment starts from: container, compose file, unit, batch script, citation; as far as can be told here."""

import configparser
import re
import shlex
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml
from command_lines import faults, in_lines

import qosmatin

ROOT = Path(__file__).parent.parent
DEPLOY = ROOT / "deploy"
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]


def compose() -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load((DEPLOY / "compose.yaml").read_text(encoding="utf-8"))
    return loaded


def test_the_version_is_one(capsys: pytest.CaptureFixture[str]) -> None:
    from qosmatin.cli import main

    with pytest.raises(SystemExit) as end:
        main(["--version"])
    assert not end.value.code
    assert capsys.readouterr().out == f"qosmatin {qosmatin.__version__}\n"
    assert PROJECT["version"] == qosmatin.__version__


def test_the_citation_is_of_this_version() -> None:
    cited = yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))
    assert {"cff-version", "message", "title", "authors", "version", "license"} <= cited.keys()
    assert (cited["version"], cited["license"], cited["type"]) == (PROJECT["version"], PROJECT["license"], "software")
    assert all({"name"} <= author.keys() or {"family-names"} <= author.keys() for author in cited["authors"])


def tool(name: str) -> str:
    """A checker that is installed beside Python, by its package in the extra `dev`."""
    beside = Path(sys.executable).with_name(name)
    found = str(beside) if beside.exists() else shutil.which(name)
    if found is None:
        pytest.skip(f"needs {name}: pip install 'qosmatin[dev]'")
    return found


@pytest.mark.parametrize(
    ("schema", "path"),
    [("compose-spec", DEPLOY / "compose.yaml"), ("citation-file-format", ROOT / "CITATION.cff")],
    ids=lambda one: getattr(one, "name", one),
)
def test_a_file_obeys_the_schema_of_its_format(schema: str, path: Path) -> None:
    command = [tool("check-jsonschema"), "--builtin-schema", f"vendor.{schema}", path]
    done = subprocess.run(command, capture_output=True, encoding="utf-8", check=False)
    assert done.returncode == 0, done.stdout


def test_hadolint_finds_nothing_in_the_dockerfile() -> None:
    done = subprocess.run([tool("hadolint"), DEPLOY / "Dockerfile"], capture_output=True, encoding="utf-8", check=False)
    assert (done.returncode, done.stdout) == (0, "")


def test_the_image_is_made_of_what_there_is() -> None:
    text = (DEPLOY / "Dockerfile").read_text(encoding="utf-8")
    extras = re.search(r"^ARG EXTRAS=(\S+)", text, re.MULTILINE)
    assert extras is not None
    assert set(extras[1].split(",")) <= PROJECT["optional-dependencies"].keys()
    assert "USER root" not in text
    sent = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    named = [line.removeprefix("!") for line in sent if line.startswith("!")]
    assert [name for name in named if not (ROOT / name).exists()] == []
    rooms = {path.name for path in (ROOT / "qosmatin").iterdir() if path.is_symlink()}
    assert {*rooms, "qosmatin", "pyproject.toml", "constraints.txt", "README.md", "LICENSE"} <= set(named)


def test_the_compose_file_starts_commands_that_exist() -> None:
    services = compose()["services"]
    assert services.keys() == {"db", "review", "proxy"}
    words = services["review"]["command"]
    assert faults(words) == []
    assert "--behind-proxy" in words
    assert "ports" not in services["review"], "only the proxy is seen from outside"
    assert "ports" not in services["db"]
    build = services["review"]["build"]
    assert (DEPLOY / build["context"] / build["dockerfile"]).resolve() == DEPLOY / "Dockerfile"
    mounted = {volume.split(":")[0] for one in services.values() for volume in one.get("volumes", ())}
    assert {name for name in mounted if "$" not in name} == compose()["volumes"].keys()


def test_docker_reads_the_compose_file() -> None:
    if shutil.which("docker") is None or subprocess.run(["docker", "compose", "version"], check=False).returncode:
        pytest.skip("needs docker compose")
    environment = {
        "REVIEW_NAME": "review.example.org",
        "PGPASSWORD": "x",
        "CORPUS": "/srv/x",
        "PATH": "/usr/local/bin:/usr/bin:/bin",
    }
    command = ["docker", "compose", "-f", DEPLOY / "compose.yaml", "config", "--quiet"]
    done = subprocess.run(command, env=environment, capture_output=True, encoding="utf-8", check=False)
    assert done.returncode == 0, done.stderr


def test_the_commands_told_in_comments_exist() -> None:
    told = {path.name: path.read_text(encoding="utf-8") for path in DEPLOY.iterdir()}
    review = re.search(r"run --rm review (review .*)", told["compose.yaml"])
    docker = re.search(r"docker run .* qosmatin (run .*)", told["Dockerfile"])
    assert review is not None
    assert docker is not None
    assert faults(shlex.split(review[1])) == faults(shlex.split(docker[1])) == []


def test_the_unit_starts_the_review() -> None:
    path = DEPLOY / "qosmatin-review.service"
    unit = configparser.ConfigParser(interpolation=None)
    unit.optionxform = str  # type: ignore[assignment,method-assign]
    unit.read(path, encoding="utf-8")
    words = shlex.split(unit["Service"]["ExecStart"])
    assert Path(words[0]).name == "qosmatin"
    assert faults(words[1:]) == []
    assert unit["Service"]["ReadWritePaths"] in words, "the review writes the folder that it serves"


def test_systemd_reads_the_units(tmp_path: Path) -> None:
    """As they are, but for the program, which stands elsewhere here."""
    if shutil.which("systemd-analyze") is None:
        pytest.skip("needs systemd-analyze, which machines with systemd have")
    units = [path for path in DEPLOY.iterdir() if path.suffix in (".service", ".timer")]
    assert len(units) == 3
    for path in units:
        text = path.read_text(encoding="utf-8").replace("/opt/qosmatin/.venv/bin/qosmatin", "/bin/true")
        (tmp_path / path.name).write_text(text, encoding="utf-8")
    command = ["systemd-analyze", "verify", *(str(tmp_path / path.name) for path in units)]
    done = subprocess.run(command, capture_output=True, encoding="utf-8", check=False)
    assert (done.returncode, done.stderr) == (0, "")


def test_shellcheck_finds_nothing_in_scripts() -> None:
    scripts = [*DEPLOY.glob("*.sh"), *(ROOT / "configs").glob("*.sh"), *(ROOT / ".ci").iterdir()]
    assert len(scripts) > 3
    done = subprocess.run([tool("shellcheck"), *scripts], capture_output=True, encoding="utf-8", check=False)
    assert (done.returncode, done.stdout) == (0, "")


@pytest.mark.parametrize(
    "path",
    [DEPLOY / "slurm-job.sh", DEPLOY / "slurm-parts.sh", ROOT / "configs" / "slurm-array.sh"],
    ids=lambda one: one.name,
)
def test_batch_scripts_are_sound(path: Path) -> None:
    assert subprocess.run(["bash", "-n", path], check=False).returncode == 0
    text = path.read_text(encoding="utf-8")
    code = "\n".join(line for line in text.splitlines() if not line.startswith("#"))
    found = list(in_lines(code))
    assert found
    assert [words for words in found if faults(words)] == []
    assert set(re.findall(r"^#SBATCH --([a-z-]+)=?", text, re.MULTILINE)) <= {
        "cpus-per-task", "gpus-per-task", "job-name", "mem", "requeue", "time"
    }  # fmt: skip
