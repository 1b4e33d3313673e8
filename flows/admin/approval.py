"""Approvals in the admin: read only."""

from django.contrib import admin

from flows.admin.base import Shown
from flows.models import Approval


@admin.register(Approval)
class ApprovalAdmin(Shown):
    list_display = ("title", "run", "created_at", "due_at", "decided", "outcome", "closed_at")
    list_filter = ("outcome",)
    list_select_related = ("run",)
    ordering = ("-id",)
    fields = ("title", "message", "run", "created_at", "due_at", "decided", "outcome", "closed_at")
    readonly_fields = fields
