"""Deployments of models in the admin: to be looked at, found and narrowed down; nobody changes what was."""

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from flows.admin.base import Shown
from flows.models import Deployment
from flows.operations.failures import as_sentence

MEND = _(
    "Its step ended without a word of its node, and nobody put anything back: the share above stands. Deploy the version "
    "that is to serve, which takes the variants of this one away, or set the weights at the target by hand."
)


@admin.register(Deployment)
class DeploymentAdmin(Shown):
    list_display = (
        "model",
        "version",
        "previous",
        "environment",
        "endpoint",
        "strategy",
        "share",
        "state",
        "changed_at",
    )
    list_filter = ("state", "environment", "strategy")
    ordering = ("-id",)
    search_fields = ("model", "endpoint", "target")
    fields = (
        "model", "version", "previous", "environment", "endpoint", "target", "strategy", "variant", "share", "state",
        "why", "mend", "workspace", "number", "run", "step", "created_at", "changed_at",
    )  # fmt: skip

    @admin.display(description=_("reason"))
    def why(self, deployment: Deployment) -> str:
        return as_sentence(deployment.reason) or "–"

    @admin.display(description=_("what to do"))
    def mend(self, deployment: Deployment) -> str:
        return str(MEND) if deployment.state == Deployment.State.ABANDONED else "–"
