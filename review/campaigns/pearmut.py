"""Campaigns as Pearmut's JSON, in and out, without loss (written for its version 1.1.6).

Pearmut gives three files for download and takes them back (``pearmut add-existing``): ``campaigns.json`` (a list of
campaigns: ``campaign_id``, ``info``, ``data`` and other parts, ``token``), ``annotations.json`` (the lines of the log
by campaign) and ``progress.json`` (by campaign and annotator). What stood on its disk, one campaign, the log as JSONL,
is read too. What is not known here is kept, and goes out again.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path
from typing import Any

from qosmatin.corpus.errors import InputError
from qosmatin.corpus.files.text import read_text

from .keeping import standing
from .model import PARTS, Campaign, Document, Judgement, Line, Part, item_key, parse_item_key

LONGEST = 61
"""Seconds that count between two things that an annotator does: of a longer pause, no more. It is Pearmut's."""

_PARTS: Mapping[Part, str] = {part: "data" if part == "data" else f"data_{part}" for part in PARTS}


@dataclass(frozen=True, slots=True)
class Foreign:
    """A campaign as its files have it: settings, documents, annotators with their progress, and what they said."""

    name: str
    info: Mapping[str, Any]
    rest: Mapping[str, Any]
    documents: Sequence[Document]
    annotators: Mapping[str, Mapping[str, Any]]
    judgements: Sequence[Judgement]


def read_pearmut(campaigns: Path, annotations: Path | None = None, progress: Path | None = None) -> list[Foreign]:
    """Return the campaigns of Pearmut's files; raises ``InputError`` for what is none."""
    read = _read(campaigns)
    logs, states = _logs(annotations), _read(progress) if progress else {}
    found = []
    for one in read if isinstance(read, list) else [read]:
        if not isinstance(one, dict) or not isinstance(one.get("info"), dict) or "data" not in one:
            raise InputError("this is no campaign of Pearmut: one has `campaign_id`, `info` and `data`", campaigns)
        name = str(one.get("campaign_id", campaigns.stem))
        state = states.get(name, {}) if isinstance(states, dict) else {}
        lines = logs.get(name, logs.get("", []))
        try:
            found.append(_foreign(one, name, lines, state))
        except (KeyError, TypeError, ValueError, AttributeError, IndexError) as error:
            raise InputError(f"campaign '{name}' is not as Pearmut writes it: {error!r}", campaigns) from None
    return found


def _foreign(
    given: Mapping[str, Any], name: str, lines: Sequence[Mapping[str, Any]], state: Mapping[str, Any]
) -> Foreign:
    info = given["info"]
    if info["assignment"] not in ("task-based", "single-stream", "dynamic"):
        raise ValueError(f"its assignment is {info['assignment']}")
    documents: list[Document] = []
    owners: list[str] = []
    for part, key in _PARTS.items():
        lists = given.get(key, [])
        if part == "data" and info["assignment"] == "task-based":
            # As it was written by hand, each list is a task; as Pearmut keeps it, they are by annotator.
            lists = lists if isinstance(lists, dict) else dict(zip(_users(info, len(lists)), lists, strict=True))
            owners = list(lists)
            documents += [
                Document(part, owner, place, items)
                for owner, of_one in lists.items()
                for place, items in enumerate(of_one)
            ]
        else:
            documents += [Document(part, "", place, items) for place, items in enumerate(lists)]
    if not all(isinstance(item, dict) for one in documents for item in one.items) or not all(
        one.items for one in documents
    ):
        raise ValueError("a document is a list of items")
    spoken = [str(line["user_id"]) for line in lines]
    names = dict.fromkeys([*state, *owners, *([] if owners or state else _users(info, 0)), *spoken])
    rest = {key: value for key, value in given.items() if key not in ("info", "campaign_id", *_PARTS.values())}
    # That a list was there and empty is told apart from that it was not.
    rest |= {key: given[key] for key in _PARTS.values() if key != "data" and key in given and not given[key]}
    annotators = {str(one): state.get(one, {}) for one in names}
    return Foreign(name, info, rest, documents, annotators, [_judgement(line) for line in lines])


def _users(info: Mapping[str, Any], count: int) -> list[str]:
    """Return the names of annotators: those that are stated, or else numbered ones."""
    users = info.get("users", count)
    if isinstance(users, int):
        return [f"a{number}" for number in range(1, users + 1)]
    return [str(one["user_id"]) if isinstance(one, dict) else str(one) for one in users]


def _judgement(line: Mapping[str, Any]) -> Judgement:
    part, place = parse_item_key(line["item_i"])
    said = {key: value for key, value in line.items() if key not in ("user_id", "item_i")}
    if str(item_key(part, place)) != str(line["item_i"]) or item_key(part, place) != line["item_i"]:
        said["item_i"] = line["item_i"]  # a number that is written as text goes out as it came
    times = [one["time"] for one in line.get("actions", [])]
    return Judgement(str(line["user_id"]), part, place, stamp(max(times, default=0.0)), seconds(times), said, True)


def seconds(times: Sequence[float]) -> float:
    """Return the seconds that things done at these moments took, long pauses cut."""
    return sum(min(max(later - earlier, 0.0), LONGEST) for earlier, later in pairwise(times))


def stamp(moment: float) -> str:
    """Return a moment (seconds since 1970) as the store writes it; one that no calendar has is none."""
    try:
        at = datetime.fromtimestamp(moment, UTC)
    except (OverflowError, ValueError, OSError):
        at = datetime.fromtimestamp(0, UTC)
    return at.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def write_pearmut(
    folder: Path,
    campaign: Campaign,
    documents: Sequence[Document],
    annotators: Mapping[str, Mapping[str, Any]],
    log: Sequence[Judgement],
) -> None:
    """Write the three files of a campaign into a folder, for ``pearmut add-existing``."""
    folder.mkdir(parents=True, exist_ok=True)
    lines = [line_of(one) for one in log]
    contents: dict[str, Any] = {
        "campaigns.json": [campaign_json(campaign, documents)],
        "annotations.json": {campaign.name: lines},
        "progress.json": {campaign.name: progress_json(campaign, documents, annotators, log)},
    }
    for name, content in contents.items():
        text = json.dumps(content, ensure_ascii=False, indent=2) + "\n"
        (folder / name).write_text(text, encoding="utf-8", newline="\n")


def campaign_json(campaign: Campaign, documents: Iterable[Document]) -> dict[str, Any]:
    """Return a campaign as Pearmut keeps it."""
    lists: dict[str, Any] = {"data": {} if campaign.assignment == "task-based" else []}
    for one in sorted(documents, key=lambda one: (one.part, one.place)):
        if one.owner:
            lists["data"].setdefault(one.owner, []).append(one.items)
        else:
            lists.setdefault(_PARTS[one.part], []).append(one.items)
    return {"info": dict(campaign.info), "campaign_id": campaign.name, **lists, **campaign.rest}


def line_of(judgement: Judgement) -> Line:
    """Return what was said of a document as a line of the log."""
    key = item_key(judgement.part, judgement.place)
    return {"user_id": judgement.annotator, "item_i": key, **judgement.line}


def progress_json(
    campaign: Campaign,
    documents: Sequence[Document],
    annotators: Mapping[str, Mapping[str, Any]],
    log: Sequence[Judgement],
) -> dict[str, Any]:
    """Return the progress of each annotator as Pearmut keeps it.

    What was imported stands as it was until the annotator said more here; then it is counted anew.
    """
    spoken = {one.annotator for one in log if not one.imported}
    return {
        name: dict(known) if known and name not in spoken else {**known, **_progress(campaign, documents, name, log)}
        for name, known in annotators.items()
    }


def _progress(campaign: Campaign, documents: Sequence[Document], name: str, log: Sequence[Judgement]) -> dict[str, Any]:
    counted = standing(log)
    mine = {(one.part, one.place) for one in counted if one.annotator == name}
    times = [one["time"] for said in counted if said.annotator == name for one in said.line.get("actions", [])]
    checks = {
        str(item_key(one.part, one.place)): one.line["validations"]
        for one in counted
        if one.annotator == name and "validations" in one.line
    }
    places = {part: [one for one in documents if one.part == part and one.owner in ("", name)] for part in PARTS}

    def done(part: Part) -> list[Any]:
        return ["completed" if one.key in mine else None for one in places[part]]

    found = {
        "progress": done("data"),
        "progress_welcome": done("welcome"),
        "progress_goodbye": done("goodbye"),
        "time_start": min(times, default=None),
        "time_end": max(times, default=None),
        "time": sum(one.seconds for one in log if one.annotator == name),
        "url": f"annotate?campaign_id={campaign.name}&user_id={name}",
        "token_correct": f"{name}-done",
        "token_incorrect": f"{name}-check",
        "note": None,
    }
    if campaign.assignment != "task-based":
        others = {(one.part, one.place) for one in counted if one.annotator != name}
        found["progress"] = [
            "completed" if one.key in mine else "completed_foreign" if one.key in others else None
            for one in places["data"]
        ]
    if campaign.assignment == "dynamic":
        found["progress"] = _by_system(places["data"], name, counted)
    return found | ({"validations": checks} if checks else {})


def _by_system(documents: Sequence[Document], name: str, counted: Sequence[Judgement]) -> list[dict[str, Any]]:
    whose: dict[tuple[int, str], set[str]] = {}
    for one in counted:
        if one.part == "data" and one.line["annotation"]:
            for system in one.line["annotation"][0]:
                whose.setdefault((one.place, system), set()).add(one.annotator)
    states = [[(system, whose.get((one.place, system), set())) for system in one.systems] for one in documents]
    return [
        {system: "completed" if name in who else "completed_foreign" if who else None for system, who in of_one}
        for of_one in states
    ]


def _logs(path: Path | None) -> dict[str, list[dict[str, Any]]]:
    """Return the lines of a log by campaign; of a file that does not say which, under an empty name."""
    if path is None:
        return {}
    if path.suffix == ".jsonl":
        lines = [
            _parsed(line, path, number) for number, line in enumerate(read_text(path).split("\n"), 1) if line.strip()
        ]
        return {"": lines}
    read = _read(path)
    return {"": read} if isinstance(read, list) else read


def _read(path: Path) -> Any:
    return _parsed(read_text(path), path)


def _parsed(text: str, path: Path, line: int | None = None) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        raise InputError(f"no JSON: {error}", path, line) from None
