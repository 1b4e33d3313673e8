"""Deployments of models in the admin: to be looked at, found and narrowed down; nobody changes what was."""

from collections.abc import Iterable
from typing import Any, Final

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from flows.admin.base import Shown, named
from flows.models import Deployment
from flows.operations.failures import as_sentence

STRATEGIES: Final = {"all_at_once": _("All at once"), "canary": _("Canary"), "blue_green": _("Blue-green")}
MEND = _(
    "Its step ended without a word of its node, and nobody put anything back: the share above stands. Deploy the version "
    "that is to serve, which takes the variants of this one away, or set the weights at the target by hand."
)


class ByStrategy(admin.SimpleListFilter):
    title = _("strategy")
    parameter_name = "strategy"

    def lookups(self, _request: HttpRequest, _page: Any) -> Iterable[tuple[str, Any]]:
        return STRATEGIES.items()

    def queryset(self, _request: HttpRequest, rows: QuerySet[Deployment]) -> QuerySet[Deployment]:
        return rows.filter(strategy=self.value()) if self.value() else rows


@admin.register(Deployment)
class DeploymentAdmin(Shown):
    list_display = (
        "model",
        "version",
        "previous",
        "environment",
        "endpoint",
        "way",
        "share",
        "state",
        "last_changed",
    )
    list_filter = ("state", "environment", ByStrategy)
    ordering = ("-id",)
    search_fields = ("model", "endpoint", "target")
    fields = (
        "model", "version", "previous", "environment", "endpoint", "target", "way", "variant", "share", "state",
        "why", "mend", "in_workspace", "number", "run", "step", "created_at", "last_changed",
    )  # fmt: skip
    last_changed = named("changed_at", _("last changed"))

    @admin.display(description=_("strategy"), ordering="strategy")
    def way(self, deployment: Deployment) -> str:
        return str(STRATEGIES.get(deployment.strategy, deployment.strategy))

    @admin.display(description=_("reason"))
    def why(self, deployment: Deployment) -> str:
        return as_sentence(deployment.reason) or "–"

    @admin.display(description=_("what to do"))
    def mend(self, deployment: Deployment) -> str:
        return str(MEND) if deployment.state == Deployment.State.ABANDONED else "–"
