"""How a corpus folder grows with its sentences: the time of each stage, the bytes of each table, the memory of a run.

    python benchmarks/growth.py 10000 100000

Documents of a hundred invented sentences each: words of the demo's articles in random order, and each word's made-up
translation. Prints a table of Markdown, and from the second size on the slope: 1.0 is in proportion to the sentences.
"""

import argparse
import json
import math
import os
import random
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).parent.parent
EXAMPLES = ROOT / "examples" / "ilyashev" / "kk"
SENTENCES = 100
CONFIG = """
corpus: {name: grown, version: 1.0.0, folder: out}
sources: [{files: [kk/*.txt], lang: kk}]
translations: [{name: en, lang: en, files: [en/*.txt], kind: human}]
filters: [{name: repeated}, {name: length-ratio}]
publish: {test: 0.05}
"""


def write_documents(folder: Path, sentences: int) -> None:
    chance = random.Random(1)
    words = sorted(
        {word.strip(".,«»—").lower() for path in EXAMPLES.glob("*.txt") for word in path.read_text("utf-8").split()}
    )
    letters = "aeioubcdfghklmnprst"
    english = {word: "".join(chance.choices(letters, k=max(2, len(word)))) for word in words}
    for lang in ("kk", "en"):
        (folder / lang).mkdir(parents=True)
    for number in range(-(-sentences // SENTENCES)):
        lines: dict[str, list[str]] = {"kk": [], "en": []}
        for _ in range(min(SENTENCES, sentences - number * SENTENCES)):
            drawn = chance.choices(words, k=chance.randint(6, 18))
            lines["kk"].append(" ".join(drawn).capitalize() + ".")
            lines["en"].append(" ".join(english[word] for word in drawn).capitalize() + ".")
        for lang, found in lines.items():
            (folder / lang / f"{number:06}.txt").write_text("\n".join(found) + "\n", encoding="utf-8")
    (folder / "job.yaml").write_text(CONFIG, encoding="utf-8")


def taken_peak(process: int) -> float:
    """Return the largest memory of a process in megabytes since this was last asked (Linux alone; 0 elsewhere)."""
    about = Path(f"/proc/{process}")
    try:
        lines = (about / "status").read_text().split("\n")
        (about / "clear_refs").write_text("5")
    except OSError:
        return 0.0
    return next(int(line.split()[1]) / 1024 for line in lines if line.startswith("VmHWM:"))


def run(folder: Path) -> dict[str, float]:
    """Run the job, and return what it took: seconds by stage, megabytes by table and of memory."""
    process = subprocess.Popen(
        [sys.executable, "-m", "qosmatin", "run", "job.yaml", "--json"], cwd=folder, text=True, stdout=subprocess.PIPE,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
    )  # fmt: skip
    assert process.stdout is not None
    found, peaks = {}, {}
    for one in map(json.loads, process.stdout):
        if one["event"] == "unit":
            found[f"{one['unit']}, s"] = one["seconds"]
            peaks[f"{one['unit']}, MB of memory"] = taken_peak(process.pid)
    _, status, used = os.wait4(process.pid, 0)
    assert status == 0
    found |= peaks
    for path in sorted((folder / "out").rglob("*")):
        if path.is_file() and path.stat().st_size > 2_000 and "report" not in path.parts:
            name = path.relative_to(folder / "out")
            label = f"{name if len(name.parts) < 3 else Path(*name.parts[:2])}, MB"
            found[label] = found.get(label, 0.0) + path.stat().st_size / 1e6
    return {**found, "memory at the peak, MB": used.ru_maxrss / 1024, "processor, s": used.ru_utime + used.ru_stime}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("sizes", type=int, nargs="+", metavar="SENTENCES")
    sizes = parser.parse_args().sizes
    found = []
    for size in sizes:
        with tempfile.TemporaryDirectory() as folder:
            write_documents(Path(folder), size)
            found.append(run(Path(folder)))
        print(f"{size:,} sentences: done, load {os.getloadavg()[0]:.1f}", file=sys.stderr)
    print(f"| | {' | '.join(f'{size:,}' for size in sizes)} | slope |\n|---|{'---:|' * (len(sizes) + 1)}")
    for name in found[-1]:
        values = [one.get(name, 0.0) for one in found]
        if values[-1] < 0.1:
            continue
        first, last = values[0], values[-1]
        slope = f"{math.log(last / first) / math.log(sizes[-1] / sizes[0]):.2f}" if len(sizes) > 1 and first else ""
        print(f"| {name} | {' | '.join(f'{value:,.2f}' for value in values)} | {slope} |")


if __name__ == "__main__":
    main()
