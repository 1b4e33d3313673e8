"""Which work a line of log, a request or an effect belongs to.

A run's trace is its own id, 32 hex digits, so that nothing has to be carried or kept: every part of the
product, and every target that reads the W3C `traceparent` header, names the same trace.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from hashlib import sha256
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


def traceparent(run: UUID, step: str, attempt: int) -> str:
    """The W3C header of one attempt: the run's trace, a span id made of the step and the attempt."""
    span = sha256(f"{step}#{attempt}".encode()).hexdigest()[:16]
    return f"00-{run.hex}-{span}-01"
