"""What `manage.py bench` says of the product: its figures, the floor of the same minutes, and runs that are as any other."""

from typing import Any

from bench import documents, measures
from bench.product import Product

RUNS = 60


def kinds(product: Product, run: str) -> list[tuple[str, str | None]]:
    return [(event["kind"], event["step"]) for event in product.get(f"/api/runs/{run}/events/")["results"]]


def test_a_rate_is_told_with_its_floor_its_commits_and_its_processor_time(product: Product) -> None:
    told: dict[str, Any] = measures.saturated(product, documents.chain(10), runs=RUNS)
    assert (told["runs"], told["events_per_run"]) == (RUNS, 22)
    assert told["runs_per_s"] > 0
    assert 0 < told["commits_per_run"] < 10, "a commit for each step"
    assert told["floor"]["rows_per_s"] > 0
    assert told["times_the_floor"] > 1
    assert {"database", "web", "worker"} <= told["cpu_s"].keys()


def test_a_latency_is_told_with_its_floor_and_its_runs_are_as_any_other(product: Product) -> None:
    told = measures.idle_latency(product, documents.chain(3), times=3)
    assert 0 < told["p50"] <= told["p99"]
    assert told["floor"]["ms"] > 0
    assert told["commits_of_one_run"] >= 1
    flow = product.publish(documents.chain(3))
    alone = product.post(f"/api/flows/{flow}/runs/", {"input": {"n": 1}}, wait="30s")["id"]
    measured = product.get("/api/runs/", status="succeeded", limit=10)["results"]
    other = next(run["id"] for run in measured if run["id"] != alone and run["flow_name"] == documents.chain(3)["name"])
    assert kinds(product, other) == kinds(product, alone)


def test_items_are_told_by_the_second(product: Product) -> None:
    told = measures.items(product, count=200, concurrency=20)
    assert (told["items"], told["floor"]["rows_per_s"] > 0) == (200, True)
