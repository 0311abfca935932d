"""Who works at the same time: a run beside a review, and a review beside a database that is restarted."""

import os
import shutil
import subprocess
from pathlib import Path

from review_desk import opened_desk
from review_material import postgres_server
from small_corpus import copy_job, qosmatin_here, start_qosmatin
from sqlalchemy.engine import make_url

from qosmatin.review.store.database import sqlite_url


def test_a_run_beside_a_review_loses_nothing_of_either(small_job: Path, tmp_path: Path) -> None:
    copy_job(small_job, tmp_path)
    with opened_desk(sqlite_url(tmp_path / "out"), tmp_path / "out") as desk:
        # New documents, so that there is something to do.
        for lang in ("kk", "en"):
            shutil.copy(tmp_path / lang / "one.txt", tmp_path / lang / "four.txt")
        saved = 0
        with start_qosmatin(tmp_path, "run", "job.yaml") as run:
            while run.poll() is None:
                assert desk.edit(0, f"Edited {saved}.").status_code == 200
                saved += 1
            told = run.communicate()[1]
        assert run.returncode == 0, told
        assert saved > 3
        assert desk.texts()[0] == f"Edited {saved - 1}."
    done = qosmatin_here(tmp_path, "run", "job.yaml")
    assert done.returncode == 0, done.stderr
    qosmatin_here(tmp_path, "export", "out", "-f", "jsonl", "-t", "en", "-o", "pairs.jsonl")
    exported = (tmp_path / "pairs.jsonl").read_text(encoding="utf-8")
    assert f"Edited {saved - 1}." in exported
    assert exported.count("Оқу тегін болады.") == 2


def test_a_database_that_is_restarted_costs_no_word(small_job: Path, tmp_path: Path) -> None:
    copy_job(small_job, tmp_path)
    with postgres_server() as url:
        home = make_url(url).query["host"]
        control = ["pg_ctl", "-D", f"{home}/data", "-w", "-m", "immediate"]
        user = {"user": "nobody", "extra_groups": []} if os.getuid() == 0 else {}

        def turn(what: str) -> None:
            options = (
                []
                if what == "stop"
                else ["-l", f"{home}/log", "-o", "-c listen_addresses= -c unix_socket_directories=" + str(home)]
            )
            subprocess.run([*control, *options, what], check=True, cwd=home, stdout=subprocess.DEVNULL, **user)

        with opened_desk(url, tmp_path / "out") as desk:
            assert desk.edit(0, "Before.").status_code == 200
            turn("stop")
            for _ in range(2):
                answer = desk.edit(0, "Meanwhile.")
                assert answer.status_code == 503
                assert "nothing was written" in answer.text
                assert desk.client.get("/").status_code == 503
            turn("start")
            # Connections that the pool had are dead, and the first request that meets one may say so.
            assert 200 in {desk.client.get("/").status_code for _ in range(3)}
            assert desk.edit(1, "After.").status_code == 200
            assert [desk.texts()[number] for number in (0, 1)] == ["Before.", "After."]
