"""Which calls of a flow lead back to it by way of others, over what is published: as a run would call them now.

It follows the released versions and canaries of all environments, or the version that a call names, within one workspace. It judges
nothing, and where a call can't be told beforehand (an expression, a name that two flows have) it ends.
"""

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Final
from uuid import UUID

from django.db.models import Q, QuerySet

from flows.models import Flow, Live, Version
from flows.operations import documents
from flows.operations.actor import Actor
from flows.security.safejson import Json

MOST: Final = 200
"""How many calls are looked at; beyond, nobody could follow the way either."""

Call = tuple[str, int | None]
"""The flow as a call names it, and the version; None: the released one."""
Way = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Called:
    """What a call leads to: the flow, and what its versions call."""

    flow: UUID
    name: str
    calls: tuple[Call, ...]


def ways_back(actor: Actor, document: Json, flow: Flow | None = None) -> Mapping[Call, Way]:
    """By a call of the document: the names along the shortest way that leads back, from the flow to itself.

    The flow is `flow`, or whichever has the document's name. A call of the flow itself is not among them.
    """
    calls = tuple(dict.fromkeys(_calls_in(document)))
    if not calls or not isinstance(document, dict):
        return {}
    known = _reachable(actor, calls)
    name = flow.name if flow is not None else str(document.get("name", ""))
    found: dict[Call, Way] = {}
    for call in calls:
        way = _way(known, call, lambda one: one.flow == flow.pk if flow is not None else one.name == name)
        if len(way) > 1:
            found[call] = (name, *way)
    return found


def _way(known: Mapping[Call, _Called], begin: Call, is_own: Callable[[_Called], bool]) -> Way:
    """The names along the shortest way to a call that any version of the flow would answer; empty where there is none."""
    waiting: deque[tuple[Call, Way]] = deque([(begin, ())])
    seen = {begin}
    while waiting:
        call, before = waiting.popleft()
        called = known.get(call)
        if called is None:
            continue
        way: Way = (*before, called.name)
        if call[1] is None and is_own(called):
            return way
        fresh = [one for one in called.calls if one not in seen]
        seen.update(fresh)
        waiting.extend((one, way) for one in fresh)
    return ()


def _reachable(actor: Actor, calls: Iterable[Call]) -> dict[Call, _Called]:
    known: dict[Call, _Called] = {}
    asked: set[Call] = set()
    while fresh := [call for call in calls if call not in asked]:
        asked.update(fresh)
        found = dict(_found(actor, fresh))
        known |= found
        if len(asked) > MOST:
            break
        calls = [call for called in found.values() for call in called.calls]
    return known


def _found(actor: Actor, calls: Iterable[Call]) -> Iterator[tuple[Call, _Called]]:
    ids = {call[0]: one for call in calls if (one := _as_id(call[0])) is not None}
    rows = list(_flows(actor, calls, ids).values_list("pk", "name"))
    lives: dict[UUID, list[UUID | None]] = {}
    pointers = Live.objects.filter(flow__in=[pk for pk, _ in rows])
    for pk, live, canary in pointers.values_list("flow_id", "release__version_id", "release__canary_id"):
        lives.setdefault(pk, []).extend((live, canary))
    numbers = {number for _, number in calls if number is not None}
    pinned: dict[tuple[UUID, int], UUID] = {}
    if numbers:
        versions = Version.objects.filter(flow__in=[pk for pk, _ in rows], number__in=numbers)
        pinned = {(flow, number): pk for pk, flow, number in versions.values_list("pk", "flow_id", "number")}
    for call in calls:
        meant = [row for row in rows if row[0] == ids.get(call[0])] or [row for row in rows if row[1] == call[0]]
        if len(meant) != 1:
            continue
        flow, name = meant[0]
        chosen = [pinned.get((flow, call[1]))] if call[1] is not None else lives.get(flow, [])
        follow = tuple(one for version in chosen if version is not None for one in _calls_of(version))
        yield call, _Called(flow, name, follow)


def _flows(actor: Actor, calls: Iterable[Call], ids: Mapping[str, UUID]) -> QuerySet[Flow]:
    named = Q(pk__in=list(ids.values())) | Q(name__in=[name for name, _ in calls])
    return Flow.objects.filter(named, workspace_id=actor.workspace, archived_at=None)


def _as_id(name: str) -> UUID | None:
    try:
        return UUID(name)
    except ValueError:
        return None


@lru_cache(maxsize=4096)
def _calls_of(version: UUID) -> tuple[Call, ...]:
    """A version never changes; a pruned one calls nothing, for nobody can run it."""
    text = Version.objects.values_list("document", flat=True).get(pk=version)
    return tuple(dict.fromkeys(_calls_in(documents.from_text(text)))) if text else ()


def _calls_in(document: Json) -> Iterator[Call]:
    nodes = document.get("nodes") if isinstance(document, dict) else None
    for node in nodes if isinstance(nodes, list) else ():
        if not isinstance(node, dict) or node.get("type") != "flow.call" or node.get("disabled"):
            continue
        config = node.get("config")
        name, number = (config.get("flow"), config.get("version")) if isinstance(config, dict) else (None, None)
        if isinstance(name, str) and "{{" not in name and "\x00" not in name and _is_number(number):
            yield name, number  # type: ignore[misc]  # a number or None, as just seen


def _is_number(value: Json) -> bool:
    return value is None or (isinstance(value, int) and not isinstance(value, bool) and 0 < value < 2**31)
