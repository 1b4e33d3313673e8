"""How a measurement becomes a line: quantiles and the machine it was taken on."""

import json
import os
import platform
from collections.abc import Sequence
from typing import Any

from bench.goals import targets_of


def quantile(values: Sequence[float], share: float) -> float:
    """The value that `share` of the values do not exceed (nearest rank)."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, max(0, round(share * len(ordered) + 0.5) - 1))]


def spread(values: Sequence[float], *, digits: int = 2) -> dict[str, float]:
    return {
        name: round(quantile(values, share), digits) for name, share in (("p50", 0.5), ("p95", 0.95), ("p99", 0.99))
    }


def line(workload: str, unit: str, figures: dict[str, Any]) -> str:
    """One JSON line, with what is to be reached and the machine beside the figures."""
    machine = {"cores": os.cpu_count(), "python": platform.python_version(), "system": platform.system()}
    targets = targets_of(workload, figures)
    told = {"targets": targets} if targets else {}
    return json.dumps({"workload": workload, "unit": unit, **figures, **told, "machine": machine})
