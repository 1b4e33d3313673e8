"""Versions in the admin: what each one changed, and its whole document; read only."""

from typing import Any

from django.contrib import admin
from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.decorators import display

from flows.admin.base import Shown, number_asked
from flows.admin.moving import way_to_move
from flows.admin.tables import LINK, changes_table
from flows.dsl.files import write_file
from flows.models.flow import Version
from flows.operations.administering import administrator
from flows.operations.documents import VersionPruned, document_of
from flows.operations.versions import compare

COMPARED = 30


@admin.register(Version)
class VersionAdmin(Shown):
    workspace_path = "flow__workspace"
    list_display = ("shown_number", "flow", "name", "note", "written_by", "published_at", "pruned_at")
    list_select_related = ("flow", "author")
    ordering = ("-id",)
    search_fields = ("flow__name", "note")
    fields = (
        "flow_page",
        "name",
        "note",
        "written_by",
        "published_at",
        "pruned_at",
        "runs_under_way",
        "content_hash",
        "whole_document",
    )
    readonly_fields = fields
    change_form_outer_before_template = "flows/admin/changed.html"

    @display(description=gettext_lazy("version"), ordering="number")
    def shown_number(self, version: Version) -> str:
        return f"v{version.number}"

    @display(description=gettext_lazy("Author"))
    def written_by(self, version: Version) -> User | None:
        return version.author

    @display(description=gettext_lazy("flow"))
    def flow_page(self, version: Version) -> str:
        where = reverse("admin:flows_flow_change", args=[version.flow_id])
        return format_html('<a class="{}" href="{}">{}</a>', LINK, where, version.flow)

    @display(description=gettext_lazy("hash"))
    def content_hash(self, version: Version) -> str:
        return format_html("<code>{}</code>", version.hash)

    @display(description=gettext_lazy("runs that go on by it"))
    def runs_under_way(self, version: Version) -> str:
        return way_to_move(version=version.pk)

    @display(description=gettext_lazy("document"))
    def whole_document(self, version: Version) -> str:
        if version.pruned_at is not None:
            return _("Pruned by the policy of the flow or the workspace: the document is gone.")
        text = write_file(document_of(version), name=version.flow.name)
        return format_html('<pre class="font-mono overflow-auto text-xs max-h-[32rem]">{}</pre>', text)

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        version = self.get_object(request, object_id)
        before = request.GET.get("from", "")
        changed = _changed(version, request.user.pk, before) if isinstance(version, Version) else {}
        return super().change_view(request, object_id, form_url, {**(extra_context or {}), **changed})


def _changed(version: Version, user: int | None, asked: str) -> dict[str, Any]:
    """What differs from the version asked for, else from the one before it; and which others it can be held against."""
    others = version.flow.versions.exclude(pk=version.pk).filter(pruned_at__isnull=True).order_by("-number")
    numbers = list(others.values_list("number", flat=True)[:COMPARED])
    earlier = [number for number in numbers if number < version.number]
    number = number_asked(asked, numbers) or next(iter(earlier), None)
    links = {"compared": [{"number": one, "is_shown": one == number} for one in numbers]}
    if number is None or user is None:
        return links
    actor = administrator(user, version.flow.workspace_id)
    try:
        changes = compare(actor, version.flow_id, before=number, after=version.number)
    except VersionPruned:  # the document's place says so
        return {}
    return {
        **links,
        "changes_title": _("What changed since v%(number)s") % {"number": number},
        "changes": changes_table(changes, _("Before"), _("Now")),
    }
