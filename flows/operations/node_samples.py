"""Samples of nodes: what a node was given once, kept under a name to work on it with.

It decides where a sample comes from (typed, a run, the next real run or delivery) and what belongs into one: the run's
input and the outputs of what lies before the node. They stand beside the document, never in it: what real runs were
given must not be published, exported or compared with the flow. It refuses to know how a node is run with one.
"""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from flows.dsl.document import Node
from flows.dsl.read import InvalidDocument, read_document
from flows.errors import BadInput, LimitExceeded, NotFound
from flows.journal import read
from flows.journal.kept import is_omitted
from flows.models import NodeSample, Run
from flows.models.base import first_id_at
from flows.operations import access, documents
from flows.operations.access import Permission
from flows.operations.activation import WEBHOOK
from flows.operations.actor import Actor
from flows.operations.flows import find_flow
from flows.operations.runs import find_run
from flows.security import safejson
from flows.security.limits import MIB
from flows.security.safejson import Json

MAX_SAMPLES: Final = 200
MAX_BYTES: Final = MIB
MAX_NAME: Final = 80
LISTENS_FOR: Final = timedelta(hours=1)
LOOKED_AT: Final = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """What a node is given: the run's input and, by id, the outputs of the nodes before it; inside a list its item."""

    input: Json
    nodes: Mapping[str, Json]
    item: Json = None

    def text(self) -> str:
        """As it is kept. Raises LimitExceeded."""
        item = {} if self.item is None else {"item": self.item}
        text = safejson.dumps({"input": self.input, "nodes": dict(self.nodes), **item})
        size = len(text.encode())
        if size > MAX_BYTES:
            raise LimitExceeded(what="The sample", size=size, limit=MAX_BYTES)
        return text


def list_samples(actor: Actor, flow: UUID) -> list[NodeSample]:
    """All of a flow, newest first; what has come for those that listen is caught now. Raises NotFound."""
    access.require(actor, Permission.RUNS_READ)
    find_flow(actor, flow)
    for sample in _of(actor, flow).filter(value=""):
        _catch(sample)
    return list(_of(actor, flow).select_related("user").order_by("-created_at", "-pk"))


def keep_sample(actor: Actor, flow: UUID, *, node: str, name: str, given: Given) -> NodeSample:
    """Keep what was typed, in place of the node's sample of that name. Raises NotFound, BadInput, LimitExceeded."""
    return _keep(actor, flow, node, name, source=NodeSample.Source.TYPED, value=given.text())


def keep_run(actor: Actor, flow: UUID, *, node: str, name: str, run: UUID) -> NodeSample:
    """Keep what a run gave to a node, whether it came to it or not. Raises NotFound, BadInput, LimitExceeded."""
    found = find_run(actor, run)
    if found.flow_id != flow:
        raise NotFound(thing="run of this flow")
    value = given_in(found.pk, node).text()
    return _keep(actor, flow, node, name, source=NodeSample.Source.RUN, value=value, run=found.pk)


def listen(actor: Actor, flow: UUID, *, node: str, name: str) -> NodeSample:
    """Wait, for an hour at most, for the next real run that reaches the node, or the next delivery to its webhook.

    A node listens once: what listened before gives way. Raises NotFound, BadInput, LimitExceeded.
    """
    access.require(actor, Permission.FLOWS_WRITE)
    _of(actor, flow).filter(node=node, value="").delete()
    return _keep(actor, flow, node, name, source=NodeSample.Source.CAUGHT, value="")


@transaction.atomic
def remove_sample(actor: Actor, flow: UUID, sample: UUID) -> None:
    """Raises NotFound."""
    access.require(actor, Permission.FLOWS_WRITE)
    if not _of(actor, flow).filter(pk=sample).delete()[0]:
        raise NotFound(thing="sample")


def given_in(run: UUID, node: str) -> Given:
    """What a run gave to a node: its input, and what the nodes before it put out."""
    before = _before(read.run_document(run), node)
    steps = read.top_steps(run)
    done = (key for key, step in steps.items() if key in before and step.status == "succeeded")
    outputs = {key: output for key in done if not is_omitted(output := read.output_of(run, steps[key]))}
    text = Run.objects.values_list("input", flat=True).get(pk=run)
    return Given(input=safejson.loads(text), nodes=outputs)


def _before(document: Mapping[str, Any], node: str) -> set[str]:
    """The ids of all nodes that lie before one, or before the containers it stands in; triggers, whose output is the
    input, are left out."""
    parents = {one["id"]: one.get("parent") for one in document.get("nodes", ())}
    triggers = {one["id"] for one in document.get("nodes", ()) if str(one["type"]).startswith("trigger.")}
    into: dict[str, list[str]] = defaultdict(list)
    for edge in document.get("edges", ()):
        into[edge["to"]].append(edge["from"])
    around = [node]
    while (parent := parents.get(around[-1])) is not None:
        around.append(parent)
    ahead, found = list(around), set[str]()
    while ahead:
        for before in into[ahead.pop()]:
            if before not in found:
                found.add(before)
                ahead.append(before)
    return found - triggers - set(around)


def _catch(sample: NodeSample) -> None:
    """Fill a sample that listens with the first real run since that reached its node; one that is too old goes."""
    if sample.created_at < timezone.now() - LISTENS_FOR:
        sample.delete()
        return
    since = first_id_at(sample.created_at)
    runs = Run.objects.filter(flow_id=sample.flow_id, is_test=False, pk__gte=since, created_at__gte=sample.created_at)
    for run, trigger in runs.order_by("pk").values_list("pk", "trigger")[:LOOKED_AT]:
        if trigger == sample.node or _reached(run, sample.node):
            fill(sample, given_in(run, sample.node), run=run)
            return


def listening_webhooks(workspace: str) -> list[tuple[NodeSample, Node]]:
    """The samples of a workspace that wait for a delivery, with their webhooks as the drafts have them."""
    recent = NodeSample.objects.filter(
        workspace__slug=workspace, value="", created_at__gte=timezone.now() - LISTENS_FOR, flow__archived_at=None
    )
    found = []
    for sample in recent.select_related("flow__draft").order_by("pk"):
        raw = documents.from_text(sample.flow.draft.document)
        try:
            nodes = read_document(raw).nodes
        except InvalidDocument:
            continue
        found += [(sample, node) for node in nodes if node.id == sample.node and node.type == WEBHOOK]
    return found


def _reached(run: UUID, node: str) -> bool:
    step = read.top_steps(run).get(node)
    return step is not None and step.started_at is not None and step.status != "skipped"


def fill(sample: NodeSample, given: Given, *, run: UUID | None = None) -> None:
    """What a listening sample waited for has come. What is too large is kept without what other nodes put out."""
    try:
        text = given.text()
    except LimitExceeded:
        text = Given(input=given.input, nodes={}).text()
    NodeSample.objects.filter(pk=sample.pk, value="").update(value=text, run=run)


def _keep(
    actor: Actor, flow: UUID, node: str, name: str, *, source: str, value: str, run: UUID | None = None
) -> NodeSample:
    access.require(actor, Permission.FLOWS_WRITE)
    found = find_flow(actor, flow)
    cleaned = " ".join(name.split())
    if not 1 <= len(cleaned) <= MAX_NAME or "\x00" in cleaned:
        raise BadInput(reason=f"the name of a sample has 1 to {MAX_NAME} characters")
    if _of(actor, flow).exclude(node=node, name=cleaned).count() >= MAX_SAMPLES:
        raise LimitExceeded(what="The number of samples", size=MAX_SAMPLES + 1, limit=MAX_SAMPLES)
    sample, _ = NodeSample.objects.update_or_create(
        workspace_id=actor.workspace,
        flow=found,
        node=node,
        name=cleaned,
        defaults={"source": source, "value": value, "run": run, "user_id": actor.user, "created_at": timezone.now()},
    )
    return sample


def _of(actor: Actor, flow: UUID) -> QuerySet[NodeSample]:
    return NodeSample.objects.filter(workspace_id=actor.workspace, flow_id=flow)
