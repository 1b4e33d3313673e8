"""Triggers follow the release: the transaction that releases a version activates its triggers and ends the old
one's. A webhook's path belongs to one flow in an environment; a clash refuses the release and names the other, and is told
before by `clashes`."""

import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any, Final

from django.db import IntegrityError, transaction
from django.utils import timezone

from flows.dsl.document import Document, Node
from flows.errors import Conflict
from flows.models import Environment, Flow, Live, Trigger, Version
from flows.nodes.schedule import next_moments
from flows.operations import documents
from flows.security import safejson

WEBHOOK: Final = "trigger.webhook"
SCHEDULE: Final = "trigger.schedule"
_PARAMETER: Final = re.compile(r":[^/]*")


class PathTaken(Conflict):
    """The webhook path {path} belongs to the flow {flow} already."""

    code = "path_taken"
    hint = "Give the webhook another path, or turn the other flow's triggers off."


def clashes(flow: Flow, environment: Environment, document: Document) -> Iterator[PathTaken]:
    """What `follow` would meet there as things are: the paths of the document's webhooks that other flows have."""
    if not _runs(flow):
        return
    paths = {_path(node) for node in activated(document) if node.type == WEBHOOK} - {""}
    others = Trigger.objects.filter(environment=environment, active=True, path__in=paths).exclude(flow=flow)
    for trigger in others.select_related("flow").order_by("path"):
        yield PathTaken(path=trigger.path, flow=trigger.flow.name)


def follow(flow: Flow, environment: Environment, version: Version) -> None:
    """Make the flow's triggers there those of this version. The flow's row must be locked. Raises PathTaken."""
    runs = _runs(flow)
    wanted = {node.id: node for node in activated(documents.document_of(version))}
    rows = Trigger.objects.filter(flow=flow, environment=environment)
    standing = {trigger.node: trigger for trigger in rows.order_by("pk")}
    rows.filter(active=True).update(active=False)
    for node in wanted.values():
        trigger = standing.get(node.id)
        if trigger is None or trigger.kind != node.type:
            trigger = Trigger(
                workspace_id=flow.workspace_id, flow=flow, environment=environment, node=node.id, kind=node.type
            )
        _set(trigger, node, version, runs)
        _save(trigger)
    kept = [trigger.pk for trigger in rows.filter(version=version, node__in=wanted)]
    rows.exclude(pk__in=kept).delete()


def leave(flow: Flow, environment: Environment) -> None:
    """Nothing from outside starts the flow there any more. The flow's row must be locked."""
    Trigger.objects.filter(flow=flow, environment=environment).delete()


def pause_triggers(flow: Flow) -> None:
    """Nothing from outside starts the flow until resume_triggers."""
    Trigger.objects.filter(flow=flow).update(active=False)


def resume_triggers(flow: Flow) -> None:
    """Activate the triggers of what is live again, wherever it is and if nothing else holds them."""
    for live in Live.objects.filter(flow=flow).select_related("environment", "release__version").order_by("pk"):
        follow(flow, live.environment, live.release.version)


def activated(document: Document) -> list[Node]:
    """The trigger nodes that something outside must know of."""
    return [node for node in document.nodes if node.type in (WEBHOOK, SCHEDULE) and not node.disabled]


def blank_path(path: str) -> str:
    """A webhook's path without slashes at its ends and with its parameters' names blanked: `orders/:`."""
    return _PARAMETER.sub(":", path.strip().strip("/"))


def _runs(flow: Flow) -> bool:
    """Whether anything from outside may start the flow."""
    return flow.active and flow.archived_at is None and flow.suspended_at is None


def _path(webhook: Node) -> str:
    return blank_path(str(webhook.config.get("path", "")))


def _set(trigger: Trigger, node: Node, version: Version, runs: bool) -> None:
    config = safejson.dumps(node.config)
    changed = trigger.config != config or not trigger.active
    trigger.version, trigger.active, trigger.config = version, runs, config
    trigger.credential = node.credential or ""
    if node.type == WEBHOOK:
        trigger.path = _path(node)
    elif changed or trigger.next_at is None or trigger.next_at < timezone.now():
        trigger.next_at = next_slot(node.config, timezone.now())


def next_slot(config: Mapping[str, Any], after: datetime) -> datetime | None:
    """The first moment of a schedule past `after`; None where there will never be one."""
    fields = {name: config[name] for name in ("cron", "every", "timezone") if config.get(name)}
    return next(iter(next_moments(after, **fields, count=1)), None)


def _save(trigger: Trigger) -> None:
    try:
        with transaction.atomic():
            trigger.save()
    except IntegrityError:
        holder = Trigger.objects.select_related("flow").filter(
            environment_id=trigger.environment_id, path=trigger.path, active=True
        )
        other = holder.first()
        raise PathTaken(path=trigger.path, flow=other.flow.name if other else "another flow") from None
