"""What every attempt of a step with an effect stands on, fixed by the first: one key, one content.

A step may look at outputs it doesn't wait for (behind `join: any`, say), at the clock and at chance. A later
attempt would find more of the first and another of the rest, and would send another content under the same
idempotency key. All of it follows from the first attempt's own event and from what the journal says before it.
It refuses to know what is resolved of it.
"""

from flows.dsl.instants import Instant
from flows.engine.state import ENDED, Footing, Scope, State, Step


def footing_of(state: State, step: Step, at: Instant, seed: int) -> Footing:
    """The footing of a step whose first attempt begins now."""
    unread = [node for node in step.plan.reads if not _is_settled(state, step.scope, node)]
    return Footing(at, seed, frozenset(unread))


def _is_settled(state: State, scope: Scope | None, node_id: str) -> bool:
    """Whether what the step reads of this node can't change any more."""
    while scope is not None:
        step = scope.steps.get(node_id)
        if step is not None:
            return step.status in ENDED
        scope = scope.parent
    return node_id in state.given
