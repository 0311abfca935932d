"""Texts of systems to judge, as files that a campaign's config names."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

import yaml

SYSTEMS = ("Alpha", "Beta", "Gamma")


def write_campaign(folder: Path, documents: int = 4, systems: Sequence[str] = SYSTEMS, **more: object) -> Path:
    """Write JSONL of documents of two passages, law and news by turns, and a config; returns that."""
    folder.mkdir(parents=True, exist_ok=True)

    def write(name: str, rows: list[Mapping[str, object]]) -> str:
        text = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
        (folder / name).write_text(text, encoding="utf-8")
        return name

    names = [f"d{number}" for number in range(1, documents + 1)]
    source = [
        {"doc_id": name, "src": f"Сот шешімі {name}.\n\nЕкінші бөлік 😀 {name}.", "domain": ("law", "news")[at % 2]}
        for at, name in enumerate(names)
    ]
    reference = [{"doc_id": name, "ref": f"The ruling {name}.\n\nA second part 😀 {name}."} for name in names]
    config = {
        "campaign": "trial",
        "folder": "store",
        "protocol": "cESA",
        "source_lang": "kk",
        "target_lang": "en",
        "annotators": ["aigul", "dias"],
        "jsonl": {
            "source": write("source.jsonl", source),
            "reference": write("reference.jsonl", reference),
            "systems": {
                system: write(
                    f"{system}.jsonl",
                    [
                        {"doc_id": name, "hypothesis": f"<p>{system} rules on {name}.</p><p>A 😀 part,<br>{name}.</p>"}
                        for name in names
                    ],
                )
                for system in systems
            },
        },
        **more,
    }
    path = folder / "campaign.yaml"
    path.write_text(yaml.safe_dump(config, allow_unicode=True), encoding="utf-8")
    return path
