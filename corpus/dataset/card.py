"""The card of a dataset (``README.md``): written from the data alone, for loaders, for the hub and for people."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any, Protocol

import jinja2
import yaml

from .licences import Permission, hub_licence, obstacle
from .writing import ConfigSummary, SplitCounts

_SIZES = ((1_000, "n<1K"), (10_000, "1K<n<10K"), (100_000, "10K<n<100K"), (1_000_000, "100K<n<1M"))


class PublishedConfig(Protocol):
    """What loaders need to know of a config: a ``ConfigSummary`` or a ``ParallelSummary``."""

    name: str
    splits: dict[str, SplitCounts]

    @property
    def languages(self) -> tuple[str, ...]:
        """The languages of its texts."""

    @property
    def features(self) -> Any:
        """Its columns."""


@dataclass(slots=True)
class ParallelSummary:
    """What the card says of a multi-parallel config."""

    name: str
    languages: tuple[str, ...]
    features: Any
    splits: dict[str, SplitCounts]


@dataclass(frozen=True, slots=True)
class Review:
    """How much reviewers agree on the pairs of one translation that several of them decided on."""

    pairs: int
    agreed: int


@dataclass(frozen=True, slots=True)
class CardFacts:
    """What the card is written from, beside the configs' summaries.

    ``refused`` maps config names to counts by filter; ``filters`` are the filters with their settings, in order;
    ``scores`` are rows of the scores table; ``review`` maps config names to agreement; ``unplaced`` counts reviewers'
    decisions whose place in the documents is gone; ``held_out`` says how splits were made, or is empty for one split.
    """

    name: str
    version: str
    description: str
    licence: str
    tool: str
    config_hash: str
    aligners: Sequence[str]
    filters: Sequence[Mapping[str, Any]]
    refused: Mapping[str, Mapping[str, int]]
    scores: Sequence[Mapping[str, Any]]
    documents: Sequence[Mapping[str, Any]]
    permissions: Sequence[Permission] = ()
    review: Mapping[str, Review] | None = None
    unplaced: int = 0
    clusters: int = 0
    benchmarks: Sequence[str] = ()
    citation: str = ""
    year: str = ""


def write_card(
    folder: Path, summaries: Sequence[ConfigSummary], parallel: Sequence[ParallelSummary], facts: CardFacts
) -> None:
    """Write ``README.md``: the YAML head that loaders read, and the card that people read, from the data alone."""
    environment = jinja2.Environment(
        undefined=jinja2.StrictUndefined, trim_blocks=True, lstrip_blocks=True, keep_trailing_newline=True
    )
    environment.filters["cell"] = lambda value: str(value).replace("|", "\\|").replace("\n", " ")
    environment.filters["thousands"] = lambda value: f"{value:,}"
    environment.filters["variable"] = lambda name: re.sub(r"\W", "_", name)
    source = files("qosmatin.corpus").joinpath("templates", "card.md.j2").read_text(encoding="utf-8")
    template = environment.from_string(source)
    head = yaml.safe_dump(card_head([*summaries, *parallel], facts), allow_unicode=True, sort_keys=False, width=120)
    body = template.render(
        head=head,
        configs=summaries,
        parallel=parallel,
        facts=facts,
        rows=sum(summary.rows for summary in summaries),
        machine=sorted({by for one in summaries for _, kind, by in one.makers if kind == "machine"}),
        reviewed=sum(count for one in summaries for status, count in one.statuses.items() if status != "unreviewed"),
        withheld={one.name: Counter(leak.rule for _, leak in one.withheld) for one in summaries},
        licences=Counter(str(document["licence"]) for document in facts.documents),
        obstacle=obstacle,
        citation=facts.citation or _citation(facts),
    )
    (folder / "README.md").write_text(body, encoding="utf-8", newline="\n")


def _citation(facts: CardFacts) -> str:
    key = re.sub(r"\W", "", facts.name) + facts.year
    lines = [f"title = {{{facts.name}, version {facts.version}}}", f"year = {{{facts.year}}}"]
    if facts.description:
        lines.append(f"note = {{{' '.join(facts.description.split())}}}")
    return f"@misc{{{key},\n  " + ",\n  ".join(lines) + "\n}"


def card_head(configs: Sequence[PublishedConfig], facts: CardFacts) -> dict[str, Any]:
    """Return the YAML head of the card, as the hub and ``load_dataset`` read it."""
    rows = sum(split.rows for one in configs for split in one.splits.values())
    languages = dict.fromkeys(lang.split("-")[0] for one in configs for lang in one.languages)
    return {
        "pretty_name": facts.name,
        "language": list(languages),
        **hub_licence(facts.licence),
        "multilinguality": ["translation"],
        "task_categories": ["translation"],
        "size_categories": [next((size for limit, size in _SIZES if rows < limit), "1M<n<10M")],
        "configs": [_config_entry(number, one, facts.version) for number, one in enumerate(configs)],
        "dataset_info": [_info_entry(one) for one in configs],
    }


def _config_entry(number: int, summary: PublishedConfig, version: str) -> dict[str, Any]:
    data_files = [{"split": split, "path": f"{summary.name}/{split}-*.parquet"} for split in summary.splits]
    entry = {"config_name": summary.name, "version": version, "data_files": data_files}
    return {**entry, "default": True} if number == 0 else entry


def _info_entry(summary: PublishedConfig) -> dict[str, Any]:
    from datasets import DatasetInfo, SplitDict, SplitInfo  # noqa: PLC0415 - takes a second to load

    splits = SplitDict()
    for split, counts in summary.splits.items():
        splits.add(SplitInfo(name=split, num_bytes=counts.size, num_examples=counts.rows))
    info = DatasetInfo(features=summary.features, splits=splits)
    return {"config_name": summary.name, **info._to_yaml_dict()}


def read_version(dataset: Path) -> str | None:
    """Return the version that a dataset folder's card states, or None where there is none."""
    card = dataset / "README.md"
    if not card.exists():
        return None
    head = yaml.safe_load(card.read_text(encoding="utf-8").split("---\n")[1])
    configs = head.get("configs") or [{}]
    version = configs[0].get("version")
    return None if version is None else str(version)
