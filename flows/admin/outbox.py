"""Destinations and deliveries in the admin: what goes where, what was given up; tried again and dropped by the operations."""

from collections import defaultdict
from collections.abc import Callable, Sequence
from typing import Any
from uuid import UUID

from django.contrib import admin, messages
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from flows.admin.base import Shown, named
from flows.models import Delivery, Destination
from flows.operations.actor import Actor
from flows.operations.administering import administrator
from flows.operations.deliveries import drop_deliveries, retry_deliveries


@admin.register(Destination)
class DestinationAdmin(Shown):
    """To look at; it is set up over the API."""

    list_display = ("name", "workspace", "kind", "topics", "is_active")
    list_filter = ("is_active", "kind")
    list_select_related = ("workspace",)
    ordering = ("-id",)
    search_fields = ("name",)
    fields = (
        "name", "workspace", "kind", "config", "topics", "credential", "signing", "is_active", "max_attempts", "max_age",
        "waits_for_dead", "created_at",
    )  # fmt: skip


class ToDestination(admin.RelatedFieldListFilter):
    def __init__(self, *given: Any, **also: Any) -> None:
        super().__init__(*given, **also)
        self.title = _("destination")


@admin.register(Delivery)
class DeliveryAdmin(Shown):
    list_display = ("what", "to", "in_workspace", "state", "tries", "next_try_at", "last_error")
    list_filter = ("state", ("destination", ToDestination))
    list_select_related = ("message", "destination", "workspace")
    ordering = ("-id",)
    fields = ("what", "to", "in_workspace", "state", "tries", "since", "next_try_at", "finished", "last_error")
    what = named("message", _("Message"))
    to = named("destination", _("destination"))
    finished = named("done_at", _("finished"))
    actions = ("again", "drop")

    @admin.action(description=_("Send the chosen dead messages again"))
    def again(self, request: HttpRequest, rows: QuerySet[Delivery]) -> None:
        self._each(request, rows, retry_deliveries)
        messages.success(request, gettext("They go out within moments, where a destination takes them."))

    @admin.action(description=_("Drop the chosen messages for good"))
    def drop(self, request: HttpRequest, rows: QuerySet[Delivery]) -> None:
        self._each(request, rows, drop_deliveries)
        messages.success(request, gettext("They are dropped."))

    def _each(
        self, request: HttpRequest, rows: QuerySet[Delivery], verb: Callable[[Actor, Sequence[UUID]], Any]
    ) -> None:
        if not isinstance(request.user, User):
            raise PermissionDenied
        chosen: dict[UUID, list[UUID]] = defaultdict(list)
        for workspace, delivery in rows.exclude(workspace=None).values_list("workspace_id", "pk"):
            chosen[workspace].append(delivery)
        for workspace, deliveries in chosen.items():
            verb(administrator(request.user.pk, workspace), deliveries)
