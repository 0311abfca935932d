"""What a researcher relies on: people's work apart from machines', scores by row, and a card that the rows bear out."""

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from sacrebleu.metrics import CHRF
from small_corpus import EN, KK, qosmatin

from qosmatin.corpus.decisions import decision_to_json
from qosmatin.corpus.model import Anchor, Decision

MT = {
    "one": "Today in Almaty new school open. To it above thousand child goes. Study is free.",
    "two": "In Astana yesterday snow fall. Roads closed was. Schools online taught.",
    "three": "In Shymkent flowers show passed. Guests came to show. They pleased.",
}
RU = {
    "one": "Сегодня в Алматы открылась новая школа. В неё пойдут более тысячи детей. Учёба будет бесплатной.",
    "two": "Вчера в Астане выпал снег. Дороги закрылись. Школы учили онлайн.",
    "three": "В Шымкенте прошла выставка цветов. На выставку пришли гости. Они остались довольны.",
}
CONFIG = """
corpus: {name: origins, version: 1.0.0, folder: out, licence: CC-BY-4.0}
sources: [{files: [kk/*.txt], lang: kk, licence: CC0-1.0, domain: news, by: An agency}]
translations:
  - {name: mt, lang: en, files: [mt/*.txt], kind: machine, by: engine | v2, licence: CC-BY-4.0}
  - {name: en, lang: en, files: [en/*.txt], kind: human, by: A bureau, licence: CC-BY-SA-4.0}
  - {name: ru, lang: ru, files: [ru/*.txt], kind: human, by: A bureau, licence: CC-BY-SA-4.0}
publish: {test: 0.4, split_key: a, parallel: [mt, ru], people: [A. B.],
  card: {creators: [A team], homepage: https://example.org/origins, personal_data: personal.md}}
filters: [{name: identical}, {name: confidence, min: 0.2}]
scoring: {metrics: [chrf, bleu], bootstrap: 0, trials: 0}
decisions: said.jsonl
"""


def decision(
    operation: Any, source: str, target: str, document: str, translation: str, reviewer: str, value: str | None = None
) -> str:
    texts = {"mt": MT, "en": EN}[translation]
    places = (
        ("source", document, KK[document], source),
        ("target", f"{document}@{translation}", texts[document], target),
    )
    anchors = tuple(
        Anchor(side, name, text.index(part), text.index(part) + len(part), part)  # type: ignore[arg-type]
        for side, name, text, part in places
    )
    said = Decision(f"{document}{source}", anchors, operation, value, reviewer, "2026-11-01T10:00:00Z")
    return decision_to_json(said) + "\n"


@pytest.fixture(scope="module")
def dataset(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("origins")
    for name, texts in (("kk", KK), ("en", EN), ("mt", MT), ("ru", RU)):
        (folder / name).mkdir()
        for document, text in texts.items():
            (folder / name / f"{document}.txt").write_text(text, encoding="utf-8")
    said = (
        decision("edit", "Оқу тегін болады.", "Study is free.", "one", "mt", "A. B.", "Tuition will be free.")
        + decision("accept", "Көрмеге қонақтар келді.", "Guests came to show.", "three", "mt", "C. D.")
        + decision("accept", "Көрмеге қонақтар келді.", "Guests came to show.", "three", "mt", "A. B.")
        + decision("edit", "Олар риза болды.", "They were pleased.", "three", "en", "C. D.", "They liked it.")
    )
    (folder / "said.jsonl").write_text(said, encoding="utf-8")
    (folder / "personal.md").write_text("There are no names in it.", encoding="utf-8")
    (folder / "job.yaml").write_text(CONFIG, encoding="utf-8")
    done = qosmatin(folder, "run", "job.yaml")
    assert done.returncode == 0, done.stderr
    return folder / "out" / "dataset"


def rows_of(dataset: Path, config: str) -> list[dict[str, Any]]:
    return [
        {**row, "split": path.name.split("-")[0]}
        for path in sorted((dataset / config).iterdir())
        for row in pq.read_table(path).to_pylist()
    ]


def configs(dataset: Path) -> dict[str, list[dict[str, Any]]]:
    return {path.name: rows_of(dataset, path.name) for path in sorted(dataset.iterdir()) if path.is_dir()}


def test_the_plain_name_is_peoples_work_whichever_comes_first(dataset: Path) -> None:
    found = configs(dataset)
    assert set(found) == {"kk-en", "kk-en-mt", "kk-en-mt-post-edited", "kk-ru", "kk-en-ru", "kk-en-ru-post-edited"}
    kinds = {name: {row["target_kind"] for row in rows} for name, rows in found.items() if "-ru" not in name[3:]}
    assert kinds == {
        "kk-en": {"human"},
        "kk-en-mt": {"machine"},
        "kk-en-mt-post-edited": {"post-edited"},
        "kk-ru": {"human"},
    }


def test_a_mended_pair_leaves_the_machines_config_with_id_and_split(dataset: Path) -> None:
    [mended] = rows_of(dataset, "kk-en-mt-post-edited")
    assert mended["translation"] == {"en": "Tuition will be free.", "kk": "Оқу тегін болады."}
    assert (mended["status"], mended["reviewer"], mended["target_by"]) == ("post-edited", "A. B.", "engine | v2")
    splits: dict[str, set[str]] = {}
    for rows in configs(dataset).values():
        for row in rows:
            splits.setdefault(row["document"], set()).add(row["split"])
    assert splits == {"one": {"train"}, "two": {"test"}, "three": {"train"}}
    assert len(rows_of(dataset, "kk-en-mt")) == 8
    [parallel] = rows_of(dataset, "kk-en-ru-post-edited")
    assert (parallel["kind_en"], parallel["kind_ru"], parallel["pairs_en"]) == ("post-edited", "human", [mended["id"]])
    assert {row["kind_en"] for row in rows_of(dataset, "kk-en-ru")} == {"machine"}


def test_a_persons_text_that_another_person_corrected_stays_human(dataset: Path) -> None:
    [edited] = [row for row in rows_of(dataset, "kk-en") if row["status"] == "post-edited"]
    assert (edited["translation"]["en"], edited["target_kind"], edited["reviewer"]) == ("They liked it.", "human", None)


def test_each_row_has_the_scores_of_its_segment(dataset: Path) -> None:
    human = {row["translation"]["kk"]: row["translation"]["en"] for row in rows_of(dataset, "kk-en")}
    rows = rows_of(dataset, "kk-en-mt")
    metric = CHRF()
    alone = 0
    for row in rows:
        scores = {one["metric"]: one for one in row["scores"]}
        assert set(scores) == {"chrf", "bleu:13a"}
        assert {(one["reference"], one["reference_kind"]) for one in row["scores"]} == {("en", "human")}
        assert scores["chrf"]["segment"] == f"{row['document']}:{row['position'] + 1}-{row['position'] + 1}"
        expected = metric.sentence_score(row["translation"]["en"], [human[row["translation"]["kk"]]]).score
        assert scores["chrf"]["score"] == pytest.approx(expected)
        alone += 1
    assert alone == 8
    for config in ("kk-en", "kk-ru", "kk-en-mt-post-edited"):
        assert [row["scores"] for row in rows_of(dataset, config)] == [None] * len(rows_of(dataset, config))


def tables(card: str) -> dict[tuple[str, ...], list[list[str]]]:
    """The tables of a card by their heads."""
    found: dict[tuple[str, ...], list[list[str]]] = {}
    rows: list[list[str]] | None = None
    for line in card.split("\n"):
        cells = [cell.strip().strip("`") for cell in line.replace("\\|", "\0").strip("|").split("|")]
        cells = [cell.replace("\0", "|") for cell in cells]
        if not line.startswith("|"):
            rows = None
        elif rows is None:
            rows = found.setdefault(tuple(cells), [])
        elif not set(line) <= set("|-: "):
            rows.append(cells)
    return found


def test_every_table_of_the_card_is_what_the_rows_say(dataset: Path) -> None:
    card = (dataset / "README.md").read_text(encoding="utf-8")
    found = tables(card)
    every = configs(dataset)
    pairs = {name: rows for name, rows in every.items() if "-ru" not in name[3:]}

    def counted(*heads: str, key: Any) -> None:
        expected = Counter((name, *key(row)) for name, rows in pairs.items() for row in rows)
        stated = {tuple(row[: len(heads)]): row[len(heads)] for row in found[(*heads, "pairs")]}
        assert stated == {name: str(count) for name, count in expected.items()}

    counted("config", "source is", "by", "translation is", "by",
            key=lambda row: (row["source_kind"], row["source_by"], row["target_kind"], row["target_by"]))  # fmt: skip
    counted("config", "split", "domain", key=lambda row: (row["split"], row["source_domain"]))
    counted("config", "shape", key=lambda row: (row["shape"],))
    counted("config", "licence of the source", "licence of the translation",
            key=lambda row: (row["source_licence"], row["target_licence"]))  # fmt: skip
    statuses = Counter((name, row["status"]) for name, rows in pairs.items() for row in rows)
    assert found["config", "status", "pairs", "share"] == [
        [name, status, str(count), f"{100 * count / len(pairs[name]):.1f} %".replace("100.0", "100")]
        for name in ("kk-en-mt", "kk-en-mt-post-edited", "kk-en", "kk-ru")
        for (of, status), count in sorted(statuses.items())
        if of == name
    ]
    sizes = {tuple(row[:1] + row[3:4]): row[4:] for row in found["config", "from", "to", "split", "pairs", "documents"]}
    for name, rows in every.items():
        for split in {row["split"] for row in rows}:
            mine = [row for row in rows if row["split"] == split]
            assert sizes.pop((name, split)) == [str(len(mine)), str(len({row["document"] for row in mine}))]
    assert not sizes


def test_the_card_says_who_wrote_what_what_was_reviewed_and_how_sure_it_is(dataset: Path) -> None:
    card = (dataset / "README.md").read_text(encoding="utf-8")
    found = tables(card)
    overview = {row[0]: row[1:] for row in found[
        "config", "pairs", "source text", "translation", "reviewed by a person", "licence of source; of translation"
    ]}  # fmt: skip
    assert overview["kk-en-mt"] == ["8", "kk: original", "en: **machine**", "1 (12.5 %)", "CC0-1.0; CC-BY-4.0"]
    assert overview["kk-en-mt-post-edited"][2:4] == ["en: post-edited", "1 (100 %)"]
    assert overview["kk-en"] == ["9", "kk: original", "en: human", "1 (11.1 %)", "CC0-1.0; CC-BY-SA-4.0"]
    assert overview["kk-en-ru"][2] == "en: machine; ru: human"
    assert "written by no person: engine | v2." in card
    assert "Of `kk-en-mt` people judged 2 pairs: 2 were right as pairs (100 %), 0 were not." in card
    assert "1 of them were decided on by several people, who all decided the same on 1 (100 %)." in card
    unsure = [row for row in rows_of(dataset, "kk-en-mt") if row["status"] == "unreviewed"]
    mean = sum(row["confidence"] for row in unsure) / len(unsure)
    stated = {
        (row[0], row[1]): row[2:] for row in found["config", "confidence at least", "pairs", "expected to be right"]
    }
    assert stated["kk-en-mt", "0.2"] == [str(len(unsure)), f"{100 * mean:.1f} %"]
    refused = {tuple(row[:2]): row[2] for row in found["translation", "refused by", "pairs"]}
    assert refused["kk-en-mt", "nothing (published)"] == "9"
    assert "for 8 pairs of `kk-en-mt`" in card


def test_the_card_repeats_the_scores_with_their_signatures(dataset: Path) -> None:
    stated = tables((dataset / "README.md").read_text(encoding="utf-8"))[
        "hypothesis", "by", "reference", "by", "metric", "score", "segments", "signature"
    ]
    scores = [row for row in pq.read_table(dataset.parent / "scores.parquet").to_pylist() if row["group"] == "corpus"]
    assert stated == [
        [row["hypothesis"], "machine", row["reference"], "human", row["metric"], f"{row['score']:.1f}",
         str(row["segments"]), row["signature"]]
        for row in scores
    ]  # fmt: skip


def test_croissant_is_valid_and_its_records_are_the_rows(dataset: Path) -> None:
    import mlcroissant

    described = mlcroissant.Dataset(jsonld=str(dataset / "croissant.json"))
    assert not described.metadata.issues.errors
    assert not described.metadata.issues.warnings
    every = configs(dataset)
    splits = {f"{name}/{row['split']}" for name, rows in every.items() for row in rows}
    assert {one.uuid for one in described.metadata.record_sets} == {"splits", *every, *splits}
    for name, rows in every.items():
        records = {record[f"{name}/id"].decode(): record for record in described.records(name)}
        assert set(records) == {row["id"] for row in rows}
        for row in rows:
            found = records[row["id"]]
            texts = {key.rpartition("/")[2]: text.decode() for key, text in found[f"{name}/translation"].items()}
            assert texts == row["translation"]
            assert found[f"{name}/position"] == row["position"]
            assert found[f"{name}/split"].decode() == row["split"]
    spans = {record["kk-en/id"].decode(): record["kk-en/source_spans"] for record in described.records("kk-en")}
    assert {
        name: [(one["kk-en/source_spans/start"], one["kk-en/source_spans/end"]) for one in found]
        for name, found in spans.items()
    } == {row["id"]: [(one["start"], one["end"]) for one in row["source_spans"]] for row in every["kk-en"]}


def test_croissant_reads_each_split_alone_and_says_what_is_known(dataset: Path) -> None:
    import mlcroissant

    described = mlcroissant.Dataset(jsonld=str(dataset / "croissant.json"))
    rows = rows_of(dataset, "kk-en")
    for split in ("train", "test"):
        wanted = {row["id"] for row in rows if row["split"] == split}
        for name, filters in ((f"kk-en/{split}", None), ("kk-en", {"kk-en/split": split})):
            reader = mlcroissant.Dataset(jsonld=str(dataset / "croissant.json"))
            assert {one[f"{name}/id"].decode() for one in reader.records(name, filters)} == wanted
    data = json.loads((dataset / "croissant.json").read_text(encoding="utf-8"))
    assert data["license"] == "https://spdx.org/licenses/CC-BY-4.0.html"
    assert data["url"] == "https://example.org/origins"
    assert data["creator"] == [{"@type": "sc:Organization", "name": "A team"}]
    assert "author = {{A team}}" in data["citeAs"]
    assert described.metadata.data_annotation_platform == ["Qosmätin review"]
    assert "engine | v2" in described.metadata.machine_annotation_tools
    assert "no names" in " ".join(described.metadata.personal_sensitive_information)
    for one in data["recordSet"]:
        assert one["description"]
        assert all(field["description"] for field in one["field"])
        assert all(part["description"] for field in one["field"] for part in field.get("subField", []))
