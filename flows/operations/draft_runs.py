"""Running a draft, whole or in part. It is frozen at this moment: saving it later changes no run.

A part is a smaller document. What it reads of nodes outside is given to it: pinned outputs where pins are
asked for, else the outputs of the flow's last run.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final
from uuid import UUID

from django.db import transaction

from flows.dsl.document import Document
from flows.dsl.read import InvalidDocument, read_document
from flows.engine.breakpoints import check_points
from flows.engine.compile import compile_plan
from flows.engine.part import Part, around, cut
from flows.errors import NotFound
from flows.journal import read
from flows.models import Flow, Run
from flows.models.base import new_id
from flows.nodes.installed import catalogue
from flows.operations import access, breakpoints, documents
from flows.operations.access import Permission
from flows.operations.actor import Actor
from flows.operations.environments import around_named
from flows.operations.errors import Archived
from flows.operations.facts import Facts, facts_of
from flows.operations.freezing import freeze, need, take_over
from flows.operations.starting import (
    Order,
    Origin,
    Started,
    check_key,
    check_priority,
    digest,
    insert,
    known_run,
)
from flows.operations.validation import Problem, problems_of
from flows.security import safejson
from flows.security.safejson import Json

# Containers whose nodes are steps of a turn.
_TURNING: Final = frozenset({"flow.for_each", "flow.while"})
# What is wrong with a whole flow and doesn't matter to a part of it.
_OF_THE_WHOLE: Final = frozenset({"missing_trigger", "no_trigger", "unreachable", "unreachable_node"})


@dataclass(frozen=True, slots=True, kw_only=True)
class DraftOrder:
    """What is asked: all of the draft or a part, with pinned outputs in place of their nodes or without.

    `given` are outputs of nodes outside the part, before what is pinned or was last. `item`: the one item, in a tuple, of
    the list around a node that is run alone. `environment`: whose values and credentials it gets; None: the default one's.
    """

    part: Part | None = None
    use_pins: bool = False
    given: Mapping[str, Json] = field(default_factory=dict)
    item: tuple[Json] | None = None
    input: Json = None
    trigger: str | None = None
    priority: int = 0
    key: str | None = None
    breakpoints: Mapping[str, str] = field(default_factory=dict)
    environment: str | None = None


def start_draft(actor: Actor, flow: UUID, asked: DraftOrder) -> Started:
    """Put a test run of the draft into the queue.

    Raises NotFound, Archived, InvalidDocument with the problems that matter to what is run, NoSuchNode, ContentRemoved, KeyReused,
    BadBreakpoint.
    """
    access.require(actor, Permission.RUNS_START)
    check_key(asked.key)
    check_priority(asked.priority)
    raw = _draft_of(actor, flow)
    order = _order(asked, {} if asked.input is None else asked.input)
    known = known_run(actor, flow, order)
    if known is not None:
        return known
    asked = _with_item(asked, raw)
    document = _runnable(actor, raw, asked.part)
    points = _points(asked, document)
    last = _last_run(flow)
    given = _given(last, _whole(raw), document, asked)
    if asked.part is not None and asked.input is None and last is not None:
        order = replace(order, input=safejson.loads(Run.objects.values_list("input", flat=True).get(pk=last)))
    with transaction.atomic():
        taken = take_over(last, given)
        facts = _facts(document, freeze(document), is_part=asked.part is not None)
        facts = facts.within(around_named(actor.workspace, asked.environment))
        part = _part_text(asked, given)
        origin = Origin(part=part, is_test=True)
        started = insert(actor, flow, facts, order, run=new_id(), live=None, origin=origin)
        if started is not None and started.created:
            need(started.run.id, [*taken, facts.hash])
            if points:
                breakpoints.put(actor, Run.objects.get(pk=started.run.id), points)
    if started is None:
        raise NotFound(thing="flow")
    return started


def _with_item(asked: DraftOrder, raw: Json) -> DraftOrder:
    """The item comes as an output of a node that isn't there: as data, in which braces mean nothing."""
    if asked.item is None or asked.part is None:
        return asked
    taken = {node.id for node in _whole(raw).nodes}
    name = "item_given"
    while name in taken:
        name += "_"
    return replace(asked, part=replace(asked.part, item=name))


def _points(asked: DraftOrder, document: Document) -> dict[str, str]:
    """The breakpoints of what is run; of a part, those that stand in it."""
    if not asked.breakpoints:
        return {}
    nodes = compile_plan(document, catalogue()).nodes
    if asked.part is None:
        return check_points(asked.breakpoints, nodes)
    return check_points({node: condition for node, condition in asked.breakpoints.items() if node in nodes}, nodes)


def _draft_of(actor: Actor, flow: UUID) -> Json:
    row = Flow.objects.filter(pk=flow, workspace_id=actor.workspace).select_related("draft").first()
    if row is None:
        raise NotFound(thing="flow")
    if row.archived_at is not None:
        raise Archived
    return documents.from_text(row.draft.document)


def _order(asked: DraftOrder, body: Json) -> Order:
    way, node = (asked.part.way, asked.part.node) if asked.part else (None, None)
    request: dict[str, Json] = {"draft": True, "input": asked.input, "trigger": asked.trigger, way or "whole": node}
    request |= {"use_pins": asked.use_pins, "priority": asked.priority}
    if asked.given:
        request["given"] = dict(asked.given)
    if asked.item is not None:
        request["item"] = asked.item[0]
    if asked.breakpoints:
        request["breakpoints"] = dict(asked.breakpoints)
    if asked.environment is not None:
        request["environment"] = asked.environment
    request_hash = digest(request) if asked.key is not None else ""
    return Order(input=body, trigger=asked.trigger, priority=asked.priority, key=asked.key, request_hash=request_hash)


def _runnable(actor: Actor, raw: Json, part: Part | None) -> Document:
    problems = problems_of(actor, raw)
    if part is None:
        if problems:
            raise InvalidDocument(problems)
        return read_document(raw)
    document = cut(_whole(raw), part)
    inside = {node.id for node in document.nodes}
    mattering = [problem for problem in problems if _matters(problem, inside)]
    if mattering:
        raise InvalidDocument(mattering)
    return document


def _matters(problem: Problem, inside: set[str]) -> bool:
    return problem.code not in _OF_THE_WHOLE and problem.node in inside


def _whole(raw: Json) -> Document:
    return read_document(raw)


def _facts(document: Document, content_hash: str, *, is_part: bool) -> Facts:
    facts = facts_of(document, content_hash)
    # A part without its trigger takes what it is given: the flow's inputs are the trigger's business.
    return replace(facts, inputs=None) if is_part and not facts.triggers else facts


def _given(last: UUID | None, whole: Document, document: Document, asked: DraftOrder) -> list[dict[str, Any]]:
    inside = {node.id for node in document.nodes}
    known = {node.id for node in whole.nodes}
    pinned = dict(whole.pins) if asked.use_pins else {}
    pinned |= {node: value for node, value in asked.given.items() if node in known and node not in inside}
    given = [_pin(whole, node, value) for node, value in pinned.items()]
    if asked.item is not None and asked.part is not None and asked.part.item is not None:
        given.append({"step": asked.part.item, "status": "succeeded", "port": "out", "output": asked.item[0]})
    outside = [node.id for node in whole.nodes if node.id not in inside and node.id not in pinned]
    return given + _of_last_run(last, outside) + _beside(last, whole, asked.part, set(outside))


def _pin(document: Document, node_id: str, value: Json) -> dict[str, Any]:
    """A pinned output. A pin of a node with several ports names its port: `{"port": "true"}`."""
    node = next((one for one in document.nodes if one.id == node_id), None)
    node_type = catalogue().get(node.type) if node else None
    ports = node_type.ports(node.config) if node is not None and node_type is not None else ("out",)
    port = value.get("port") if isinstance(value, dict) else None
    chosen = port if port in ports else (ports[0] if ports else None)
    return {"step": node_id, "status": "succeeded", "port": chosen, "output": value}


def _last_run(flow: UUID) -> UUID | None:
    """The newest run of the flow that has begun."""
    return Run.objects.filter(flow_id=flow, seq__gt=0).order_by("-pk").values_list("pk", flat=True).first()


def _of_last_run(last: UUID | None, wanted: Iterable[str]) -> list[dict[str, Any]]:
    nodes = set(wanted)
    if last is None or not nodes:
        return []
    return [given_of(step) for key, step in read.top_steps(last).items() if key in nodes and step.status == "succeeded"]


def _beside(last: UUID | None, whole: Document, part: Part | None, wanted: set[str]) -> list[dict[str, Any]]:
    """Of a node inside a container, what those beside it put out in the first turn of the last run."""
    walls = around(whole, part.node) if part is not None else []
    if last is None or not walls:
        return []
    types = {node.id: node.type for node in whole.nodes}
    keys: dict[str, str] = {}
    path = ""
    for wall in reversed(walls):
        path += f"{wall}[0]/" if types[wall] in _TURNING else f"{wall}/"
        keys |= {f"{path}{node.id}": node.id for node in whole.nodes if node.parent == wall and node.id in wanted}
    seen = read.named_steps(last, list(keys))
    return [{**given_of(step), "step": keys[key]} for key, step in seen.items() if step.status == "succeeded"]


def given_of(step: Any) -> dict[str, Any]:
    """A step that was, as a new run begins with it."""
    given: dict[str, Any] = {"step": step.key, "status": step.status, "port": step.port, "output": step.output}
    return given | ({"refs": ["output"]} if step.output_kept else {})


def _part_text(asked: DraftOrder, given: list[dict[str, Any]]) -> str:
    if asked.part is None and not given:
        return ""
    part: dict[str, Any] = {"use_pins": asked.use_pins, "given": given}
    if asked.part is not None:
        part |= {"way": asked.part.way, "node": asked.part.node}
    return part_text(part)


def part_text(part: dict[str, Any]) -> str:
    """A part as the run's row holds it."""
    return safejson.dumps(part)
