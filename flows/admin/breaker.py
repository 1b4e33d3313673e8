"""Circuit breakers in the admin: what is left alone, why and until when; closed by hand by the operation."""

from django.contrib import admin, messages
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from flows.admin.base import Shown
from flows.models import Breaker
from flows.operations.administering import administrator
from flows.operations.breakers import reset_breaker


@admin.register(Breaker)
class BreakerAdmin(Shown):
    list_display = ("target", "workspace", "state", "failures", "trips", "until", "changed_at")
    list_filter = ("state",)
    list_select_related = ("workspace",)
    ordering = ("-id",)
    search_fields = ("target",)
    fields = ("target", "workspace", "state", "failures", "trips", "until", "last_error", "changed_at")
    actions = ("close",)

    @admin.action(description=_("Close the chosen breakers"))
    def close(self, request: HttpRequest, rows: QuerySet[Breaker]) -> None:
        if not isinstance(request.user, User):
            raise PermissionDenied
        for breaker in rows:
            reset_breaker(administrator(request.user.pk, breaker.workspace_id), breaker.pk)
        messages.success(request, gettext("The next attempts go through."))
