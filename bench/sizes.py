"""Large things beside the rest: a document of ten thousand nodes, a million parked runs, a long history.

What is promised of them is that nothing else slows down, so each measures the ordinary workloads beside the crowd.
"""

import time
from datetime import datetime
from typing import Any, Final

from bench import crowds, documents, measures
from bench.figures import spread
from bench.product import Product

HISTORY: Final = (1_000, 10_000, 100_000, 1_000_000)
TIMERS: Final = 40


def document(product: Product, scale: float) -> dict[str, Any]:
    """Milliseconds to validate, save, publish and open a document of ten thousand nodes."""
    made = documents.grid(round(10_000 * scale))
    taken: dict[str, float] = {}

    def timed(name: str, call: Any) -> Any:
        began = time.perf_counter()
        answer = call()
        taken[name] = round((time.perf_counter() - began) * 1000, 1)
        return answer

    problems = timed("validate_ms", lambda: product.post("/api/flows/validate/", {"document": made}))["problems"]
    if any(problem.get("severity", "error") == "error" for problem in problems):
        raise RuntimeError(f"the large document has problems: {problems[:3]}")
    flow = timed("save_ms", lambda: product.post("/api/flows/", {"name": made["name"], "document": made}))["id"]
    timed("publish_ms", lambda: product.post(f"/api/flows/{flow}/publish/", {"note": "bench"}))
    timed("open_ms", lambda: product.get(f"/api/flows/{flow}/draft/"))
    return {"nodes": len(made["nodes"]), **taken}


def parked(product: Product, scale: float) -> dict[str, Any]:
    """What a million runs parked by waits cost: on disk, and everyone else."""
    figures = {"alone": beside(product, scale)}
    run = crowds.a_parked_run(product, documents.waiting("30d"))
    with product.database() as connection:
        figures |= crowds.copies(connection, run, round(1_000_000 * scale), spread_over="30d")
    return {**figures, "beside": beside(product, scale), "timer_ms": timers(product)}


def history(product: Product, scale: float) -> dict[str, Any]:
    """The ordinary workloads beside ever more finished runs; with `--scale 10` up to ten million."""
    run = crowds.a_finished_run(product, documents.chain(1))
    stood, figures = 0, {}
    counts = [count for count in (*HISTORY, 10_000_000) if count <= 1_000_000 * scale]
    for count in counts:
        with product.database() as connection:
            made = crowds.copies(connection, run, count - stood)
        stood = count
        figures[str(count)] = {**beside(product, min(1.0, scale)), "bytes_per_run": made["bytes_per_run"]}
    return {"finished": figures, "list_ms": _listed(product, run)}


def beside(product: Product, scale: float) -> dict[str, Any]:
    """The ordinary workloads in brief, beside whatever stands in the tables."""
    single = measures.saturated(product, documents.chain(1), runs=round(5_000 * scale) or 1)
    chain = measures.idle_latency(product, documents.chain(10), times=50)
    return {
        "single_runs_per_s": single["runs_per_s"],
        "single_cpu_ms_per_run": single["cpu_ms_per_run"],
        "chain_10_p50_ms": chain["p50"],
        "chain_10_p99_ms": chain["p99"],
    }


def timers(product: Product) -> dict[str, float]:
    """Milliseconds from the instant a parked run is due to its next step, a few at a time."""
    flow = product.publish(documents.waiting("3s"))
    runs = []
    for _ in range(TIMERS):
        runs.append(product.post(f"/api/flows/{flow}/runs/", {"input": {"n": 1}})["id"])
        time.sleep(0.05)  # so that they are due one after the other
    late = []
    for run in runs:
        events = {event["kind"]: event for event in _until_ended(product, run)}
        ended = datetime.fromisoformat(events["run_succeeded"]["at"]).timestamp()
        late.append(ended * 1000 - events["timer_set"]["data"]["due"] / 1000)
    return spread(late)


def _until_ended(product: Product, run: str) -> list[dict[str, Any]]:
    deadline = time.perf_counter() + 60
    while product.get(f"/api/runs/{run}/")["status"] != "succeeded":
        if time.perf_counter() > deadline:
            raise RuntimeError(f"run {run} waits for longer than it should")
        time.sleep(0.05)
    return list(product.get(f"/api/runs/{run}/events/")["results"])


def _listed(product: Product, run: str) -> dict[str, float]:
    """Milliseconds of the lists people look at: all runs, those of a flow, those that are under way, those that failed."""
    flow = product.get(f"/api/runs/{run}/")["flow"]
    asked: dict[str, dict[str, Any]] = {
        "all": {},
        "of_flow": {"flow": flow},
        "open": {"status": "queued,running,waiting"},
        "open_of_flow": {"flow": flow, "status": "queued,running,waiting"},
        "failed": {"status": "failed"},
    }
    taken = {}
    for name, query in asked.items():
        began = time.perf_counter()
        product.get("/api/runs/", **query)
        taken[name] = round((time.perf_counter() - began) * 1000, 1)
    return taken
