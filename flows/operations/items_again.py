"""Which items of a step a rerun runs, and with which outputs of the others it begins.

The old run's journal is folded for it, from the state that was kept of it last: what became of the items of a
container is told by no event of its own. It decides what is taken over; how a run is started is `rerunning`'s business.
"""

from dataclasses import dataclass, replace
from functools import partial
from typing import Any, Literal, TypeAlias
from uuid import UUID

import orjson

from flows.dsl.document import Document, Node
from flows.engine.commands import Assembly, put_together
from flows.engine.compile import compile_plan
from flows.engine.events import ItemsListed, PayloadRef, Value
from flows.engine.ranges import size_of
from flows.engine.remaining import NoItems, Remaining, remaining
from flows.engine.state import Step
from flows.errors import NotFound
from flows.journal import kept
from flows.journal.codec import encode
from flows.journal.refolding import last_list, refolded
from flows.journal.rows import Payload
from flows.journal.values import settle
from flows.nodes.installed import catalogue
from flows.operations.plans import plan_along
from flows.security.safejson import Json

Asked: TypeAlias = tuple[int, ...] | Literal["failed"]
"""Items of a step by their places, or all of it that failed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Items:
    """How many items of `step` run again, how many are taken over, and how many of these had failed."""

    step: str
    again: int
    kept: int
    left: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """How a step begins of whose items only some are run: as a run's row holds it, with what is to be kept beside."""

    items: Items
    again: frozenset[int]
    listed: dict[str, Any]
    payload: Payload | None


def items_again(run: UUID, old: Document, new: Document, step: str, asked: Asked) -> Taken | None:
    """What a rerun from `step` takes over of its items; None where it has none, and none were named.

    `step` may lie deeper: what runs again then is the item of the outermost list that it lies in, as a whole; all that
    have no output, where that list failed. Raises NoItems, ItemsUnderWay, NothingFailed, NotAFailedItem, RunTogether,
    OutputTooLarge.
    """
    top = step.partition("/")[0]
    name, _, place = top.partition("[")
    found, listed = _folded(run, old, name) if _has_items(old, name) and _has_items(new, name) else (None, None)
    if found is None or listed is None or found.window is None:
        if asked == "failed":
            return None
        raise NoItems(step=name)
    if place and (asked != "failed" or found.status == "succeeded"):
        return _taken(run, remaining(found, listed, (int(place.removesuffix("]")),), whole_ones=True))
    return _taken(run, remaining(found, listed, None if asked == "failed" else asked))


def _has_items(document: Document, name: str) -> bool:
    node: Node | None = next((one for one in document.nodes if one.id == name and one.parent is None), None)
    return node is not None and (node.each is not None or node.type == "flow.for_each")


def _folded(run: UUID, document: Document, step: str) -> tuple[Step | None, ItemsListed | None]:
    """The step as the journal left it, and its last list."""
    machine = refolded(run, compile_plan(document, catalogue()), partial(plan_along, run))
    return machine.state.steps.get(step), last_list(run, step)


def _taken(run: UUID, left: Remaining) -> Taken:
    # An output that stands beside the journal already is taken over as it stands there.
    whole = left.outputs if isinstance(left.outputs, PayloadRef) else None
    value, payload = (whole, None) if whole is not None else settle(_loaded(run, left.outputs))
    listed = replace(left.listed, outputs=value)
    count = len(left.again)
    items = Items(step=listed.step or "", again=count, kept=listed.count - count, left=size_of(listed.left))
    packed = {"step": listed.step, **orjson.loads(encode(listed, 0).data)}
    return Taken(items=items, again=left.again, listed=packed, payload=payload)


def _loaded(run: UUID, outputs: Assembly) -> Json:
    wanted: set[str] = set()

    def note(value: Value) -> Json:
        if isinstance(value, PayloadRef):
            wanted.add(value.hash)
        return []

    put_together(outputs, note)
    known = kept.kept_values(run, sorted(wanted))
    if wanted - known.keys():
        raise NotFound(thing="output of all these items any more")
    return put_together(outputs, lambda value: known[value.hash] if isinstance(value, PayloadRef) else value)
