"""Run by CI: a small corpus goes through the installed wheel, in an environment that knows nothing of the checkout.

Usage: python tests/wheel_check.py PYTHON, where PYTHON is the interpreter that the wheel is installed for.
"""

import os
import subprocess
import sys
import sysconfig
import tempfile
from pathlib import Path

CONFIG = """
corpus: {name: small, version: 1.0.0, folder: corpus}
sources:
  - {files: [kk/*.txt], lang: kk}
translations:
  - {name: en, lang: en, kind: human, files: [en/*.txt]}
"""
LOAD = """
import sys
from datasets import load_dataset
rows = load_dataset(sys.argv[1], "kk-en", split="train", cache_dir=sys.argv[2])
assert [row["translation"]["en"] for row in rows] == ["Abai was born in 1845.", "He was a poet."], rows[:]
"""
LIBRARY = """
import sys, qosmatin
assert not {"numba", "pyarrow", "pydantic"} & set(sys.modules)
pairs = qosmatin.open("corpus").pairs("kk-en")
assert pairs.to_pandas()["target_text"].tolist() == ["Abai was born in 1845.", "He was a poet."], pairs.rows()
assert (__import__("pathlib").Path(qosmatin.__file__).parent / "py.typed").exists()
"""
NOTEBOOKS = ("1_split_and_align", "2_a_corpus_from_folders", "3_scoring", "4_training")
OF_EXTRAS = {"4_training": "train"}
"""Those that need an extra. Its packages, which are large, are taken from where this script runs; Qosmätin is not."""
ELSEWHERE = """
import sys, qosmatin, torch
assert qosmatin.__file__.startswith(sys.prefix) and not torch.__file__.startswith(sys.prefix)
"""
BESIDE = """
from importlib.metadata import files
import qosmatin.align, qosmatin.translate, translate.storage.tmx
ours, theirs = ({str(path) for path in files(name)} for name in ("qosmatin", "translate-toolkit"))
assert not ours & theirs, ours & theirs
assert not [path for path in ours if not path.startswith(("qosmatin", "../"))], ours
"""


def main() -> None:
    """Write a corpus, run the job, load the dataset; any failure ends with a non-zero status."""
    python = sys.argv[1]
    with tempfile.TemporaryDirectory() as folder:
        work = Path(folder)
        for lang, text in (
            ("kk", "Абай 1845 ж. туған. Ол ақын болды.\n"),
            ("en", "Abai was born in 1845. He was a poet.\n"),
        ):
            (work / lang).mkdir()
            (work / lang / "abai.txt").write_text(text, encoding="utf-8")
        (work / "job.yaml").write_text(CONFIG, encoding="utf-8")
        subprocess.run([python, "-m", "qosmatin", "run", "job.yaml"], cwd=work, check=True)
        subprocess.run([python, "-c", LOAD, "corpus/dataset", "cache"], cwd=work, check=True)
        subprocess.run([python, "-c", LIBRARY], cwd=work, check=True)
        for name in NOTEBOOKS:
            notebook = Path(__file__).parent.parent / "docs" / "notebooks" / f"{name}.py"
            (work / name).mkdir()
            environment = {**os.environ}
            if name in OF_EXTRAS:
                environment["PYTHONPATH"] = sysconfig.get_path("purelib")
                subprocess.run([python, "-c", ELSEWHERE], cwd=work, check=True, env=environment)
            subprocess.run([python, notebook], cwd=work / name, check=True, stdout=subprocess.DEVNULL, env=environment)
        check_beside_translate_toolkit(python, work)


def check_beside_translate_toolkit(python: str, work: Path) -> None:
    """Install translate-toolkit, whose package is ``translate``: both work, and neither has files of the other."""
    pip = [python, "-m", "pip", "--quiet", "--disable-pip-version-check"]
    subprocess.run([*pip, "install", "translate-toolkit"], check=True)
    subprocess.run([python, "-c", BESIDE], cwd=work, check=True)
    subprocess.run([*pip, "uninstall", "--yes", "translate-toolkit"], check=True)
    subprocess.run([python, "-c", "import qosmatin.translate, qosmatin.align"], cwd=work, check=True)


if __name__ == "__main__":
    main()
