"""Many runs in the tables without running them: one real run, parked or finished, copied as often as is wanted.

The copies are rows of the real tables with every index, made by statements; only their ids and numbers are their own. It
decides how they are made, and knows nothing of what is measured beside them.
"""

import time
from collections.abc import Callable
from typing import Any, Final

from bench.database import SCHEMA, Connection, own_schema, size_of
from bench.product import Product

CHUNK: Final = 50_000
TABLES: Final = ("flows_run", "flows_event", "flows_snapshot")

NAMED: Final = """
INSERT INTO {schema}.copy (n, id) SELECT g, uuidv7(-interval '1 hour') FROM generate_series(%(first)s::int, %(last)s::int) g
"""
RUNS: Final = """
INSERT INTO flows_run ({columns}) SELECT {values} FROM flows_run r CROSS JOIN {schema}.copy c
WHERE r.id = %(run)s AND c.n BETWEEN %(first)s AND %(last)s
"""
EVENTS: Final = """
INSERT INTO flows_event (run_id, seq, kind, step, at, data)
SELECT c.id, e.seq, e.kind, e.step, e.at, e.data FROM {schema}.copy c CROSS JOIN flows_event e
WHERE e.run_id = %(run)s AND c.n BETWEEN %(first)s AND %(last)s ORDER BY c.n, e.seq
"""
COLUMNS: Final = """
SELECT column_name FROM information_schema.columns WHERE table_name = 'flows_run' ORDER BY ordinal_position
"""


def a_finished_run(product: Product, document: dict[str, Any]) -> str:
    """A run of this document that came to its end; its id."""
    flow = product.publish(document)
    return str(product.post(f"/api/flows/{flow}/runs/", {"input": {"n": 1}}, wait="30s")["id"])


def a_parked_run(product: Product, document: dict[str, Any]) -> str:
    """A run of this document that nobody holds any more; its id."""
    flow = product.publish(document)
    run = str(product.post(f"/api/flows/{flow}/runs/", {"input": {"n": 1}})["id"])
    with product.database() as connection:
        _until(lambda: _is_parked(connection, run), f"run {run} was not parked")
    return run


def copies(connection: Connection, run: str, count: int, *, spread_over: str | None = None) -> dict[str, Any]:
    """Copy the run so often; the seconds it took and the bytes each copy takes. Due times are spread over `spread_over`."""
    before, began = size_of(connection, *TABLES), time.perf_counter()
    names = [row[0] for row in connection.execute(COLUMNS)]
    own = {"id": "c.id", "number": "r.number + c.n"}
    if spread_over is not None:
        own["wake_at"] = f"r.wake_at + c.n * (interval '{spread_over}' / {count})"
    columns = ", ".join(f'"{name}"' for name in names)
    values = ", ".join(own.get(name, f'r."{name}"') for name in names)
    with own_schema(connection):
        connection.execute(f"CREATE TABLE {SCHEMA}.copy (n integer PRIMARY KEY, id uuid)")  # type: ignore[arg-type]  # a constant
        for first in range(1, count + 1, CHUNK):
            given = {"run": run, "first": first, "last": min(first + CHUNK - 1, count)}
            with connection.transaction():
                for statement in (NAMED, RUNS, EVENTS):
                    connection.execute(statement.format(schema=SCHEMA, columns=columns, values=values), given)
        taken = (size_of(connection, *TABLES) - before) / count
    # What the server owes the copies (visibility, frozen rows, statistics) it would pay beside whatever is measured next.
    connection.execute("VACUUM (ANALYZE) " + ", ".join(TABLES))
    return {"copies": count, "made_in_s": round(time.perf_counter() - began, 1), "bytes_per_run": round(taken)}


def _is_parked(connection: Connection, run: str) -> bool:
    found = connection.execute("SELECT owner IS NULL AND wake_at IS NOT NULL FROM flows_run WHERE id = %s", (run,))
    row = found.fetchone()
    return row is not None and bool(row[0])


def _until(holds: Callable[[], bool], otherwise: str, patience: float = 60.0) -> None:
    deadline = time.perf_counter() + patience
    while not holds():
        if time.perf_counter() > deadline:
            raise RuntimeError(otherwise)
        time.sleep(0.02)
