"""Is it alive, is it ready, and in figures how it fares. These answer anyone and tell of no one's data."""

import logging
from typing import ClassVar

from django.db import DatabaseError, InterfaceError
from django.http import HttpResponse
from rest_framework.request import Request
from rest_framework.response import Response

from flows.api.endpoint import Endpoint, Open
from flows.observe.metrics import rendered
from flows.operations.fitness import fitness, queue_figures

log = logging.getLogger(__name__)

METRICS = "text/plain; version=0.0.4; charset=utf-8"


class Anyones(Endpoint):
    """Open, and without a look at who calls: a session would need the database."""

    authentication_classes = ()
    needs: ClassVar = {"get": Open.ANYONE}


class Alive(Anyones):
    schema = None

    def get(self, _: Request) -> Response:
        return Response({"status": "ok"})


class Ready(Anyones):
    """200 only when the database, the migrations and an executor answer."""

    schema = None

    def get(self, _: Request) -> Response:
        try:
            found = fitness()
        except (DatabaseError, InterfaceError) as error:
            log.warning("not ready: %s", error)
            return Response({"status": "unavailable", "database": False}, status=503)
        body = {"database": True, "migrations": found.migrations, "executor": found.executor}
        status = "ok" if found.is_ready else "unavailable"
        return Response({"status": status, **body}, status=200 if found.is_ready else 503)


class Metrics(Anyones):
    schema = None

    def get(self, _: Request) -> HttpResponse:
        lines = [f"# TYPE mulgil_{name} gauge\nmulgil_{name} {value}" for name, value in _figures().items()]
        return HttpResponse(rendered() + ("\n".join(lines) + "\n").encode(), content_type=METRICS)


def _figures() -> dict[str, int]:
    try:
        figures = queue_figures()
    except (DatabaseError, InterfaceError) as error:
        log.warning("the figures of the database are missing: %s", error)
        return {"database_up": 0}
    return {
        "database_up": 1,
        "runs_ready": figures["ready"],
        "runs_due": figures["due"],
        "executors": figures["executors"],
        **{name: figure for name, figure in figures.items() if name.startswith("outbox_")},
    }
