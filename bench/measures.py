"""How a running product is measured: with its queue kept full, idle, and over items.

Each is held against the bare floor of the same minutes, and those that Node-RED can do too against it where it is there.
"""

import time
from typing import Any, Final

from bench import database, documents, floor, peer, processes
from bench.figures import spread
from bench.product import Product

BATCH: Final = 5_000
WARM: Final = 10
LOOK: Final = 0.01
"""Seconds between two looks at whether all has ended."""
MEMORY_LOOK: Final = 0.1
"""The same where each adds up the memory of a dozen processes."""


def saturated(product: Product, document: dict[str, Any], *, runs: int) -> dict[str, Any]:
    """Runs a second with the queue kept full: started in batches, timed from the first start to the last end."""
    flow = product.publish(document)
    warm = product.post(f"/api/flows/{flow}/runs/batch/", {"inputs": [{"n": 1}] * 200})
    with product.database() as connection:
        _drain(connection, flow, warm["count"])
        with processes.metered(product.process.pid) as cpu:
            began, wal = time.perf_counter(), _wal(connection)
            for first in range(0, runs, BATCH):
                product.post(f"/api/flows/{flow}/runs/batch/", {"inputs": [{"n": 1}] * min(BATCH, runs - first)})
            accepted = time.perf_counter() - began
            _drain(connection, flow, runs)
            seconds = time.perf_counter() - began
            wal = _wal(connection) - wal
    _refuse_failures(product, flow)
    figures = {
        "runs": runs,
        "runs_per_s": round(runs / seconds, 1),
        "seconds": round(seconds, 3),
        "accepted_in": round(accepted, 3),
        "wal_bytes_per_run": round(wal / runs),
        "cpu_s": cpu,
        "cpu_ms_per_run": round(sum(cpu.values()) / runs * 1000, 3),
    }
    with product.database() as connection:
        figures |= database.written(connection, flow).figures()
        # The runs that warmed it up are of the same flow: the floor copies theirs too.
        bare = floor.copied(connection, flow)
        return floor.against(figures, bare, seconds=seconds * (runs + warm["count"]) / runs)


def _wal(connection: database.Connection) -> int:
    row = connection.execute("SELECT pg_current_wal_lsn() - '0/0'").fetchone()
    assert row is not None
    return int(row[0])


def _drain(connection: database.Connection, flow: str, runs: int) -> None:
    """Wait until none of the flow's runs is open."""
    deadline = time.perf_counter() + 60 + runs / 20
    while database.is_open(connection, flow):
        if time.perf_counter() > deadline:
            raise RuntimeError(f"runs of flow {flow} are still open after {60 + runs / 20:.0f} s")
        time.sleep(LOOK)


def _refuse_failures(product: Product, flow: str) -> None:
    if failed := product.get("/api/runs/", flow=flow, status="failed,cancelled", limit=1)["results"]:
        raise RuntimeError(f"a run failed: {failed[0].get('error')}")


def idle_latency(product: Product, document: dict[str, Any], *, times: int) -> dict[str, Any]:
    """Milliseconds from sending the start request to having the finished run, one at a time."""
    flow = product.publish(document)
    for _ in range(WARM):
        _one(product, flow)
    with processes.metered(product.process.pid) as cpu:
        taken = [_one(product, flow) for _ in range(times)]
    figures = {"runs": times, **spread(taken), "cpu_s": cpu}
    figures["cpu_ms_per_run"] = round(sum(cpu.values()) / times * 1000, 2)
    with product.database() as connection:
        figures |= database.written(connection, flow).figures()
        return floor.against(figures, floor.bare_latency(product, connection))


def _one(product: Product, flow: str) -> float:
    began = time.perf_counter()
    run = product.post(f"/api/flows/{flow}/runs/", {"input": {"n": 1}}, wait="30s")
    if run["status"] != "succeeded":
        raise RuntimeError(f"run {run['id']} ended {run['status']}: {run.get('error')}")
    return (time.perf_counter() - began) * 1000


def items(product: Product, *, count: int, concurrency: int) -> dict[str, Any]:
    """Items a second through `each`, from the start request to the end of the run."""
    flow = _warm_each(product, concurrency)
    with product.database() as connection:
        with processes.metered(product.process.pid) as cpu:
            began = time.perf_counter()
            _start_over(product, flow, count)
            _drain(connection, flow, 1)
            seconds = time.perf_counter() - began
        _refuse_failures(product, flow)
        figures = {"items": count, "items_per_s": round(count / seconds, 1), "seconds": round(seconds, 3), "cpu_s": cpu}
        figures["cpu_us_per_item"] = round(sum(cpu.values()) / count * 1_000_000, 1)
        figures |= database.written(connection, flow).figures()
        return floor.against(figures, floor.copied(connection, flow), seconds=seconds)


def memory_of_items(product: Product, *, count: int, concurrency: int) -> dict[str, Any]:
    """MiB of PSS of the worker host while one run goes through a list: what grows with the items that are done.

    `growth` is from the first tenth to nine tenths: the list is in memory by then, the list of outputs is not yet put
    together (that is in the peak).
    """
    flow = _warm_each(product, concurrency)
    with product.database() as connection:
        before = processes.resident(product.process.pid)["worker"]
        with processes.metered(product.process.pid) as cpu:
            run = _start_over(product, flow, count)
            seen = [(0, before)]
            while database.is_open(connection, flow):
                time.sleep(MEMORY_LOOK)
                seen.append((database.items_done(connection, run), processes.resident(product.process.pid)["worker"]))
        _refuse_failures(product, flow)
    under_way = [size for done, size in seen if count * 0.1 <= done <= count * 0.9]
    return {
        "items": count,
        "worker_pss_mib": {
            "before": before,
            "at_a_tenth": under_way[0] if under_way else None,
            "at_nine_tenths": under_way[-1] if under_way else None,
            "peak": max(size for _, size in seen),
            "after": seen[-1][1],
        },
        "growth_mib": round(under_way[-1] - under_way[0], 1) if under_way else None,
        "looks": len(under_way),
        "cpu_s": cpu,
    }


def _warm_each(product: Product, concurrency: int) -> str:
    """A flow over items, after another like it has run some times."""
    warm, flow = (product.publish(documents.each(concurrency)) for _ in range(2))
    with product.database() as connection:
        for _ in range(WARM):
            _start_over(product, warm, concurrency)
            _drain(connection, warm, 1)
    return flow


def _start_over(product: Product, flow: str, count: int) -> str:
    body = {"input": {"items": [{"n": index} for index in range(count)]}}
    return str(product.post(f"/api/flows/{flow}/runs/", body)["id"])


def beside_node_red(figures: dict[str, Any], *, length: int, runs: int, times: int) -> dict[str, Any]:
    """The figures with those of Node-RED from the same minutes; as they are where it isn't installed."""
    if not peer.is_installed():
        return figures
    figure = "runs_per_s" if "runs_per_s" in figures else "p50"
    theirs = peer.chain(length, runs=runs, times=times)
    told = {name: value for name, value in theirs.items() if (name == "runs_per_s") == (figure == "runs_per_s")}
    return {**figures, "node_red": told, "to_node_red": round(figures[figure] / theirs[figure], 2)}


def chain_saturated(product: Product, scale: float, *, length: int) -> dict[str, Any]:
    runs = round(10_000 * scale)
    figures = saturated(product, documents.chain(length), runs=runs)
    return beside_node_red(figures, length=length, runs=runs, times=1)


def chain_idle(product: Product, scale: float, *, length: int) -> dict[str, Any]:
    times = round(300 * scale)
    figures = idle_latency(product, documents.chain(length), times=times)
    return beside_node_red(figures, length=length, runs=1, times=times)


def effects(product: Product, scale: float) -> dict[str, Any]:
    return saturated(product, documents.chain(10, effect="keyed"), runs=round(2_000 * scale))


def fanned(product: Product, scale: float, *, width: int) -> dict[str, Any]:
    return idle_latency(product, documents.fan_out(width), times=max(3, round(10_000 / width * scale)))
