"""Jobs in the admin: what is done to many runs, by whom, and how far it is."""

from django.contrib import admin

from flows.admin.base import Shown
from flows.models import Job


@admin.register(Job)
class JobAdmin(Shown):
    list_display = ("action", "workspace", "actor", "status", "total", "done", "refused", "created_at", "finished_at")
    list_filter = ("action", "status")
    list_select_related = ("workspace",)
    ordering = ("-id",)
    fields = (
        "action",
        "workspace",
        "filter",
        "actor",
        "status",
        "total",
        "done",
        "refused",
        "stopped_by",
        "created_at",
        "finished_at",
    )
