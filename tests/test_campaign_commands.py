"""Campaigns from the command line: made of a config, served, ranked, and wrong files told."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from campaign_desk import judge_all, run
from campaign_material import SYSTEMS, write_campaign
from lxml import html
from sqlalchemy import Engine
from typer.testing import CliRunner

from qosmatin.cli.campaign import app
from qosmatin.corpus.errors import InputError
from qosmatin.review.campaigns import keeping
from qosmatin.review.errors import MissingError
from qosmatin.review.store.database import open_database, sqlite_url


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    engine = open_database(sqlite_url(tmp_path))
    yield engine
    engine.dispose()


def test_the_commands(tmp_path: Path) -> None:
    config = write_campaign(tmp_path, overlap=2, suggestions={"share": 1.0}, passages=1)
    first = run("new", str(config), "--address", "https://judge.example.org")
    assert first.exit_code == 0, first.output
    links = [line.split("\t") for line in first.stdout.splitlines()]
    assert [line[:2] for line in links] == [["aigul", "r1"], ["dias", "r2"]]
    assert all(line[2].startswith("https://judge.example.org/invitation/") for line in links)
    again = run("new", str(config))
    assert [line.split("\t")[:2] for line in again.stdout.splitlines()] == [line[:2] for line in links]
    other = write_campaign(tmp_path, overlap=1)
    with pytest.raises(InputError, match="another campaign 'trial'"):
        CliRunner().invoke(app, ["new", str(other)], catch_exceptions=False)
    store = tmp_path / "store"
    assert json.loads(run("results", str(store), "-f", "json").stdout)["ranking"] == []
    engine = open_database(sqlite_url(store))
    with engine.connect() as connection:
        campaign = keeping.choose_campaign(connection, None)
    for name, extra in (("r1", 0), ("r2", 3)):
        judge_all(engine, campaign, name, lambda system, _, extra=extra: 30 * len(system) - 60 + extra)
    engine.dispose()
    shown = json.loads(run("results", str(store), "-f", "json").stdout)
    assert [one["system"] for one in shown["ranking"]] == ["Alpha", "Gamma", "Beta"]
    assert set(shown["ranking_by_domain"]) == {"law", "news"}
    assert "r1: 4 of 4 documents" in run("results", str(store)).stdout
    assert run("results", str(store), "-f", "markdown").stdout.startswith("**trial**\n\n| cluster | rank | system")
    latex = run("results", str(store), "-f", "latex", "--test", "t").stdout
    assert f"% qosmatin campaign results {store} --campaign trial --test t\n" in latex
    assert latex.count("\\begin{table}") == 3  # the whole, and two domains
    best = shown["ranking"][0]
    assert f" & Alpha & {best['score']:.2f} & {best['interval']['low']:.2f} to " in latex
    page = html.fromstring(run("results", str(store), "-f", "html").stdout)
    assert [one.text for one in page.xpath("(//table)[1]/tbody/tr/th")] == ["Alpha", "Gamma", "Beta"]
    assert [one.text for one in page.iter("caption")] == ["trial", "law", "news"]
    table = json.loads(run("metrics", str(store), "--metric", "chrf++", "-f", "json").stdout)
    assert [(one["metric"], one["systems"]["systems"], one["segments"]["items"]) for one in table] == [("chrF++", 3, 4)]
    scores = tmp_path / "scores.tsv"
    items = [f"d{n}:1" for n in range(1, 5)]
    lengths = [f"length\t{system}\t{item}\t{len(system)}\n" for system in SYSTEMS for item in items]
    scores.write_text("metric\tsystem\titem\tscore\n" + "".join(lengths), encoding="utf-8")
    (found,) = json.loads(run("metrics", str(store), "--scores", str(scores), "-f", "json").stdout)
    assert (found["systems"]["accuracy"], found["segments"]["accuracy"]) == (1.0, 1.0)
    assert run("export", str(store), "-o", str(tmp_path / "pearmut"), "-f", "pearmut").exit_code == 0
    copy = run(
        "import", str(tmp_path / "copy"), str(tmp_path / "pearmut" / "campaigns.json"),
        "--annotations", str(tmp_path / "pearmut" / "annotations.json"),
        "--progress", str(tmp_path / "pearmut" / "progress.json"),
    )  # fmt: skip
    assert copy.exit_code == 0, copy.output
    theirs = json.loads(run("results", str(tmp_path / "copy"), "-f", "json").stdout)
    assert theirs == shown
    for format_, lines in (("jsonl", 24), ("tsv", 25), ("mqm", 25)):
        assert run("export", str(store), "-o", str(tmp_path / format_), "-f", format_).exit_code == 0
        assert len((tmp_path / format_).read_text(encoding="utf-8").splitlines()) == lines
    row = json.loads((tmp_path / "jsonl").read_text(encoding="utf-8").split("\n")[0])
    assert (row["campaign"], row["protocol"], row["part"], row["prefilled"]) == ("trial", "cESA", "data", True)


@pytest.mark.parametrize(
    ("rows", "told"),
    [
        ([{"doc_id": "d1"}], "a line has doc_id and hypothesis"),
        ([{"doc_id": "d1", "hypothesis": "x"}] * 2, "stands here twice"),
        ([{"doc_id": "d1", "hypothesis": "x"}], "Beta has no document 'd2'"),
        ([], "empty"),
    ],
)
def test_a_system_with_faults(rows: list[dict[str, str]], told: str, tmp_path: Path) -> None:
    config = write_campaign(tmp_path)
    (tmp_path / "Beta.jsonl").write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    with pytest.raises(InputError, match=told):
        CliRunner().invoke(app, ["new", str(config)], catch_exceptions=False)
    assert not (tmp_path / "store").exists()


def test_passages_that_do_not_go_together_are_judged_as_one(tmp_path: Path) -> None:
    from qosmatin.config.campaign import CampaignConfig
    from qosmatin.config.yaml_models import read_model
    from qosmatin.job.campaign_material import read_material

    config = write_campaign(tmp_path, documents=3)
    found = read_material(read_model(config, CampaignConfig))
    assert [len(items) for items in found] == [2, 2, 2]
    assert found[0][1]["tgt"]["Beta"] == "A 😀 part,\nd1."
    rows = [{"doc_id": f"d{n}", "hypothesis": "<p>All in one,<br>twice.</p>"} for n in range(1, 4)]
    (tmp_path / "Beta.jsonl").write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    found = read_material(read_model(config, CampaignConfig))
    assert [len(items) for items in found] == [1, 1, 1]
    assert found[0][0]["tgt"]["Beta"].strip() == "All in one,\ntwice."


def test_unknown_campaigns(engine: Engine) -> None:
    with engine.connect() as connection, pytest.raises(MissingError):
        keeping.find_campaign(connection, 7)
    with engine.connect() as connection, pytest.raises(InputError, match="campaign new"):
        keeping.choose_campaign(connection, None)
