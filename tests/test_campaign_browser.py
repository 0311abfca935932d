"""A campaign in a real browser: invited, judged by mouse, finger and keyboard, narrow, in three languages, with axe."""

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from browser_checks import check_narrow, narrow_page
from campaign_material import SYSTEMS, write_campaign
from review_material import forget_decisions, review_server
from typer.testing import CliRunner
from warm import Warm, run_warm

from qosmatin.cli.campaign import app
from qosmatin.review.campaigns.keeping import choose_campaign, read_log
from qosmatin.review.campaigns.model import RULES
from qosmatin.review.store.database import open_database, sqlite_url

sync_api = pytest.importorskip("playwright.sync_api", reason="pip install playwright")
Page, expect = sync_api.Page, sync_api.expect

PASSWORD = "four words are enough"
GOOD = {"Alpha": 90, "Beta": 60, "Gamma": 30}


def qosmatin(*arguments: str, cwd: Path) -> str:
    done = run_warm(*arguments, folder=cwd)
    assert done.returncode == 0, done.stderr
    return done.stdout


@contextmanager
def campaign_server(folder: Path, *options: str) -> Iterator[str]:
    with Warm("campaign", "serve", folder, "--port", "0", *options) as process:
        try:
            line = next(line for line in process.stderr if "campaigns at" in line)
            yield line.split()[2].removesuffix("campaigns")
        finally:
            process.kill()


def score_all(page: Page, shift: int = 0) -> None:
    """Give every translation the score of its system, which its words name; those of another document next to none."""
    expect(page.locator("#judging [type=submit]")).to_be_enabled()  # or some of them may not be there yet
    for output in page.locator(".output").all():
        words = output.locator(".judged").inner_text()
        system = next((one for one in SYSTEMS if one in words), None)
        document = re.search(r"d\d", page.locator(".source").first.inner_text())
        assert document is not None
        spoiled = document.group() not in words
        score = 3 if spoiled else GOOD.get(system or "", 50) + shift
        output.locator(".value").fill(str(score))


def save(page: Page) -> None:
    before = page.locator("#judging").get_attribute("data-document")
    page.locator("#judging [type=submit]").click()
    expect(page.locator(f"#judging[data-document='{before}']")).to_have_count(0)


def test_two_annotators_judge_three_systems_side_by_side(browser: Any, tmp_path: Path) -> None:
    config = write_campaign(tmp_path, documents=3, overlap=2, checks={"count": 1, "every": 2, "warn": True})
    links = [line.split("\t") for line in qosmatin("campaign", "new", str(config), cwd=tmp_path).splitlines()]
    assert [line[1] for line in links] == ["r1", "r2"]
    store = tmp_path / "store"
    with campaign_server(store) as address:
        for _name, pseudonym, link in links:
            with narrow_page(browser, has_touch=pseudonym == "r2") as page:
                page.goto(address + link.split("/", 3)[3])
                page.fill("[name=new]", PASSWORD)
                page.fill("[name=again]", PASSWORD)
                page.keyboard.press("Enter")
                expect(page.get_by_text("You have judged 0 of 3 documents.")).to_be_visible()
                check_narrow(page)
                page.get_by_role("link", name="trial").click()
                judge_as(page, pseudonym)
                assert not re.search("Alpha|Beta|Gamma", page.content())
    engine = open_database(sqlite_url(store))
    with engine.connect() as connection:
        log = read_log(connection, choose_campaign(connection, "trial"))
    engine.dispose()
    assert [(one.annotator, one.part) for one in log] == [
        (name, part) for name in ("r1", "r2") for part in ("data", "data", "random", "data")
    ]
    assert all(one.seconds > 0 for one in log)
    assert [one.line["validations"] for one in log if one.part == "random"] == [[True], [True]]
    (spans,) = [opinion["error_spans"] for opinion in log[0].line["annotation"][0].values() if opinion["error_spans"]]
    severities = [(span["start_i"], span["severity"]) for span in spans]
    text = next(iter(log[0].line["item"][0]["tgt"].values()))
    assert severities == [(text.index("rules"), "minor"), (len(text), "major")]
    touched = [opinion["error_spans"] for opinion in log[4].line["annotation"][1].values() if opinion["error_spans"]]
    assert [[(span["start_i"], span["end_i"], span["severity"]) for span in one] for one in touched] == [
        [(2, 3, "major")]
    ]
    results = json.loads(CliRunner().invoke(app, ["results", str(store), "-f", "json"]).stdout)
    assert [(one["system"], one["score"]) for one in results["ranking"]] == [("Alpha", 70), ("Beta", 55), ("Gamma", 40)]
    assert results["agreement"]["ordered"] == 1
    CliRunner().invoke(app, ["export", str(store), "-o", str(tmp_path / "out"), "-f", "pearmut"])
    theirs = {name: json.loads((tmp_path / "out" / f"{name}.json").read_text()) for name in
              ("campaigns", "annotations", "progress")}  # fmt: skip
    (campaign,) = theirs["campaigns"]
    assert (campaign["campaign_id"], campaign["info"]["protocol"], campaign["info"]["assignment"]) == (
        "trial", "cESA", "task-based",
    )  # fmt: skip
    assert {name: len(lists) for name, lists in campaign["data"].items()} == {"r1": 3, "r2": 3}
    assert [line["item_i"] for line in theirs["annotations"]["trial"]] == [0, 1, "random_0", 2] * 2
    for line in theirs["annotations"]["trial"]:
        assert all(set(item["tgt"]) == set(said) for item, said in zip(line["item"], line["annotation"], strict=True))
        assert {"load", "submit"} <= {one["action"] for one in line["actions"]}
    assert theirs["progress"]["trial"]["r2"]["progress"] == ["completed"] * 3
    assert theirs["progress"]["trial"]["r2"]["validations"] == {"random_0": [True]}


def judge_as(page: Page, pseudonym: str) -> None:
    """Judge all: the first marks by keys, the second by finger, and fails the attention check at first."""
    expect(page.locator("#judging [type=submit]")).to_be_enabled()  # keys are heard when the script is there
    title = page.get_by_role("heading", level=2).first
    expect(title).to_have_text("Passage 1 of 2")
    check_narrow(page)
    marks = page.locator(".spans li")
    if pseudonym == "r1":
        page.locator(".judged").first.focus()
        for key in ("ArrowRight", "ArrowRight"):
            page.keyboard.press(key)
        expect(page.locator("#marking .chosen")).to_have_text("rules")
        check_narrow(page)
        page.keyboard.press("1")
        expect(marks).to_have_count(1)
        page.get_by_role("button", name="Something is missing here").first.press("Enter")
        page.keyboard.press("2")
        expect(marks).to_have_count(2)
        page.locator(".judged").first.press("Home")
        page.keyboard.press("Shift+End")
        page.keyboard.press("1")
        expect(page.locator("#status")).to_contain_text("marked already")
        page.keyboard.press("Escape")
        check_narrow(page)
        page.reload()
        expect(marks).to_have_count(2)  # nothing is lost
    else:
        text = page.locator(".judged").nth(3)
        text.evaluate("one => getSelection().setBaseAndExtent(one.firstChild, 2, one.firstChild, 5)")  # a long press
        page.locator("#marking [data-severity=major]").tap()
        expect(marks).to_have_count(1)
    page.get_by_role("button", name="Save and go to the next").click()
    expect(page.locator("#trouble")).to_have_text("A translation has no score yet.")
    score_all(page)
    save(page)
    score_all(page)
    save(page)
    expect(page.locator("#judging")).to_have_attribute("data-document", "random_0")
    if pseudonym == "r2":
        for field in page.locator(".value").all():
            field.fill("80")
        page.get_by_role("button", name="Save and go to the next").click()
        expect(page.get_by_text("Read this passage again")).to_be_visible()
    score_all(page)
    save(page)
    page.get_by_role("link", name="Back to the previous document").click()
    expect(page.locator("#judging")).to_have_attribute("data-document", "random_0")
    expect(page.locator(".value").first).not_to_have_value("")
    page.go_back()
    score_all(page)
    page.get_by_role("button", name="Save and go to the next").click()
    expect(page.locator("#item")).to_contain_text("Thank you.")
    check_narrow(page)


@pytest.fixture(scope="module")
def protocols(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a campaign of each protocol, with a tutorial and suggested spans, for whoever is here."""
    folder = tmp_path_factory.mktemp("protocols")
    tutorial = folder / "tutorial.json"
    item = {"item_id": "t", "src": "Бір", "tgt": {"X": "One", "Y": "Two"}, "skippable": True, "instructions": "Look."}
    tutorial.write_text(json.dumps([[item]]), encoding="utf-8")
    for protocol in RULES:
        more = {"systems": SYSTEMS[:2], "annotators": ["r1"], "invite": False, "tutorial": str(tutorial)}
        name = f"trial-{protocol}"
        config = write_campaign(folder, campaign=name, protocol=protocol, suggestions={"share": 1.0}, **more)
        assert CliRunner().invoke(app, ["new", str(config)]).exit_code == 0
    with campaign_server(folder / "store") as address:
        yield address


@pytest.mark.parametrize("language", ["en", "ru", "kk"])
def test_pages_are_narrow_in_every_language_and_protocol(browser: Any, protocols: str, language: str) -> None:
    with narrow_page(browser, locale=language) as page:
        page.goto(protocols)
        expect(page.locator("main li")).to_have_count(len(RULES))
        check_narrow(page)
        for number, (protocol, rules) in enumerate(RULES.items(), start=1):
            page.goto(f"{protocols}campaign/{number}")
            if page.locator("#skip").count():
                page.locator("#skip").click()
            expect(page.locator("#judging:not([data-document^=welcome])")).to_have_count(1)
            if rules.severities:
                page.locator(".missing").first.click()
                expect(page.locator("#marking")).to_be_visible()
                assert page.locator("#category").count() == bool(rules.categories)
            assert page.locator(".value").count() > 0 or not rules.score
            assert (page.locator("[type=radio]").count() > 0) is rules.choice
            if language == "en" or protocol == "MQM":
                check_narrow(page)  # the words are longer elsewhere, and those of MQM the longest
            assert page.evaluate("document.documentElement.scrollWidth") <= 360
            if rules.choice:
                page.locator("[name=better-1]").first.check()
                page.locator("[name=better-2]").last.check()
                save(page)
        page.goto(f"{protocols}campaign/1/progress")
        expect(page.locator("tbody tr")).to_have_count(1)
        check_narrow(page)


def test_what_is_pressed_before_the_script_is_there_loses_nothing(browser: Any, protocols: str) -> None:
    with narrow_page(browser) as page:
        held: list[Any] = []

        def hold(route: Any) -> None:  # a slow line
            held.append(route)

        page.route("**/static/campaign.js", hold)
        page.goto(f"{protocols}campaign/1", wait_until="commit")
        button = page.locator("#judging [type=submit]")
        expect(button).to_be_disabled()
        address = page.url
        button.click(force=True)
        page.wait_for_timeout(200)
        assert page.url == address
        assert page.locator(".value").first.is_disabled()  # or what was kept of the last time would be put over it
        held[0].continue_()
        expect(button).to_be_enabled()
        button.click()
        expect(page.locator("#trouble")).to_have_text("A translation has no score yet.")


def test_the_review_of_a_corpus_leads_to_its_campaigns(browser: Any, job: Path, tmp_path: Path) -> None:
    forget_decisions(job)
    config = tmp_path / "campaign.yaml"
    config.write_text(
        f"campaign: trial\nfolder: {job.parent / 'news'}\nprotocol: ESA\nsource_lang: kk\ntarget_lang: en\n"
        "annotators: [r1]\ninvite: false\ncorpus: {systems: [en]}\n",
        encoding="utf-8",
    )
    assert CliRunner().invoke(app, ["new", str(config)]).exit_code == 0
    with review_server(job.parent / "news") as (address, _), narrow_page(browser) as page:
        page.goto(address)
        if page.locator("#fold").is_visible():  # links are folded away on a narrow screen
            page.locator("#fold").click()
        page.get_by_role("link", name="Campaigns").click()
        page.get_by_role("link", name="trial").click()
        expect(page.locator(".judged").first).to_be_visible()
        assert page.locator(".passage").count() > 3
        check_narrow(page)
