"""Approvals in the admin: read only."""

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from flows.admin.base import Shown, named
from flows.models import Approval


@admin.register(Approval)
class ApprovalAdmin(Shown):
    list_display = ("title", "run", "created_at", "due_at", "decided", "outcome", "finished")
    list_filter = ("outcome",)
    list_select_related = ("run",)
    ordering = ("-id",)
    fields = ("title", "message", "run", "created_at", "due_at", "decided", "outcome", "finished")
    readonly_fields = fields
    finished = named("closed_at", _("finished"))
