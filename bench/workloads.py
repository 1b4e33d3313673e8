"""The workloads of `manage.py bench`: each takes a running product and answers with its figures."""

import time
from collections.abc import Callable
from typing import Any

from bench import documents, releases
from bench.figures import spread
from bench.product import Product

BATCH = 5_000


def saturated(product: Product, document: dict[str, Any], *, runs: int) -> dict[str, Any]:
    """Runs a second with the queue kept full: started in batches, timed from the first start to the last end."""
    flow = product.publish(document)
    warm = product.post(f"/api/flows/{flow}/runs/batch/", {"inputs": [{"n": 1}] * 200})
    _drain(product, flow, warm["count"])
    began = time.perf_counter()
    for first in range(0, runs, BATCH):
        product.post(f"/api/flows/{flow}/runs/batch/", {"inputs": [{"n": 1}] * min(BATCH, runs - first)})
    accepted = time.perf_counter() - began
    _drain(product, flow, runs)
    seconds = time.perf_counter() - began
    return {
        "runs": runs,
        "runs_per_s": round(runs / seconds, 1),
        "seconds": round(seconds, 3),
        "accepted_in": round(accepted, 3),
    }


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
    taken = []
    for index in range(times + 10):
        began = time.perf_counter()
        run = product.post(f"/api/flows/{flow}/runs/", {"input": {"n": 1}}, wait="30s")
        if run["status"] != "succeeded":
            raise RuntimeError(f"run {run['id']} ended {run['status']}: {run.get('error')}")
        if index >= 10:
            taken.append((time.perf_counter() - began) * 1000)
    return {"runs": times, **spread(taken)}


def items(product: Product, *, count: int, concurrency: int) -> dict[str, Any]:
    """Items a second through `each`."""
    flow = product.publish(documents.each(concurrency))
    body = {"input": {"items": [{"n": index} for index in range(count)]}}
    began = time.perf_counter()
    run = product.post(f"/api/flows/{flow}/runs/", body)
    _drain(product, flow, 1)
    seconds = time.perf_counter() - began
    if product.get(f"/api/runs/{run['id']}/")["status"] != "succeeded":
        raise RuntimeError("the run over items did not succeed")
    return {"items": count, "items_per_s": round(count / seconds, 1), "seconds": round(seconds, 3)}


Workload = Callable[[Product, float], dict[str, Any]]

WORKLOADS: dict[str, tuple[str, Workload]] = {
    "single-saturated": ("runs/s", lambda p, scale: saturated(p, documents.chain(1), runs=round(10_000 * scale))),
    "chain-10-saturated": ("runs/s", lambda p, scale: saturated(p, documents.chain(10), runs=round(10_000 * scale))),
    "chain-10-effects-saturated": (
        "runs/s",
        lambda p, scale: saturated(p, documents.chain(10, effect="keyed"), runs=round(2_000 * scale)),
    ),
    "single-idle": ("ms", lambda p, scale: idle_latency(p, documents.chain(1), times=round(300 * scale))),
    "chain-10-idle": ("ms", lambda p, scale: idle_latency(p, documents.chain(10), times=round(300 * scale))),
    "chain-40-idle": ("ms", lambda p, scale: idle_latency(p, documents.chain(40), times=round(200 * scale))),
    "fan-out-100-idle": ("ms", lambda p, scale: idle_latency(p, documents.fan_out(100), times=round(100 * scale))),
    "each-10000": ("items/s", lambda p, scale: items(p, count=round(10_000 * scale), concurrency=100)),
    "releases": ("starts/s, ms", lambda p, scale: releases.changing(p, changes=max(2, round(50 * scale)))),
}
