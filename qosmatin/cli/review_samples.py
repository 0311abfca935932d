"""``qosmatin review sample`` and ``estimate``: pairs drawn to be judged blind, and what that says of the rest."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from .console import open_output, say
from .review import CORPUS, DATABASE
from .stores import check_extra, opened_store


def draw_sample(
    corpus: CORPUS,
    size: Annotated[int, typer.Option(min=1, help="Pairs to draw.")] = 200,
    seed: Annotated[int, typer.Option(min=0, max=2**31 - 1, help="The same seed draws the same pairs.")] = 1,
    translation: Annotated[
        str | None, typer.Option(help="Which translation to draw from; default: the only one.", show_default=False)
    ] = None,
    database: DATABASE = None,
) -> None:
    """Draw pairs at random of those that nobody has reviewed, to be judged blind on the page /samples.

    What was reviewed doubt first says nothing about the rest; a sample does: `qosmatin review estimate`.

    Example: qosmatin review sample corpora/ilyashev --translation en --size 10 --seed 7
    """
    check_extra()
    from qosmatin.review.samples import drawing  # noqa: PLC0415
    from qosmatin.review.server import open_review  # noqa: PLC0415
    from qosmatin.review.store.database import writing  # noqa: PLC0415

    engine, _ = open_review(corpus, database)
    try:
        with writing(engine) as connection:
            drawn = drawing.draw(connection, drawing.choose_translation(connection, translation), size, seed)
    finally:
        engine.dispose()
    all_of_them = " (all there are)" if drawn.size < size else ""
    say(
        f"sample {drawn.id}: {drawn.size:,} of {drawn.population:,} unreviewed pairs of '{drawn.translation}'"
        f"{all_of_them}, seed {drawn.seed}; judge them on the page /sample/{drawn.id}"
    )


def show_estimates(
    corpus: CORPUS,
    json_file: Annotated[
        Path | None, typer.Option("--json", metavar="FILE", help="Write them as JSON too; - for standard output alone.")
    ] = None,
    database: DATABASE = None,
) -> None:
    """Print what each sample says: the share of right pairs, its 95 % interval, and how far the judges agree.

    Example: qosmatin review estimate corpora/ilyashev
    """
    with opened_store(corpus, database) as engine:
        from qosmatin.review.samples import drawing, estimating  # noqa: PLC0415
        from qosmatin.review.words import words_in  # noqa: PLC0415

        with engine.connect() as connection:
            known = drawing.all_samples(connection)
            estimates = [(one, estimating.estimate(drawing.read_items(connection, one.id))) for one in known]
    if json_file is not None:
        content = [estimating.as_json(*one) for one in estimates]
        with open_output(None if str(json_file) == "-" else json_file) as stream:
            stream.write(json.dumps(content, ensure_ascii=False, indent=2) + "\n")
    if json_file != Path("-"):
        for sample, one in estimates:
            said = " ".join(estimating.sentences(words_in("en"), sample, one))
            typer.echo(f"{sample.id}\t{sample.translation}\t{said}")
    if not estimates:
        say("no sample was drawn yet: `qosmatin review sample` draws one")
