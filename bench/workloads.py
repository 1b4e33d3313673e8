"""The workloads of `manage.py bench` by name: each takes a running product and answers with its figures."""

from collections.abc import Callable
from functools import partial
from typing import Any

<<<<<<< HEAD
from bench import measures, releases, sizes
=======
from bench import documents, listing, releases
from bench.figures import spread
>>>>>>> 585ae87 (Measure what each view of a hundred thousand runs costs the server)
from bench.product import Product

Workload = Callable[[Product, float], dict[str, Any]]

WORKLOADS: dict[str, tuple[str, Workload]] = {
<<<<<<< HEAD
    "single-saturated": ("runs/s", partial(measures.chain_saturated, length=1)),
    "chain-10-saturated": ("runs/s", partial(measures.chain_saturated, length=10)),
    "chain-10-effects-saturated": ("runs/s", measures.effects),
    "single-idle": ("ms", partial(measures.chain_idle, length=1)),
    "chain-10-idle": ("ms", partial(measures.chain_idle, length=10)),
    "chain-40-idle": ("ms", partial(measures.chain_idle, length=40)),
    "fan-out-100-idle": ("ms", partial(measures.fanned, width=100)),
    "fan-out-1000-idle": ("ms", partial(measures.fanned, width=1_000)),
    "each-10000": ("items/s", lambda p, scale: measures.items(p, count=round(10_000 * scale), concurrency=100)),
=======
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
    "listing": ("ms", lambda p, scale: listing.listing(p, count=max(1_000, round(100_000 * scale)))),
>>>>>>> 585ae87 (Measure what each view of a hundred thousand runs costs the server)
    "releases": ("starts/s, ms", lambda p, scale: releases.changing(p, changes=max(2, round(50 * scale)))),
    "document-10000": ("ms", sizes.document),
}

# Each fills the tables, so each gets a product of its own.
CROWDED: dict[str, tuple[str, Workload]] = {
    "parked": ("runs/s, ms", sizes.parked),
    "history": ("runs/s, ms", sizes.history),
}
