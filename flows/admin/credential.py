"""Credentials in the admin: that they exist, for which hosts, and when they were used. Never a value."""

from django.contrib import admin

from flows.admin.base import Shown
from flows.models.credential import Credential


@admin.register(Credential)
class CredentialAdmin(Shown):
    list_display = ("name", "kind", "hosts", "workspace", "updated_at", "last_used_at")
    list_filter = ("kind",)
    search_fields = ("name",)
    fields = ("workspace", "name", "kind", "hosts", "created_at", "updated_at", "last_used_at")
    readonly_fields = fields
