"""Files of split texts: the project's gold JSON, JSON or JSONL of sentences, or plain text with a sentence a line."""

from __future__ import annotations

import json
from typing import Any

from qosmatin.corpus.errors import InputError

from .boundaries import Text
from .segment_files import read_segments


def read_split_texts(path: str) -> list[Text]:
    """Read texts with their boundaries (``-`` is standard input).

    JSON is a list of ``{"id", "text", "boundaries": [end offsets], "category"?}`` or of ``{"id", "sentences": [...]}``;
    JSONL has one such object a line. Anything else is one text of one sentence a line, called ``text``. Raises
    ``InputError`` with the line or the text's number for what is none of these.
    """
    lines = read_segments(path)
    if not lines[0].lstrip().startswith(("[", "{")):
        return [_from_sentences("text", [line.strip() for line in lines if line.strip()], None)]
    try:
        data = json.loads("\n".join(lines))
        rows = [(row, None) for row in data] if isinstance(data, list) else [(data, 1)]
    except json.JSONDecodeError:
        rows = [(_parse(line, path, number), number) for number, line in enumerate(lines, 1) if line]
    return [_text(row, number, path, line) for number, (row, line) in enumerate(rows, 1)]


def _parse(line: str, path: str, number: int) -> Any:
    try:
        return json.loads(line)
    except json.JSONDecodeError as error:
        raise InputError(f"no JSON: {error.msg}", path, number) from error


def _text(row: Any, number: int, path: str, line: int | None) -> Text:
    try:
        name, category = str(row.get("id", number)), row.get("category")
        if "sentences" in row:
            return _from_sentences(name, [str(sentence).strip() for sentence in row["sentences"]], category)
        return Text(name, str(row["text"]), tuple(int(end) for end in row["boundaries"]), category)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise InputError(
            f"text {number} is not understood ({error!r}); expected 'id' with 'text' and 'boundaries', or 'sentences'",
            path,
            line,
        ) from error


def _from_sentences(name: str, sentences: list[str], category: str | None) -> Text:
    """Return the text that sentences make, joined by spaces."""
    ends, at = [], -1
    for sentence in sentences:
        at += len(sentence) + 1
        ends.append(at)
    return Text(name, " ".join(sentences), tuple(ends), category)
