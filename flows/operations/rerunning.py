"""Running again: a new run from any step of an old one, on its document or another, with the outputs before it.

What is taken over is everything that ended and doesn't lie behind the step; what lies behind it, and what
never ended, runs. A preview says so without starting anything.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from flows.dsl.document import Document, Node
from flows.dsl.read import InvalidDocument, read_document
from flows.engine.part import Part, cut
from flows.errors import BadInput, MulgilError, NotFound
from flows.journal import read
from flows.journal.steps_seen import StepSeen, node_of
from flows.models import Draft, FailedItems, Run
from flows.models.base import new_id
from flows.operations import access, audit, documents
from flows.operations.access import Permission
from flows.operations.actor import Actor
from flows.operations.draft_runs import given_of, part_text
from flows.operations.environments import around_run
from flows.operations.errors import Archived
from flows.operations.facts import Facts, facts_of
from flows.operations.freezing import freeze, keep, lacking, need, take_over
from flows.operations.items_again import Asked, Items, Taken, items_again
from flows.operations.runs import find_run
from flows.operations.starting import Order, Origin, Started, insert
from flows.operations.validation import problems_of
from flows.operations.versions import find_version
from flows.security import safejson
from flows.security.safejson import Json


class NeverRan(BadInput):
    """The step {step} never ran in this run: there is nothing to run again from there."""

    code = "never_ran"
    hint = "Run it again from a step that ran, or from the start."


@dataclass(frozen=True, slots=True, kw_only=True)
class Again:
    """What is asked: from which step (None: from the start), on which document (None: its own), with which input.

    `items`: of a step with items only these; `failed`: all of it that failed, or the whole step where it has none.
    """

    from_step: str | None = None
    items: Asked | None = None
    version: int | None = None
    draft: bool = False
    input: Json = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Preview:
    """`reused` and `run_again` are node ids; `items`: what of the step's items runs again; with `problems` nothing can
    be started."""

    reused: list[str]
    run_again: list[str]
    items: Items | None
    problems: list[dict[str, Any]]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Way:
    document: Document
    facts: Facts
    given: list[dict[str, Any]]
    taken: Taken | None
    preview: Preview

    @property
    def part(self) -> str:
        """What the run's row says of how it begins; empty where it begins as any other."""
        listed = [self.taken.listed] if self.taken is not None else []
        return part_text({"given": self.given, "listed": listed}) if self.given or listed else ""


def preview_rerun(actor: Actor, run: UUID, asked: Again) -> Preview:
    """What a rerun would take over and what it would run. Raises NotFound, InvalidDocument."""
    access.require(actor, Permission.RUNS_START)
    return _way(actor, find_run(actor, run), asked).preview


@transaction.atomic
def rerun(actor: Actor, run: UUID, asked: Again) -> Started:
    """Start it. Raises NotFound, Archived, ContentRemoved, BadInput with the first problem of its preview, InputRefused."""
    access.require(actor, Permission.RUNS_START)
    old = find_run(actor, run)
    way = _way(actor, old, asked)
    if any(one["code"] == NeverRan.code for one in way.preview.problems):
        raise NeverRan(step=asked.from_step)
    taken = take_over(old.pk, _held(way.given, way.taken))
    if way.preview.problems:
        raise BadInput(reason=str(way.preview.problems[0]["message"]))
    if way.taken is not None and way.taken.payload is not None:
        taken.append(keep(way.taken.payload))
    facts = way.facts if way.facts.version is not None else replace(way.facts, hash=freeze(way.document))
    # In the environment of the old run, with what that gives now: who mended it wants it used.
    facts = facts.within(around_run(actor.workspace, old.environment_id))
    row = Run.objects.values_list("input", "trigger").get(pk=run)
    body = safejson.loads(row[0]) if asked.input is None else asked.input
    order = Order(input=body, trigger=row[1] if row[1] in facts.triggers else None, priority=old.priority)
    origin = Origin(
        part=way.part,
        is_test=old.is_test or asked.draft,
        attempt=old.attempt + 1,
        rerun_of=old.pk,
    )
    started = insert(actor, old.flow_id, facts, order, run=new_id(), live=None, origin=origin)
    if started is None:
        raise Archived
    need(started.run.id, taken if facts.version is not None else [*taken, facts.hash])
    if way.taken is not None:
        items = way.taken.items
        audit.record(
            actor, "ran again", f"{items.again} items of {items.step}", run=str(run), rerun=str(started.run.id)
        )
    if not origin.is_test:
        _attend(old, way)
        Run.objects.filter(pk=old.pk, attended_at__isnull=True).update(attended_at=timezone.now())
    return started


def _attend(old: Run, way: _Way) -> None:
    """The failed items that run again are dead letters no longer: what fails of them anew is the new run's."""
    rows = FailedItems.objects.filter(run=old, attended_at=None)
    again = [pk for pk, step in rows.values_list("pk", "step") if _runs_again(way, step)]
    rows.filter(pk__in=again).update(attended_at=timezone.now())


def _runs_again(way: _Way, step: str) -> bool:
    name, _, place = step.partition("/")[0].partition("[")
    if name not in way.preview.run_again:
        return False
    # An item that is taken over keeps what failed inside it in the run it ran in.
    return way.taken is None or not place or int(place.removesuffix("]")) in way.taken.again


def _way(actor: Actor, old: Run, asked: Again) -> _Way:
    document, facts = _document(actor, old, asked)
    steps = read.top_steps(old.pk)
    top = [node for node in document.nodes if node.parent is None]
    behind, problems = _behind(document, asked.from_step)
    before = {node.id: node.type for node in _old_document(old).nodes}
    problems += _never_ran(asked.from_step, steps, before)
    undo = {edge.target for edge in document.edges if edge.port == "compensate"}
    reused: dict[str, dict[str, Any]] = {}
    for node in top:
        step = steps.get(node.id)
        if step is None or asked.from_step is None or node.id in behind | undo or before.get(node.id) != node.type:
            continue
        taken = _taken_over(node, step)
        if taken is not None:
            reused[node.id] = taken
    # The trigger of the run is no given step: its output is the run's input.
    given = [taken for key, taken in reused.items() if key not in facts.triggers]
    again = [node.id for node in top if node.id not in reused and node.id not in undo and node.id not in facts.triggers]
    some = _items(old, document, asked) if not problems else None
    problems += [_problem(one, str(one.fields["step"])) for one in lacking(old.pk, _held(given, some))]
    items = some.items if some is not None else None
    preview = Preview(reused=list(reused), run_again=again, items=items, problems=problems)
    return _Way(document=document, facts=facts, given=given, taken=some, preview=preview)


def _held(given: list[dict[str, Any]], taken: Taken | None) -> list[dict[str, Any]]:
    """What names large values of the old run."""
    return given if taken is None or taken.payload is not None else [*given, taken.listed]


def _items(old: Run, document: Document, asked: Again) -> Taken | None:
    if asked.items is None or asked.from_step is None:
        return None
    return items_again(old.pk, _old_document(old), document, asked.from_step, asked.items)


def _document(actor: Actor, old: Run, asked: Again) -> tuple[Document, Facts]:
    if asked.draft:
        raw = documents.from_text(Draft.objects.values_list("document", flat=True).get(flow_id=old.flow_id))
        problems = problems_of(actor, raw)
        if problems:
            raise InvalidDocument(problems)
        document = read_document(raw)
        return document, facts_of(document, "")
    if asked.version is not None:
        version = find_version(actor, old.flow_id, asked.version)
        document = documents.document_of(version)
        return document, facts_of(document, version.hash, version=version.pk, number=version.number)
    document = _old_document(old)
    number = old.version.number if old.version else None
    return document, facts_of(document, old.document_hash, version=old.version_id, number=number)


def _old_document(old: Run) -> Document:
    raw = read.run_document(old.pk)
    if not raw:
        raise NotFound(thing="document of that run")
    return read_document(raw)


def _behind(document: Document, from_step: str | None) -> tuple[set[str], list[dict[str, Any]]]:
    """The nodes that run again: the step's own and all that lie behind it."""
    if from_step is None:
        return {node.id for node in document.nodes}, []
    first = node_of(from_step.partition("/")[0])
    if all(node.id != first or node.parent is not None for node in document.nodes):
        message = f"There is no node {first} in the document to run again."
        return set(), [{"code": "no_such_node", "node": first, "path": "", "message": message, "hint": ""}]
    return {node.id for node in cut(document, Part("from", first)).nodes}, []


def _never_ran(from_step: str | None, steps: Mapping[str, StepSeen], before: Mapping[str, str]) -> list[dict[str, Any]]:
    """A problem where the old run had this node and never began it; a node that is new there begins now."""
    first = node_of((from_step or "").partition("/")[0])
    step = steps.get(first)
    # A join that can't be reached any more fails without having begun; it is what a rerun mends.
    has_run = step is not None and (step.started_at is not None or step.status == "failed") and step.status != "skipped"
    if from_step is None or first not in before or has_run:
        return []
    return [_problem(NeverRan(step=first), first)]


def _problem(refused: MulgilError, node: str) -> dict[str, Any]:
    return {"code": refused.code, "node": node, "path": "", "message": refused.message, "hint": refused.hint}


def _taken_over(node: Node, step: StepSeen) -> dict[str, Any] | None:
    """A step that ended, as the new run begins with it; None where it has to run again."""
    match step.status:
        case "succeeded" | "skipped":
            return given_of(step)
        case "failed" if node.on_error != "fail" and isinstance(step.error, dict):
            shown = {name: step.error[name] for name in ("code", "class", "message", "hint") if step.error.get(name)}
            port = "error" if node.on_error == "route" else "out"
            return {"step": step.key, "status": "failed", "port": port, "output": {"error": shown}}
        case _:
            return None
