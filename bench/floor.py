"""The bare floor: what the same database does on the same machine, in the same run, with none of the product around it.

A rate is held against COPY of the very rows the workload wrote, in the very batches it committed them in, into a table
like the journal's. A latency is held against the commits and doorbells that no durable start can do without. It decides
what the floor is and knows nothing of the product but its tables.
"""

import threading
import time
from typing import Any, Final

from bench.database import SCHEMA, Connection, batches, own_schema
from bench.figures import quantile
from bench.product import Product

TIMES: Final = 200
COMMITS: Final = 3
"""A run that is accepted, taken and finished durably is three commits one after the other…"""
BELLS: Final = 2
"""…with a doorbell behind the first and the last."""


def copied(connection: Connection, flow: str) -> dict[str, float]:
    """Seconds to COPY the flow's events once more, batch by batch, each batch a commit; and the rows a second."""
    taken = batches(connection, flow)
    with own_schema(connection):
        connection.execute(f"CREATE TABLE {SCHEMA}.event (LIKE flows_event INCLUDING ALL)")  # type: ignore[arg-type]  # a constant
        statement = f"COPY {SCHEMA}.event (run_id, seq, kind, step, at, data) FROM STDIN"
        rows = sum(batch.count(b"\n") for batch in taken)
        began = time.perf_counter()
        for batch in taken:
            with connection.transaction(), connection.cursor() as cursor, cursor.copy(statement) as copy:
                copy.write(batch)
        seconds = time.perf_counter() - began
    return {"seconds": round(seconds, 4), "rows_per_s": round(rows / seconds), "batches": len(taken)}


def bare_latency(product: Product, connection: Connection) -> dict[str, float]:
    """Milliseconds (p50) of a commit of one row, of a doorbell, and of the calls a bare durable run is made of."""
    commit, bell, call = _commit(connection), _bell(product), _call(product)
    return {
        "commit_ms": round(commit, 3),
        "bell_ms": round(bell, 3),
        "http_ms": round(call, 3),
        "ms": round(COMMITS * commit + BELLS * bell + call, 2),
    }


def _commit(connection: Connection) -> float:
    with own_schema(connection):
        connection.execute(f"CREATE TABLE {SCHEMA}.one (n integer PRIMARY KEY)")  # type: ignore[arg-type]  # a constant
        return quantile([_insert(connection, number) for number in range(TIMES)], 0.5)


def _insert(connection: Connection, number: int) -> float:
    began = time.perf_counter()
    connection.execute(f"INSERT INTO {SCHEMA}.one VALUES (%s)", (number,))  # type: ignore[arg-type]  # a constant
    return (time.perf_counter() - began) * 1000


def _call(product: Product) -> float:
    """The smallest call there is: what HTTP itself costs."""
    taken = []
    for _ in range(TIMES):
        began = time.perf_counter()
        product.client.get("/healthz").raise_for_status()
        taken.append((time.perf_counter() - began) * 1000)
    return quantile(taken, 0.5)


def _bell(product: Product) -> float:
    """From NOTIFY on one connection to its arrival on another."""
    heard: list[float] = []
    ready, arrived = threading.Event(), threading.Semaphore(0)

    def listen() -> None:
        with product.database() as ears:
            ears.execute("LISTEN mulgil_bench")
            ready.set()
            for _ in ears.notifies(stop_after=TIMES):
                heard.append(time.perf_counter())
                arrived.release()

    listener = threading.Thread(target=listen)
    listener.start()
    ready.wait()
    rung = []
    with product.database() as mouth:
        for _ in range(TIMES):
            rung.append(time.perf_counter())
            mouth.execute("NOTIFY mulgil_bench")
            arrived.acquire(timeout=10)
    listener.join()
    return quantile([(end - begin) * 1000 for begin, end in zip(rung, heard, strict=True)], 0.5)


def against(figures: dict[str, Any], floor: dict[str, float], *, seconds: float | None = None) -> dict[str, Any]:
    """The figures with the floor and how many times as long as the floor they take."""
    ratio = seconds / floor["seconds"] if seconds is not None else figures["p50"] / floor["ms"]
    return {**figures, "floor": floor, "times_the_floor": round(ratio, 2)}
