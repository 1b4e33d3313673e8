"""What each workload must reach and what it is to reach: the targets of the design, beside the figures they are held against.

It decides which figure of a line is the one that counts, and in which direction. It knows nothing of how it is measured.
"""

from dataclasses import dataclass
from typing import Any, Final


@dataclass(frozen=True, slots=True)
class Target:
    """`figure` names the figure of the line; `must` and `goal` are in the line's unit."""

    figure: str
    must: float
    goal: float
    is_rate: bool = True

    def judged(self, figures: dict[str, Any]) -> dict[str, Any]:
        """The two bounds, and whether the figure holds them."""
        value = figures[self.figure]
        met = [value >= bound if self.is_rate else value <= bound for bound in (self.must, self.goal)]
        return {"figure": self.figure, "must": self.must, "goal": self.goal, "holds": met[0], "reaches": met[1]}


def _within(must: float, goal: float, figure: str = "p50") -> Target:
    return Target(figure, must, goal, is_rate=False)


TARGETS: Final[dict[str, tuple[Target, ...]]] = {
    "single-saturated": (Target("runs_per_s", 1_500, 4_000),),
    "chain-10-saturated": (Target("runs_per_s", 500, 1_800),),
    "chain-10-effects-saturated": (Target("runs_per_s", 150, 400),),
    "chain-10-idle": (_within(25, 8), _within(100, 30, "p99")),
    "chain-40-idle": (_within(60, 15),),
    "fan-out-100-idle": (_within(60, 20),),
    "each-10000": (Target("items_per_s", 5_000, 20_000),),
    "event-to-browser": (_within(100, 40, "p95"),),
    "document-10000": (_within(2_000, 2_000, "validate_ms"),),
    "canvas-1000": (
        _within(1_500, 1_000, "usable_ms"),
        _within(2_000, 2_000, "open_ms"),
        Target("least_frames_per_s", 57, 59.5),
        _within(50, 50, "longest_task_ms"),
    ),
    "releases": (
        Target("starts_per_s", 200, 400),
        _within(1_000, 250, "seen_max"),
        _within(0, 0, "stale"),
    ),
    "boot": (_within(5, 5, "second"),),
    "memory": (_within(300, 300, "worker"), _within(150, 150, "web")),
}


def targets_of(workload: str, figures: dict[str, Any]) -> list[dict[str, Any]]:
    """How the line stands to what it must reach; empty where nothing was promised of it."""
    return [target.judged(figures) for target in TARGETS.get(workload, ()) if target.figure in figures]
