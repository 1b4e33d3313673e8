"""What a step's call of another flow becomes: found in the run's own workspace, its version chosen, its input checked.

It makes nothing: the run described here is made by the journal, in the transaction of the event that names it.
So a call needs no key of its own, and nobody can start more by a flow than that flow's own starter might have.
"""

from typing import Final
from uuid import UUID

from django.db.models import QuerySet

from flows.errors import BadInput, LimitExceeded, NotFound
from flows.journal.rows import ChildRow
from flows.models import Flow
from flows.models.base import new_id
from flows.operations.actor import Actor, system
from flows.operations.environments import name_of
from flows.operations.errors import Archived
from flows.operations.facts import Facts
from flows.operations.lines import make_way, stand_of
from flows.operations.numbers import sequence_of
from flows.operations.starting import named_version, target_of
from flows.runtime.verbs import CallOrder
from flows.security import safejson
from flows.security.limits import LIMITS

_MOST: Final = 3


class TooDeep(LimitExceeded):
    """The flows that call one another are {size} deep, over the limit of {limit}."""

    code = "calls_too_deep"
    hint = "Give the flow that calls itself, directly or by others, an end, or use a loop."


class ManyOfName(BadInput):
    """More than one flow is named {name}: {ids}"""

    code = "flow_ambiguous"
    hint = "Name the flow by its id."


def called(order: CallOrder) -> ChildRow:
    """The run to be made. Raises TooDeep, NotFound, ManyOfName, Archived, NotPublished, InputRefused, NoTrigger, LineFull,
    NotBound, NoValue."""
    depth = order.depth + 1
    if depth > LIMITS.flow_depth:
        raise TooDeep(size=depth, limit=LIMITS.flow_depth)
    actor = system(order.workspace, order.started_by)
    child = new_id()
    flow = flow_named(actor, order.flow)
    facts = _facts(actor, flow, order, child)
    trigger = facts.enter(None)
    given = facts.check_input(order.input, trigger)
    stand = stand_of(facts, given)
    if stand is not None:
        make_way(flow, stand)
    if facts.version is None:
        raise NotFound(thing="version")
    return ChildRow(
        id=child,
        workspace=order.workspace,
        flow=flow,
        version=facts.version,
        document_hash=facts.hash,
        trigger=trigger,
        input=safejson.dumps(given),
        sequence=sequence_of(flow),
        queue=facts.queue,
        step=order.step,
        depth=depth,
        awaited=order.waits,
        priority=order.priority,
        is_test=order.is_test,
        started_by=order.started_by,
        line=stand.line if stand else None,
        line_limit=stand.limit if stand else None,
        environment=facts.environment,
        setting=facts.setting,
    )


def _facts(actor: Actor, flow: UUID, order: CallOrder, child: UUID) -> Facts:
    """Who calls in an environment is answered there."""
    where = name_of(order.environment)
    if order.version is not None:
        return named_version(actor, flow, order.version, where)
    return target_of(actor, flow, where).choose(flow, str(child))


def flow_named(actor: Actor, flow: str) -> UUID:
    """The flow of this id, else the one of this name that isn't archived."""
    own = Flow.objects.filter(workspace_id=actor.workspace)
    by_id = _by_id(own, flow).values_list("pk", "archived_at").first()
    if by_id is not None:
        found, archived_at = by_id
        if archived_at is not None:
            raise Archived
        return found
    named = list(own.filter(name=flow, archived_at=None).order_by("pk").values_list("pk", flat=True)[:_MOST])
    if len(named) > 1:
        raise ManyOfName(name=flow, ids=", ".join(map(str, named)))
    if not named:
        raise NotFound(thing=f"flow {flow!r} in this workspace")
    return named[0]


def _by_id(own: QuerySet[Flow], flow: str) -> QuerySet[Flow]:
    try:
        return own.filter(pk=UUID(flow))
    except ValueError:
        return own.none()
