"""Runs in the admin: to look at, with links to the live view and to where they are moved to another version."""

from typing import Any
from uuid import UUID

import orjson
from django.contrib import admin
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from flows.admin.base import named
from flows.admin.moving import Moving, way_to_move
from flows.models.run import LIVE, Run, Status
from flows.operations.failures import retold

# What stands in no look is shown by its bare name, in nobody's language.
LOOK = {
    Status.QUEUED: "default",
    Status.PAUSED: "default",
    Status.SUCCEEDED: "success",
    Status.FAILED: "danger",
    Status.CANCELLED: "warning",
    Status.RUNNING: "info",
    Status.COMPENSATING: "warning",
    Status.WAITING: "info",
}


@admin.register(Run)
class RunAdmin(Moving):
    list_display = ("shown_number", "flow", "shown_version", "shown_status", "created_at", "finished_at", "live_view")
    list_filter = ("status",)
    list_select_related = ("flow", "version")
    ordering = ("-id",)
    search_fields = ("id",)
    search_help_text = _("The id of a run")
    fields = (
        "live_view",
        "flow",
        "version",
        "to_move",
        "status",
        "number",
        "attempt",
        "begun_by",
        "given",
        "gave",
        "why",
        "as_written",
        "created_at",
        "started_at",
        "finished_at",
    )
    readonly_fields = fields
    begun_by = named("trigger", _("trigger"))
    given = named("input", _("input"))
    gave = named("output", _("output"))
    as_written = named("error", _("error"))

    @display(description=_("run"), ordering="number")
    def shown_number(self, run: Run) -> str:
        return f"#{run.number}"

    @display(description=_("version"))
    def shown_version(self, run: Run) -> str:
        return f"v{run.version.number}" if run.version else str(_("draft"))

    @display(description=_("status"), label=LOOK)
    def shown_status(self, run: Run) -> tuple[str, Any]:
        return run.status, Status(run.status).label

    @display(description=_("reason"))
    def why(self, run: Run) -> str | None:
        """What it failed with and what helps, in the reader's language; the error below is as the journal has it."""
        if run.error is None:
            return None
        error = orjson.loads(run.error)
        return " ".join(retold(text) for text in (error.get("message"), error.get("hint")) if text)

    @display(description=_("live view"))
    def live_view(self, run: Run) -> str:
        return format_html(
            '<a class="text-primary-600 dark:text-primary-500 font-medium" href="/runs/{}">{}</a>', run.pk, _("Open")
        )

    @display(description=_("move"))
    def to_move(self, run: Run) -> str | None:
        is_parked = run.status in LIVE and run.started_at is not None and run.version_id is not None
        return way_to_move(runs=run.pk) if is_parked else None

    def get_search_results(self, request: HttpRequest, queryset: Any, search_term: str) -> tuple[Any, bool]:
        # A run is found by its whole id; anything shorter would scan the largest table there is.
        text = search_term.strip()
        if not text:
            return queryset, False
        try:
            return queryset.filter(pk=UUID(text)), False
        except ValueError:
            return queryset.none(), False
