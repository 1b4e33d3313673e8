"""Which work a line of log belongs to.

A run's trace is its own id, 32 hex digits, so that nothing has to be carried or kept: every part of the
product names the same trace.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from uuid import UUID

_current: ContextVar[tuple[UUID, str | None] | None] = ContextVar("mulgil_trace", default=None)


@contextmanager
def tracing(run: UUID, step: str | None = None) -> Iterator[None]:
    """Everything logged inside is about this run and step."""
    token = _current.set((run, step))
    try:
        yield
    finally:
        _current.reset(token)


def current_trace() -> dict[str, str]:
    """`trace`, `run` and `step` of the work at hand; empty outside of any."""
    found = _current.get()
    if found is None:
        return {}
    run, step = found
    return {"trace": run.hex, "run": str(run)} | ({"step": step} if step else {})
