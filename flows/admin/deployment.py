"""Deployments of models in the admin: to be looked at, found and narrowed down; nobody changes what was."""

from django.contrib import admin

from flows.admin.base import Shown
from flows.models import Deployment


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
        "reason", "workspace", "number", "run", "step", "created_at", "changed_at",
    )  # fmt: skip
