"""Starts while releases change: how many a second, and how soon a start uses what was released."""

import http.client
import json
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

from bench import documents
from bench.figures import spread
from bench.processes import metered
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

    `seen_p50` to `seen_max` are from the moment a rollback was sent to the first answer that carries its version, `unseen` the
    rollbacks that no start met before the next; `stale` counts starts sent after a rollback was answered that carried
    another version: there must be none.
    """
    flow = product.publish(documents.chain(1))
    product.post(f"/api/flows/{flow}/publish/", {"note": "bench"})
    halt = threading.Event()
    with ThreadPoolExecutor(STARTERS) as pool:
        starters = [pool.submit(_keep_starting, product, flow, halt) for _ in range(STARTERS)]
        began = time.perf_counter()
        with metered(product.process.pid) as spent:
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
        "unseen": changes - len(seen),
        **{f"seen_{name}": value for name, value in (spread(seen) | {"max": round(max(seen), 2)}).items()},
        # Processor time of a start by part: what bounds the rate where the machine does other things beside.
        "cpu_ms_per_start": {part: round(used * 1000 / len(within), 2) for part, used in spent.items()},
    }


def _keep_starting(product: Product, flow: str, halt: threading.Event) -> list[Start]:
    """Over one kept connection, with the standard library's client: what the client takes, the product doesn't have."""
    starts = []
    path, body = f"/api/flows/{flow}/runs/", json.dumps({"input": {"n": 1}})
    headers = {"Authorization": product.client.headers["Authorization"], "Content-Type": "application/json"}
    line = http.client.HTTPConnection("127.0.0.1", product.port, timeout=30)
    while not halt.is_set():
        sent = time.perf_counter()
        line.request("POST", path, body, headers)
        answer = line.getresponse()
        told = answer.read()
        if answer.status != 201:
            raise RuntimeError(f"A start was answered {answer.status}: {told[:500]!r}")
        starts.append(Start(sent, time.perf_counter(), json.loads(told)["version"]))
    line.close()
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
