"""The index of the folded texts: FTS5's trigrams on SQLite, pg_trgm on PostgreSQL; made where the database can.

Where it cannot, a search looks through the rows in the order of the page, a bounded number at a time.
"""

from __future__ import annotations

from sqlalchemy import Connection, select, text
from sqlalchemy.exc import DBAPIError

from .schema import beads

SHORTEST = 3
"""Characters that a search needs before the index can answer it."""

_TRIGRAMS = 12
"""How many trigrams of a search the index is asked for; what it finds is compared with the whole of it anyway."""

_PLACE = "(document << 32) | number"

_FTS = (
    # Contentless and without positions: a fifth of the size, and the texts themselves are in ``beads``.
    "CREATE VIRTUAL TABLE beads_search USING fts5(search, content='', detail=none, tokenize='trigram')",
    "CREATE TRIGGER beads_search_insert AFTER INSERT ON beads BEGIN"
    "  INSERT INTO beads_search(rowid, search) VALUES ((new.document << 32) | new.number, new.search); END",
    "CREATE TRIGGER beads_search_delete AFTER DELETE ON beads BEGIN"
    "  INSERT INTO beads_search(beads_search, rowid, search)"
    "  VALUES ('delete', (old.document << 32) | old.number, old.search); END",
    "CREATE TRIGGER beads_search_update AFTER UPDATE OF search ON beads WHEN old.search IS NOT new.search BEGIN"
    "  INSERT INTO beads_search(beads_search, rowid, search)"
    "  VALUES ('delete', (old.document << 32) | old.number, old.search);"
    "  INSERT INTO beads_search(rowid, search) VALUES ((new.document << 32) | new.number, new.search); END",
    f"INSERT INTO beads_search(rowid, search) SELECT {_PLACE}, search FROM beads",
)


def has_index(connection: Connection) -> bool:
    """Whether searches are answered by an index."""
    if connection.dialect.name == "sqlite":
        query = "SELECT count(*) FROM sqlite_master WHERE name = 'beads_search'"
    else:
        query = "SELECT count(*) FROM pg_indexes WHERE indexname = 'beads_search' AND schemaname = current_schema()"
    return bool(connection.execute(text(query)).scalar())


def make_index(connection: Connection) -> str | None:
    """Make the index if there is none yet; returns why that cannot be, for whoever keeps the database."""
    if has_index(connection):
        return None
    try:
        with connection.begin_nested():
            if connection.dialect.name == "postgresql":
                return _make_gin(connection)
            for statement in _FTS:
                connection.execute(text(statement))
    except DBAPIError as error:
        return f"searches are slow in a large corpus: {str(error.orig).splitlines()[0]}"
    return None


def drop_index(connection: Connection) -> None:
    """Drop the index while very much is written: making it anew is several times quicker."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("DROP INDEX IF EXISTS beads_search"))
        return
    for name in ("insert", "delete", "update"):
        connection.execute(text(f"DROP TRIGGER IF EXISTS beads_search_{name}"))
    connection.execute(text("DROP TABLE IF EXISTS beads_search"))


def _make_gin(connection: Connection) -> str | None:
    available = "SELECT count(*) FROM pg_available_extensions WHERE name = 'pg_trgm'"
    if not connection.execute(text(available)).scalar():
        return (
            "searches are slow in a large corpus: PostgreSQL lacks pg_trgm (package postgresql-contrib); "
            "install it and start the review again"
        )
    connection.execute(text("CREATE EXTENSION IF NOT EXISTS pg_trgm"))
    if not connection.execute(text("SELECT cardinality(show_trgm('қазақ'))")).scalar():
        return (
            "searches are slow in a large corpus: this PostgreSQL database knows no letters beyond ASCII; "
            "make it with LC_CTYPE 'C.UTF-8'"
        )
    connection.execute(text("SET LOCAL maintenance_work_mem = '512MB'"))
    # Without a list of what is pending: flushing it would take an unlucky reviewer a second.
    gin = "CREATE INDEX beads_search ON beads USING gin (search gin_trgm_ops) WITH (fastupdate = off)"
    connection.execute(text(gin))
    return None


def candidates(connection: Connection, folded: str, low: int, high: int, limit: int) -> list[tuple[int, int]] | None:
    """Return the rows that may have a folded text, as documents and numbers, or None when the index cannot say.

    Looked for in the documents from ``low`` to ``high``. It cannot say for short texts, nor when it finds more rows
    than ``limit``: then such rows are so frequent that looking through all of them in order soon fills a page.
    """
    if len(folded) < SHORTEST or not has_index(connection):
        return None
    if connection.dialect.name == "sqlite":
        query = text(
            "SELECT rowid >> 32, rowid & 4294967295 FROM beads_search"
            " WHERE beads_search MATCH :grams AND rowid BETWEEN :low AND :high LIMIT :limit"
        )
        values = {"grams": _grams(folded), "low": low << 32, "high": (high << 32) | 0xFFFFFFFF, "limit": limit + 1}
        rows = connection.execute(query, values)
    else:
        where = beads.c.search.contains(folded, autoescape=True), beads.c.document.between(low, high)
        rows = connection.execute(select(beads.c.document, beads.c.number).where(*where).limit(limit + 1))
    places = [(document, number) for document, number in rows]
    return None if len(places) > limit else places


def _grams(folded: str) -> str:
    """Return the trigrams of a text as FTS5 asks for them, evenly spread where there are many."""
    grams = [folded[at : at + 3] for at in range(len(folded) - 2)]
    step = max(1, -(-len(grams) // _TRIGRAMS))
    some = [*grams[::step], grams[-1]]
    return " AND ".join('"{}"'.format(gram.replace('"', '""')) for gram in dict.fromkeys(some))
