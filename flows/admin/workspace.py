"""Workspaces and what belongs to them: members, tokens, alerts, and what people did."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from unfold.admin import TabularInline

from flows.admin.base import Shown, named
from flows.models.access import Membership, Token, Workspace
from flows.models.audit import Alert, AuditEntry
from flows.models.trigger import Trigger
from flows.operations.administering import administered
from flows.operations.audit_words import sentence_of


class Members(TabularInline):
    model = Membership
    fields = ("user", "role", "created_at")
    readonly_fields = fields
    extra = 0
    can_delete = False

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return True

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(Workspace)
class WorkspaceAdmin(Shown):
    list_display = ("name", "slug", "retention_days", "created_at")
    search_fields = ("name", "slug")
    fields = ("name", "slug", "retention_days", "keep_versions", "keep_version_days", "created_at")
    readonly_fields = fields
    inlines = (Members,)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return administered(request.user.pk)


@admin.register(Token)
class TokenAdmin(Shown):
    list_display = ("name", "user", "workspace", "hint", "created_at", "last_used_at", "expires_at", "revoked_at")
    fields = ("workspace", "user", "name", "hint", "scopes", "created_at", "last_used_at", "expires_at", "revoked_at")
    readonly_fields = fields


@admin.register(Trigger)
class TriggerAdmin(Shown):
    list_display = ("flow", "environment", "node", "kind", "path", "next_at", "active", "workspace")
    list_filter = ("kind", "active")
    fields = ("workspace", "flow", "environment", "version", "node", "kind", "path", "next_at", "active", "created_at")
    readonly_fields = fields


@admin.register(Alert)
class AlertAdmin(Shown):
    list_display = ("message", "code", "of_flow", "of_step", "created_at", "seen_at")
    list_filter = ("code",)
    list_select_related = ("flow",)
    fields = ("in_workspace", "of_flow", "of_run", "of_step", "code", "message", "created_at", "seen_at")
    readonly_fields = fields
    of_flow = named("flow", _("flow"))
    of_run = named("run_id", _("run"))
    of_step = named("step", _("step"))


@admin.register(AuditEntry)
class AuditAdmin(Shown):
    list_display = ("at", "actor", "what", "in_workspace")
    list_filter = ("verb",)
    list_select_related = ("workspace",)
    fields = ("in_workspace", "at", "actor", "what", "verb", "subject", "details")
    readonly_fields = fields
    ordering = ("-id",)

    @admin.display(description=_("what was done"))
    def what(self, entry: AuditEntry) -> str:
        return sentence_of(entry)
