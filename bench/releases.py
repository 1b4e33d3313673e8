"""Starts while releases change: how many a second, and how soon a start uses what was released."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import httpx

from bench import documents
from bench.figures import spread
from bench.product import Product

STARTERS = 4
PAUSE = 0.1


@dataclass(frozen=True)
class Start:
    """One start: when it was sent, when it was answered, and the version it carries."""

    sent: float
    answered: float
    version: int


@dataclass(frozen=True)
class Change:
    """One rollback: when it was sent, when it was answered, and the version it made live."""

    sent: float
    answered: float
    version: int


def changing(product: Product, *, changes: int) -> dict[str, Any]:
    """Roll back to and fro between two versions while starters start; the distribution of "seen after" in ms.

    `seen_after` is from the moment a rollback was sent to the first answer that carries its version; `stale` counts
    starts sent after a rollback was answered that carried another version: there must be none.
    """
    flow = product.publish(documents.chain(1))
    product.post(f"/api/flows/{flow}/publish/", {"note": "bench"})
    halt = threading.Event()
    with ThreadPoolExecutor(STARTERS) as pool:
        starters = [pool.submit(_keep_starting, product, flow, halt) for _ in range(STARTERS)]
        began = time.perf_counter()
        made = [_roll_back(product, flow, 1 + number % 2) for number in range(changes)]
        seconds = time.perf_counter() - began
        halt.set()
        starts = sorted((one for each in starters for one in each.result()), key=lambda one: one.answered)
    seen, stale = _judged(made, starts)
    within = [one for one in starts if one.answered <= began + seconds]
    return {
        "releases": changes,
        "starts": len(within),
        "starts_per_s": round(len(within) / seconds, 1),
        "stale": stale,
        "seen_after": spread(seen) | {"max": round(max(seen), 2)},
    }


def _keep_starting(product: Product, flow: str, halt: threading.Event) -> list[Start]:
    starts = []
    with httpx.Client(base_url=product.url, headers=product.client.headers, timeout=30) as client:
        while not halt.is_set():
            sent = time.perf_counter()
            answer = client.post(f"/api/flows/{flow}/runs/", json={"input": {"n": 1}})
            answer.raise_for_status()
            starts.append(Start(sent, time.perf_counter(), answer.json()["version"]))
    return starts


def _roll_back(product: Product, flow: str, version: int) -> Change:
    sent = time.perf_counter()
    product.post(f"/api/flows/{flow}/rollback/", {"version": version, "reason": "bench"})
    change = Change(sent, time.perf_counter(), version)
    time.sleep(PAUSE)  # the pace of the load, so that every release is met by starts
    return change


def _judged(made: list[Change], starts: list[Start]) -> tuple[list[float], int]:
    """Milliseconds until each change was seen, and how many starts carried what was no longer live."""
    seen, stale = [], 0
    for index, change in enumerate(made):
        until = made[index + 1].sent if index + 1 < len(made) else float("inf")
        first = next((one for one in starts if one.answered > change.sent and one.version == change.version), None)
        if first is not None and first.answered <= until + PAUSE:
            seen.append((first.answered - change.sent) * 1000)
        inside = [one for one in starts if one.sent > change.answered and one.answered < until]
        stale += sum(one.version != change.version for one in inside)
    return seen, stale
