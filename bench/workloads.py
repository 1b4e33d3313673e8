"""The workloads of `manage.py bench` by name: each takes a running product and answers with its figures."""

from collections.abc import Callable
from functools import partial
from typing import Any

from bench import canvas, listing, measures, releases, sizes
from bench.product import Product

Workload = Callable[[Product, float], dict[str, Any]]

WORKLOADS: dict[str, tuple[str, Workload]] = {
    "single-saturated": ("runs/s", partial(measures.chain_saturated, length=1)),
    "chain-10-saturated": ("runs/s", partial(measures.chain_saturated, length=10)),
    "chain-10-effects-saturated": ("runs/s", measures.effects),
    "single-idle": ("ms", partial(measures.chain_idle, length=1)),
    "chain-10-idle": ("ms", partial(measures.chain_idle, length=10)),
    "chain-40-idle": ("ms", partial(measures.chain_idle, length=40)),
    "fan-out-100-idle": ("ms", partial(measures.fanned, width=100)),
    "fan-out-1000-idle": ("ms", partial(measures.fanned, width=1_000)),
    "each-10000": ("items/s", lambda p, scale: measures.items(p, count=round(10_000 * scale), concurrency=100)),
    "each-100000": (
        "MiB",
        lambda p, scale: measures.memory_of_items(p, count=round(100_000 * scale), concurrency=100),
    ),
    "releases": ("starts/s, ms", lambda p, scale: releases.changing(p, changes=max(2, round(50 * scale)))),
    "document-10000": ("ms", sizes.document),
    "canvas-1000": ("ms, frames/s", canvas.canvas),
}

# Each fills the tables, so each gets a product of its own.
CROWDED: dict[str, tuple[str, Workload]] = {
    "parked": ("runs/s, ms", sizes.parked),
    "listing": ("ms", lambda p, scale: listing.listing(p, count=max(1_000, round(100_000 * scale)))),
    "history": ("runs/s, ms", sizes.history),
}
