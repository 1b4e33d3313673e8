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


def saturated(product: Product, document: dict[str, Any], *, runs: int) -> dict[str, Any]:
    """Runs a second with the queue kept full: started in batches, timed from the first start to the last end."""
    flow = product.publish(document)
    warm = product.post(f"/api/flows/{flow}/runs/batch/", {"inputs": [{"n": 1}] * 200})
    _drain(product, flow, warm["count"])
    with product.database() as connection, processes.metered(product.process.pid) as cpu:
        began, wal = time.perf_counter(), _wal(connection)
        for first in range(0, runs, BATCH):
            product.post(f"/api/flows/{flow}/runs/batch/", {"inputs": [{"n": 1}] * min(BATCH, runs - first)})
        accepted = time.perf_counter() - began
        _drain(product, flow, runs)
        seconds = time.perf_counter() - began
        wal = _wal(connection) - wal
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


def _drain(product: Product, flow: str, runs: int) -> None:
    """Wait until none of the flow's runs is open, then look that they all succeeded."""
    deadline = time.perf_counter() + 60 + runs / 20
    while product.get("/api/runs/", flow=flow, status="queued,running,waiting", limit=1)["results"]:
        if time.perf_counter() > deadline:
            raise RuntimeError(f"runs of flow {flow} are still open after {60 + runs / 20:.0f} s")
        time.sleep(0.02)
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
    """Items a second through `each`."""
    flow = product.publish(documents.each(concurrency))
    body = {"input": {"items": [{"n": index} for index in range(count)]}}
    with processes.metered(product.process.pid) as cpu:
        began = time.perf_counter()
        run = product.post(f"/api/flows/{flow}/runs/", body)
        _drain(product, flow, 1)
        seconds = time.perf_counter() - began
    if product.get(f"/api/runs/{run['id']}/")["status"] != "succeeded":
        raise RuntimeError("the run over items did not succeed")
    figures = {"items": count, "items_per_s": round(count / seconds, 1), "seconds": round(seconds, 3), "cpu_s": cpu}
    with product.database() as connection:
        figures |= database.written(connection, flow).figures()
        return floor.against(figures, floor.copied(connection, flow), seconds=seconds)


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
