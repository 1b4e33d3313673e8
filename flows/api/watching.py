"""Triggers, alerts and the audit over HTTP."""

from typing import ClassVar
from uuid import UUID

import orjson
from rest_framework.request import Request
from rest_framework.response import Response

from flows.api.access_shapes import AlertShape, AlertsQuery, AuditShape, TriggerShape
from flows.api.described import described
from flows.api.endpoint import Endpoint
from flows.api.paging import Listing, ListQuery, listing
from flows.models import Alert, AuditEntry, Trigger
from flows.operations import alerts, audit, triggers
from flows.operations.access import Permission
from flows.operations.audit_words import sentence_of
from flows.operations.failures import retold
from flows.operations.reasons import recognised
from flows.operations.saying import said


class Triggers(Endpoint):
    needs: ClassVar = {"get": Permission.FLOWS_READ}

    @described("List the triggers of released versions", gives={200: Listing[TriggerShape]}, query=ListQuery)
    def get(self, request: Request) -> Response:
        asked = self.query(ListQuery)
        page = triggers.list_triggers(self.actor, cursor=asked.cursor, limit=asked.limit)
        return Response(listing(request, page, trigger_shape))


class Alerts(Endpoint):
    needs: ClassVar = {"get": Permission.RUNS_READ}

    @described("List what needs a person", gives={200: Listing[AlertShape]}, query=AlertsQuery)
    def get(self, request: Request) -> Response:
        asked = self.query(AlertsQuery)
        page = alerts.list_alerts(self.actor, seen=asked.seen, cursor=asked.cursor, limit=asked.limit)
        return Response(listing(request, page, alert_shape))


class SeenAlert(Endpoint):
    needs: ClassVar = {"post": Permission.RUNS_STEER}

    @described("Mark an alert as seen", gives={200: AlertShape})
    def post(self, _: Request, alert: UUID) -> Response:
        return Response(alert_shape(alerts.mark_seen(self.actor, alert)))


class Audit(Endpoint):
    needs: ClassVar = {"get": Permission.AUDIT_READ}

    @described("Who did what, newest first", gives={200: Listing[AuditShape]}, query=ListQuery)
    def get(self, request: Request) -> Response:
        asked = self.query(ListQuery)
        page = audit.list_audit(self.actor, cursor=asked.cursor, limit=asked.limit)
        return Response(listing(request, page, audit_shape))


def trigger_shape(trigger: Trigger) -> TriggerShape:
    config = orjson.loads(trigger.config)
    there = trigger.environment
    place = trigger.workspace.slug if there.is_default else f"{trigger.workspace.slug}@{there.name}"
    path = f"/hooks/{place}/{str(config.get('path', '')).strip('/')}" if trigger.path else None
    return TriggerShape(
        id=trigger.pk,
        flow=trigger.flow_id,
        flow_name=trigger.flow.name,
        version=trigger.version.number,
        node=trigger.node,
        kind=trigger.kind,
        environment=there.name,
        active=trigger.active,
        path=path,
        next_at=trigger.next_at,
        config=config,
    )


def alert_shape(alert: Alert) -> AlertShape:
    return AlertShape(
        id=alert.pk,
        flow=alert.flow_id,
        run=alert.run_id,
        step=alert.step,
        code=alert.code,
        message=retold(said(recognised(alert.message))),
        created_at=alert.created_at,
        seen_at=alert.seen_at,
    )


def audit_shape(entry: AuditEntry) -> AuditShape:
    return AuditShape(
        id=entry.pk,
        actor=entry.actor,
        verb=entry.verb,
        subject=entry.subject,
        sentence=sentence_of(entry),
        details=entry.details,
        at=entry.at,
    )
