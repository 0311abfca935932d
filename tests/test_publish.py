"""Publishing as its user does it: to a folder, to a hub on this machine, through a cut connection, and taking down."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hub_server import Hub
from small_corpus import EN, KK, copy_job, qosmatin, run_job, start_qosmatin
from warm import TESTS, finished, run_warm


@pytest.fixture
def folder(small_job: Path, tmp_path: Path) -> Path:
    copy_job(small_job, tmp_path)
    return tmp_path


@pytest.fixture
def hub() -> Iterator[Hub]:
    with Hub() as running:
        yield running


def files_below(path: Path) -> dict[str, bytes]:
    return {file.relative_to(path).as_posix(): file.read_bytes() for file in path.rglob("*") if file.is_file()}


def test_folder_and_hub_get_the_same_bytes(folder: Path, hub: Hub) -> None:
    corpus = folder / "out"
    listed = qosmatin(folder, "publish", str(corpus), "--dry-run").stdout
    assert "kk-en/train-00000-of-00001.parquet" in listed
    assert not hub.files
    assert qosmatin(folder, "publish", str(corpus), "--to", "copy").returncode == 0
    done = qosmatin(folder, "publish", str(corpus), "--hub", "me/small", "--private", hub=hub)
    assert done.returncode == 0, done.stderr
    assert f"{hub.url}/datasets/me/small/commit/" in done.stdout
    assert hub.files["me/small"]["main"] == files_below(folder / "copy") == files_below(corpus / "dataset")
    assert hub.private["me/small"]
    assert set(hub.tags) == {"v1.0.0"}
    assert qosmatin(folder, "publish", str(corpus), "--hub", "me/small", "--revision", "next", hub=hub).returncode == 0
    assert hub.files["me/small"]["next"] == hub.files["me/small"]["main"]
    done = qosmatin(folder, "publish", str(corpus), "--hub", "me/small", "--pr", hub=hub)
    assert "discussions/1" in done.stdout


def test_a_cut_connection_is_resumed_and_leaves_the_earlier_dataset_whole(folder: Path, hub: Hub) -> None:
    corpus = folder / "out"
    assert qosmatin(folder, "publish", str(corpus), "--hub", "me/small", hub=hub).returncode == 0
    before = dict(hub.files["me/small"]["main"])
    assert len(hub.uploads) == 2
    for lang, more in (("kk", " Содан кейін бәрі үйге қайтты."), ("en", " Then everybody went home.")):
        for name in KK:
            path = folder / lang / f"{name}.txt"
            path.write_text(path.read_text(encoding="utf-8") + more, encoding="utf-8")
    run_job(folder)
    hub.cut_after = 3
    push = ("publish", str(corpus), "--hub", "me/small")
    done = finished(start_qosmatin(folder, *push, hub=hub, program=TESTS / "impatient.py"))  # it tries for a while
    assert done.returncode == 1
    assert "run the same command again" in done.stderr
    assert hub.files["me/small"]["main"] == before
    hub.cut_after = None
    assert qosmatin(folder, "publish", str(corpus), "--hub", "me/small", hub=hub).returncode == 0
    assert len(hub.uploads) == 4 == len(set(hub.uploads))
    assert hub.files["me/small"]["main"] == files_below(corpus / "dataset") != before
    assert set(hub.tags) == {"v1.0.0", "v1.0.1"}


@pytest.mark.parametrize("step", ["upload 3", "commit", "tag"])
def test_a_push_killed_anywhere_leaves_one_dataset_whole_and_is_resumed(folder: Path, hub: Hub, step: str) -> None:
    corpus = folder / "out"
    assert qosmatin(folder, "publish", str(corpus), "--hub", "me/small", hub=hub).returncode == 0
    before = dict(hub.files["me/small"]["main"])
    for path in (folder / "en").iterdir():
        path.write_text(
            path.read_text(encoding="utf-8").replace("today", "this day").replace("Snow", "Some snow"), "utf-8"
        )
    run_job(folder)
    after = files_below(corpus / "dataset")
    hub.stall_at = step
    process = start_qosmatin(folder, "publish", str(corpus), "--hub", "me/small", hub=hub)
    assert hub.stalled.wait(60)
    process.kill()
    assert process.wait() == -signal.SIGKILL
    hub.stall_at = None
    sent = list(hub.uploads)
    # Nobody sees a mixture: until the commit the earlier dataset stands, and from then on the new one.
    assert hub.files["me/small"]["main"] == (after if step == "tag" else before)
    assert set(hub.tags) == {"v1.0.0"}
    assert qosmatin(folder, "publish", str(corpus), "--hub", "me/small", hub=hub).returncode == 0
    assert hub.files["me/small"]["main"] == after != before
    assert set(hub.tags) == {"v1.0.0", "v1.0.1"}
    assert len(hub.uploads) == len(set(hub.uploads)) == 4
    assert hub.uploads[: len(sent)] == sent


def test_a_corpus_of_which_nothing_was_kept_is_published_empty_and_says_why(folder: Path) -> None:
    corpus = run_job(folder, more="# ")
    config = (folder / "job.yaml").read_text(encoding="utf-8")
    (folder / "job.yaml").write_text(config.replace("{name: identical}", "{name: length, min_words: 99}"), "utf-8")
    done = qosmatin(folder, "run", "job.yaml")
    assert "0 pairs in no config" in done.stdout
    card = (corpus / "dataset" / "README.md").read_text(encoding="utf-8")
    assert "| kk-en | length | 9 |" in card
    assert "9 rows removed" in (corpus / "dataset" / "CHANGELOG.md").read_text(encoding="utf-8")
    for _ in range(2):
        assert qosmatin(folder, "publish", str(corpus), "--to", "copy").returncode == 0


def test_an_engines_licence_holds_a_push_back_too(folder: Path) -> None:
    table = pq.read_table(folder / "out" / "translations" / "en.parquet")
    rows = table.to_pylist()
    rows[0] |= {"target_document": "one@mt", "by": "an engine", "licence": "CC-BY-ND-4.0", "sentences": []}
    pq.write_table(pa.Table.from_pylist(rows, schema=table.schema), folder / "out" / "translations" / "en.parquet")
    listed = qosmatin(folder, "publish", str(folder / "out"), "--dry-run").stdout
    assert "document one@mt: CC-BY-ND-4.0 forbids adaptations" in listed
    assert "these would be made anew first: its input has changed" in listed


def test_a_killed_publish_stage_leaves_the_earlier_dataset_whole(folder: Path) -> None:
    corpus, counts = folder / "out", folder / "counts.json"
    before = files_below(corpus / "dataset")
    (folder / "en" / "one.txt").write_text(EN["one"].replace("today", "this day"), encoding="utf-8")
    assert qosmatin(folder, "run", "job.yaml", "--until", "score").returncode == 0
    shutil.copytree(folder, folder / "undisturbed")
    assert dying_run(folder / "undisturbed", "", 1, counts) == 0
    after = files_below(folder / "undisturbed" / "out" / "dataset")
    for share in (0.2, 0.7, 0.97):
        assert dying_run(folder, "publish", share, counts) == -signal.SIGKILL
        assert files_below(corpus / "dataset") == before
    assert dying_run(folder, "publish", 0.999, counts) == -signal.SIGKILL
    assert files_below(corpus / "dataset") in (before, after)  # it may just have taken its place
    run_job(folder)
    assert files_below(corpus / "dataset") == after != before


def dying_run(folder: Path, unit: str, share: float, counts: Path) -> int:
    """Run the job of a folder and kill it inside a unit of work (see ``dying_run.py``)."""
    return run_warm(folder / "job.yaml", unit, share, counts, program=TESTS / "dying_run.py").returncode


def test_a_licence_that_is_unknown_stays_in_the_house_unless_the_config_says_why(folder: Path, hub: Hub) -> None:
    corpus = run_job(folder, licence="unknown")
    done = qosmatin(folder, "publish", str(corpus), "--hub", "me/small", hub=hub)
    assert done.returncode == 2
    assert "document one@en: nobody stated a licence" in done.stderr
    assert not hub.files
    permitted = "permitted: [{documents: ['*@en'], reason: The bureau wrote on 2026-01-05 that we may}]"
    run_job(folder, licence="unknown", publish=permitted)
    assert qosmatin(folder, "publish", str(corpus), "--hub", "me/small", hub=hub).returncode == 0
    assert "The bureau wrote on 2026-01-05" in hub.files["me/small"]["main"]["README.md"].decode()


def test_a_hub_that_is_out_of_reach_is_told_in_a_line(folder: Path) -> None:
    done = qosmatin(folder, "publish", str(folder / "out"), "--hub", "me/small")
    assert done.returncode == 1
    assert "run the same command again to go on" in done.stderr
    assert "Traceback" not in done.stderr


def test_no_right_to_write_is_the_users_to_mend(folder: Path, hub: Hub) -> None:
    done = qosmatin(folder, "publish", str(folder / "out"), "--hub", "me/small", hub=hub, token="wrong")
    assert done.returncode == 2
    assert "hf auth login" in done.stderr


def test_a_folder_that_is_no_dataset_is_not_replaced(folder: Path) -> None:
    (folder / "mine").mkdir()
    (folder / "mine" / "thesis.txt").write_text("dear", encoding="utf-8")
    done = qosmatin(folder, "publish", str(folder / "out"), "--to", "mine")
    assert done.returncode == 2
    assert (folder / "mine" / "thesis.txt").read_text(encoding="utf-8") == "dear"


@pytest.mark.parametrize("delay", [0.0, 0.05])
def test_a_killed_copy_leaves_the_earlier_dataset_whole(folder: Path, delay: float) -> None:
    corpus = folder / "out"
    assert qosmatin(folder, "publish", str(corpus), "--to", "copy").returncode == 0
    before = files_below(folder / "copy")
    code = (
        "import sys, pathlib; from qosmatin.corpus.dataset.hub import copy_dataset; print('go', flush=True)\n"
        "while True: copy_dataset(*map(pathlib.Path, sys.argv[1:]))"
    )
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parent.parent)}
    command = [sys.executable, "-c", code, str(corpus / "dataset"), str(folder / "copy")]
    process = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE)
    assert process.stdout is not None
    process.stdout.readline()
    time.sleep(delay)
    process.send_signal(signal.SIGKILL)
    process.wait()
    process.stdout.close()
    assert files_below(folder / "copy") == before
    assert qosmatin(folder, "publish", str(corpus), "--to", "copy").returncode == 0
    assert files_below(folder / "copy") == before


def test_a_retracted_document_is_gone_for_good(folder: Path) -> None:
    corpus = folder / "out"
    done = qosmatin(folder, "retract", "two", "--corpus", str(corpus), "--yes")
    assert done.returncode == 0, done.stderr
    for path in corpus.rglob("*.parquet"):
        assert not [row for row in pq.read_table(path).to_pylist() if "two" in json.dumps(row, ensure_ascii=False)], (
            path
        )
    changelog = (corpus / "dataset" / "CHANGELOG.md").read_text(encoding="utf-8")
    assert "## 1.0.1" in changelog
    assert "`two` was retracted on" in changelog
    assert "Snow fell" not in "".join(data.decode("utf-8", "ignore") for data in files_below(corpus).values())
    run_job(folder)
    assert set(pq.read_table(corpus / "documents.parquet")["id"].to_pylist()) == {"one", "three", "one@en", "three@en"}
    assert (corpus / "dataset" / "CHANGELOG.md").read_text(encoding="utf-8").count("retracted") == 2
    done = qosmatin(folder, "retract", "four", "--corpus", str(corpus), "--yes")
    assert done.returncode == 2
    assert "there is no document 'four'" in done.stderr


@pytest.mark.parametrize("damage", ["cut", "flipped", "empty", "gone"])
def test_a_damaged_dataset_is_made_anew_and_the_changelog_says_so(folder: Path, damage: str) -> None:
    dataset = folder / "out" / "dataset"
    before = files_below(dataset)
    shard = max((dataset / "kk-en").iterdir(), key=lambda path: path.stat().st_size)
    data = bytearray(shard.read_bytes())
    if damage == "flipped":
        data[len(data) // 3] ^= 0xFF
        data[len(data) // 2] ^= 0xFF
    shard.write_bytes({"cut": data[: len(data) // 2], "empty": b""}.get(damage, data))
    if damage == "gone":
        shard.unlink()
    done = qosmatin(folder, "run", "job.yaml")
    assert done.returncode == 0, done.stderr
    assert "Traceback" not in done.stderr
    after = files_below(dataset)
    # The rows are those that were there before; what is said of them names another version, or says the same.
    assert {name: data for name, data in after.items() if name.endswith(".parquet")} == {
        name: data for name, data in before.items() if name.endswith(".parquet")
    }
    if damage in ("cut", "empty"):
        assert "The version before was damaged; its rows are not compared." in after["CHANGELOG.md"].decode()


def test_numbers_in_the_card_match_the_tables(folder: Path) -> None:
    corpus = folder / "out"
    card = (corpus / "dataset" / "README.md").read_text(encoding="utf-8")
    for path in (corpus / "dataset" / "kk-en").iterdir():
        table = pq.read_table(path)
        split = path.name.split("-")[0]
        documents = len(set(table["document"].to_pylist()))
        assert f"| kk-en | kk | en | {split} | {len(table)} | {documents} |" in card
        assert f"| kk-en | {split} | not stated | {len(table)} |" in card


def test_filter_explains_a_pair_and_writes_the_refused(folder: Path) -> None:
    (folder / "en" / "one.txt").write_text(EN["one"].replace("Study will be free.", KK["one"][-18:]), encoding="utf-8")
    run_job(folder)
    done = qosmatin(folder, "filter", "out", "--rejected", "refused.jsonl")
    rows = [json.loads(line) for line in (folder / "refused.jsonl").read_text(encoding="utf-8").split("\n") if line]
    assert rows
    assert f"en: {9 - len(rows)} of 9" in done.stdout
    explained = qosmatin(folder, "filter", "out", "--explain", rows[0]["id"]).stdout
    assert "REFUSES" in explained
    assert rows[0]["reason"] in explained
    assert qosmatin(folder, "filter", "out", "--explain", "nosuch").returncode == 2
