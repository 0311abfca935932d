"""What all results have in common: rows, which notebooks show and which become tables of other libraries."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from html import escape
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from qosmatin.corpus.errors import InputError

if TYPE_CHECKING:
    import pandas as pd
    import polars as pl

SHOWN = 20
"""Rows that a notebook shows of a result."""


class Rows(ABC):
    """A result that is a table; iterating gives its rows as dictionaries."""

    __slots__ = ()

    @property
    @abstractmethod
    def title(self) -> str:
        """What the result is, in one line."""

    @property
    @abstractmethod
    def schema(self) -> pa.Schema:
        """The names and types of the columns."""

    @abstractmethod
    def rows(self) -> list[dict[str, Any]]:
        """Return the rows as dictionaries, by the names of the columns."""

    def head(self, count: int) -> list[dict[str, Any]]:
        """Return the first rows."""
        return self.rows()[:count]

    def to_arrow(self) -> pa.Table:
        """Return the rows as a table of Arrow."""
        return pa.Table.from_pylist(self.rows(), self.schema)

    def to_pandas(self) -> pd.DataFrame:
        """Return the rows as a frame of pandas, which is imported now; raises ``InputError`` where it is missing."""
        try:
            import pandas as pd  # noqa: F401, PLC0415
        except ImportError:
            raise InputError("to_pandas needs pandas: pip install pandas") from None
        return self.to_arrow().to_pandas()

    def to_polars(self) -> pl.DataFrame:
        """Return the rows as a frame of polars, which is imported now; raises ``InputError`` where it is missing."""
        try:
            import polars as pl  # noqa: PLC0415
        except ImportError:
            raise InputError("to_polars needs polars: pip install polars") from None
        frame = pl.from_arrow(self.to_arrow())
        assert isinstance(frame, pl.DataFrame)
        return frame

    def __iter__(self) -> Iterator[dict[str, Any]]:
        return iter(self.rows())

    def __len__(self) -> int:
        return len(self.rows())

    def _repr_html_(self) -> str:
        """Return the first rows as a table of HTML, which notebooks show."""
        return html_table(self.title, self.schema.names, self.head(SHOWN), len(self))


def html_table(title: str, columns: Sequence[str], rows: Sequence[Mapping[str, Any]], total: int) -> str:
    """Return rows as a table of HTML; every text in it is escaped."""
    head = "".join(f"<th>{escape(name)}</th>" for name in columns)
    body = "".join(f"<tr>{''.join(f'<td>{_cell(row[name])}</td>' for name in columns)}</tr>" for row in rows)
    more = f"<p>{total - len(rows):,} more</p>" if total > len(rows) else ""
    return f"<p>{escape(title)}</p><table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>{more}"


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, float):
        return f"{value:.4g}"
    if isinstance(value, list):
        return escape(", ".join(map(str, value)))
    return escape(str(value))
