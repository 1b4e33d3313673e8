"""What the bench asks of the product's own database: how its events were committed, and how large its tables are.

It reads; the one thing it writes is a schema of its own, dropped at the end. It decides nothing about the figures.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import psycopg

from builder_ui.data_folder import DataFolder

Connection = psycopg.Connection[tuple[Any, ...]]

SCHEMA: Final = "mulgil_bench"

# The transaction that wrote a row is the row's own `xmin`: so the commits are counted by what they left behind.
WRITTEN: Final = """
SELECT count(*), count(DISTINCT e.run_id), count(DISTINCT e.xmin::text), count(DISTINCT (e.run_id, e.xmin::text))
FROM flows_event e JOIN flows_run r ON r.id = e.run_id WHERE r.flow_id = %s
"""
OPEN: Final = "SELECT EXISTS (SELECT FROM flows_run WHERE flow_id = %s AND status IN ('queued', 'running', 'waiting'))"
BATCHES: Final = """
COPY (
    SELECT e.xmin::text, e.run_id, e.seq, e.kind, e.step, e.at, e.data
    FROM flows_event e JOIN flows_run r ON r.id = e.run_id WHERE r.flow_id = {flow}
    ORDER BY e.xmin::text::bigint, e.run_id, e.seq
) TO STDOUT
"""


@dataclass(frozen=True, slots=True)
class Written:
    """What the runs of a flow left in the journal. `waits` counts every run's own share in commits: one that took
    part in three waited at most three times."""

    events: int
    runs: int
    commits: int
    waits: int

    def figures(self) -> dict[str, Any]:
        return {
            "events_per_run": round(self.events / self.runs, 2),
            "commits_per_run": round(self.commits / self.runs, 4),
            "commits_of_one_run": round(self.waits / self.runs, 2),
        }


@contextmanager
def database(data: Path) -> Iterator[Connection]:
    """A connection of the bench's own to the embedded database of this data folder."""
    address = DataFolder(data).database_address.read_text(encoding="utf-8").strip()
    with psycopg.connect(address, autocommit=True, application_name="mulgil bench") as connection:
        yield connection


def written(connection: Connection, flow: str) -> Written:
    """How the journal of this flow's runs was committed."""
    row = connection.execute(WRITTEN, (flow,)).fetchone()
    assert row is not None
    return Written(*row)


def is_open(connection: Connection, flow: str) -> bool:
    """Whether any of the flow's runs goes on: one row by an index. To ask the product for a list would be load of its own."""
    row = connection.execute(OPEN, (flow,)).fetchone()
    return row is not None and bool(row[0])


def items_done(connection: Connection, run: str) -> int:
    """How many items of a run over one list have ended, nearly: each is two events, and a few come before them."""
    row = connection.execute("SELECT greatest(0, seq - 5) / 2 FROM flows_run WHERE id = %s", (run,)).fetchone()
    assert row is not None
    return int(row[0])


def batches(connection: Connection, flow: str) -> Sequence[bytes]:
    """The flow's events as COPY takes them, in the very batches they were committed in."""
    found: dict[bytes, list[bytes]] = {}
    rest = b""
    with connection.cursor().copy(BATCHES.replace("{flow}", f"'{flow}'")) as copy:  # type: ignore[arg-type]  # an id of ours
        for block in copy:
            *lines, rest = (rest + bytes(block)).split(b"\n")
            for line in lines:
                transaction, _, row = line.partition(b"\t")
                found.setdefault(transaction, []).append(row)
    return [b"\n".join(rows) + b"\n" for rows in found.values()]


def size_of(connection: Connection, *tables: str) -> int:
    """Bytes of these tables with their indexes and what is kept beside them."""
    sizes = [connection.execute("SELECT pg_total_relation_size(%s)", (table,)).fetchone() for table in tables]
    return sum(int(size[0]) for size in sizes if size is not None)


@contextmanager
def own_schema(connection: Connection) -> Iterator[None]:
    """A schema for the bench's tables, gone afterwards."""
    connection.execute(f"DROP SCHEMA IF EXISTS {SCHEMA} CASCADE")  # type: ignore[arg-type]  # a constant
    connection.execute(f"CREATE SCHEMA {SCHEMA}")  # type: ignore[arg-type]  # a constant
    try:
        yield
    finally:
        connection.execute(f"DROP SCHEMA {SCHEMA} CASCADE")  # type: ignore[arg-type]  # a constant
