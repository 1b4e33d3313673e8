"""The admin's navigation: which pages stand together, in which order, with which icon.

Decides nothing about who may open them: an entry is shown to whom the page's own admin lets in.
"""

from typing import Any, Final

from django.apps import apps
from django.contrib import admin
from django.http import HttpRequest
from django.urls import reverse
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

GROUPS: Final = (
    (
        _("Work"),
        (
            ("flows.Flow", "account_tree"),
            ("flows.Version", "history"),
            ("flows.Run", "play_circle"),
            ("flows.Approval", "how_to_reg"),
            ("flows.Trigger", "bolt"),
            ("flows.Environment", "stacks"),
            ("flows.Deployment", "rocket_launch"),
        ),
    ),
    (
        _("Watch"),
        (
            ("flows.Alert", "notifications"),
            ("flows.Job", "playlist_play"),
            ("flows.Breaker", "power_off"),
            ("flows.Destination", "outbox"),
            ("flows.Delivery", "outgoing_mail"),
            ("flows.AuditEntry", "fact_check"),
        ),
    ),
    (
        _("Access"),
        (
            ("flows.Workspace", "workspaces"),
            ("flows.Credential", "key"),
            ("flows.Token", "token"),
            ("auth.User", "person"),
            ("auth.Group", "group"),
        ),
    ),
)


def navigation(request: HttpRequest) -> list[dict[str, Any]]:
    """Groups of pages, as the admin's theme takes them; only those this person may open."""
    first = {
        "items": [
            {"title": _("Overview"), "icon": "dashboard", "link": reverse("admin:index"), "active": _at_home(request)},
            {"title": _("To the editor"), "icon": "arrow_outward", "link": "/", "active": False},
        ]
    }
    groups = [{"title": title, "items": _pages(request, pages)} for title, pages in GROUPS]
    return [first, *(group for group in groups if group["items"])]


def _at_home(request: HttpRequest) -> bool:
    return request.path == reverse("admin:index")


def _pages(request: HttpRequest, pages: tuple[tuple[str, str], ...]) -> list[dict[str, Any]]:
    shown = []
    for name, icon in pages:
        model = apps.get_model(name)
        if admin.site.get_model_admin(model).has_module_permission(request):
            label = f"{model._meta.app_label}_{model._meta.model_name}"
            title = capfirst(model._meta.verbose_name_plural)
            shown.append({"title": title, "icon": icon, "link": reverse(f"admin:{label}_changelist")})
    return shown
