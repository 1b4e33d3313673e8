"""What people send to a run becomes an event of its journal."""

from types import SimpleNamespace
from typing import Any, cast
from uuid import UUID

from flows.engine.machine import Machine
from flows.runtime.claims import Letter
from flows.runtime.mail import event_of


def resolved(**payload: Any) -> dict[str, Any]:
    """What the machine is asked to resolve."""
    asked: dict[str, Any] = {}

    def resolve(step: str, verdict: str, now: int, **rest: Any) -> None:
        asked.update(rest, step=step, verdict=verdict)

    machine = cast("Machine", SimpleNamespace(status="waiting", resolve=resolve))
    event_of(Letter(UUID(int=1), "resolve", "charge", None, payload), machine, 0)
    return asked


def test_a_step_is_resolved_by_the_whole_key_where_the_letter_holds_it() -> None:
    assert resolved(verdict="retry")["step"] == "charge"
    assert resolved(verdict="retry", step="charge[1]/more")["step"] == "charge[1]/more"


def test_the_error_of_a_verdict_says_what_the_person_said() -> None:
    error = resolved(verdict="failed", error={"code": "resolved_failed", "message": "the bank said no"})["error"]
    assert error.message == "the bank said no"
