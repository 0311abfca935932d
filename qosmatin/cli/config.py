"""``qosmatin config``: check a config, and print the JSON Schema that editors use."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from qosmatin.config import JobConfig, load_config
from qosmatin.documents import list_documents

app = typer.Typer(help="Check configs, and print their schema.", no_args_is_help=True, rich_markup_mode=None)


@app.command("check")
def check(file: Annotated[Path, typer.Argument(help="The config.", show_default=False)]) -> None:
    """Check a config and every file that it names; all faults are listed at once.

    Example: qosmatin config check configs/demo.yaml
    """
    config = load_config(file)
    documents = list_documents(config)
    translated = ", ".join(
        f"{one.name}: {len(documents.translations[one.name]) if one.engine == 'files' else one.engine}"
        for one in config.translations
    )
    typer.echo(f"{file}: good. {len(documents.sources)} source documents; translations {translated or 'none'}")


@app.command("schema")
def schema() -> None:
    """Print the JSON Schema of configs, for editors that complete and check YAML.

    Example: qosmatin config schema > config.schema.json
    """
    typer.echo(json.dumps(JobConfig.model_json_schema(), ensure_ascii=False, indent=2))
