"""Circuit breakers in the admin: what is left alone, why and until when; closed by hand by the operation."""

from django.contrib import admin, messages
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from flows.admin.base import Shown, named
from flows.models import Breaker
from flows.operations.administering import administrator
from flows.operations.breakers import reset_breaker


@admin.register(Breaker)
class BreakerAdmin(Shown):
    list_display = ("target", "in_workspace", "state", "failures", "trips", "until", "last_changed")
    list_filter = ("state",)
    list_select_related = ("workspace",)
    ordering = ("-id",)
    search_fields = ("target",)
    fields = ("target", "in_workspace", "state", "failures", "trips", "until", "last_error", "last_changed")
    actions = ("close",)
    last_changed = named("changed_at", _("last changed"))

    @admin.action(description=_("Close the chosen breakers"))
    def close(self, request: HttpRequest, rows: QuerySet[Breaker]) -> None:
        if not isinstance(request.user, User):
            raise PermissionDenied
        for breaker in rows:
            reset_breaker(administrator(request.user.pk, breaker.workspace_id), breaker.pk)
        messages.success(request, gettext("The next attempts go through."))
