"""The values that expressions read in these tests, and short ways to evaluate."""

from typing import Any

from flows.expr.compile import compile_value
from flows.expr.sandbox import Sandbox

ROOTS: dict[str, Any] = {
    "input": {
        "a": 1,
        "name": "Mina",
        "rows": [{"price": 2, "unit": "kg"}, {"price": 3, "unit": "g"}],
        "nothing": None,
        "from": 7,
        "class": {"if": 8},
        "big": 2**63,
    },
    "nodes": {"charge": {"body": {"items": [{"price": 5}]}}, "skipped": None},
    "run": {"id": "r", "number": 3, "attempt": 1, "started_at": "2026-01-01T00:00:00Z"},
    "flow": {"id": "f", "name": "Orders", "version": 2},
    "vars": {"region": "eu"},
    "now": "2026-01-01T00:00:00Z",
}

CLOCK = 1_767_225_600_000_000


def value(text: Any, roots: dict[str, Any] | None = None) -> Any:
    """The value of a config without the sandbox."""
    return compile_value(text).resolve(ROOTS if roots is None else roots)


async def opened(text: Any, sandbox: Sandbox, roots: dict[str, Any] | None = None) -> Any:
    """The value of a config with the sandbox."""
    compiled = compile_value(text)
    return await compiled.resolve_with(ROOTS if roots is None else roots, sandbox, clock=CLOCK, seed=7)
