"""What goes into the transaction of an event beside it, where anything does: most events bring nothing.

It decides which rows those are; that they are written with the event, or never, is the journal's promise.
"""

from typing import Final

from flows.engine.events import Event, StepCancelled, StepFailed, StepUncertain, StepWaiting
from flows.engine.machine import Machine
from flows.journal.log import RunLog
from flows.journal.rows import DeploymentRow
from flows.runtime.asking import closed_by, escalated, news_of
from flows.runtime.attempt import Performed
from flows.runtime.family import recalled

CUT_SHORT: Final = frozenset({StepCancelled, StepFailed, StepUncertain})
CANCELLED: Final = "its step was cancelled before it was through"


def put_beside(log: RunLog, event: Event, performed: Performed) -> None:
    """What an attempt brings besides its outcome."""
    if performed.child is not None:
        log.bear(performed.child)
    if performed.approval is not None:
        log.ask(performed.approval)
        log.send(news_of(performed.approval.id))
    if performed.message is not None:
        log.send(performed.message)
    if performed.deployment is not None:
        log.deploy(performed.deployment)
    if performed.place is not None and isinstance(event, StepWaiting):
        log.stand(performed.place)


def tell_of_end_of_wait(log: RunLog, machine: Machine, event: Event) -> None:
    """Of an event, not applied yet, about a step that waits: who else is to know of it."""
    stage = escalated(machine, event)
    if stage is not None:
        log.escalate(stage)
        log.send(news_of(stage.id))
    end = closed_by(machine, event)
    if end is not None:
        log.close(end)
    letter = recalled(machine, event, log.run)
    if letter is not None:
        log.post(letter)


def tell_of_end_in_midst(log: RunLog, machine: Machine, event: Event, performed: Performed | None) -> None:
    """Of an event that cuts a step short, not applied yet: where it did its work in several goes and its node said
    nothing of this end. Whether it was deploying is known by the record alone."""
    step = machine.state.steps.get(event.step or "")
    if step is None or step.again is None or (performed is not None and performed.deployment is not None):
        return
    why = event.error.message.rstrip(".") if isinstance(event, StepFailed | StepUncertain) else CANCELLED
    log.deploy(DeploymentRow(step=step.key, told={}, left=why))
