"""Flows in the admin: their versions, their releases, and the page that releases another version or rolls back to it.

The page shows what would change before it asks for a yes; what is done then are `operations.release` and `roll_back`.
"""

from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.decorators import display

from flows.admin.base import named
from flows.admin.canary import canary_shown, share_shown
from flows.admin.moving import way_to_move
from flows.admin.promoting import ReasonForm, environments_of, in_the_way, is_forward, way_to
from flows.admin.tables import LINK, changes_table, table, when_shown
from flows.admin.trying import Trying, begin_address, end_address
from flows.errors import MulgilError
from flows.models.flow import Flow, Release, Version
from flows.operations.actor import Actor
from flows.operations.administering import administrator
from flows.operations.errors import NotLiveThere
from flows.operations.flows import with_lives
from flows.operations.foreseeing import foresee
from flows.operations.good import NoGoodVersion, last_good
from flows.operations.promoting import live_number
from flows.operations.reasons import recognised
from flows.operations.releases import release, roll_back
from flows.operations.saying import message_of, said
from flows.operations.versions import compare

SHOWN_VERSIONS = 50
BUTTON = "border border-base-200 font-medium inline-block px-3 py-1 rounded-default text-primary-600 dark:border-base-700 dark:text-primary-500"


@admin.register(Flow)
class FlowAdmin(Trying):
    list_display = ("name", "workspace", "live_version", "active", "archived", "updated_at")
    list_filter = ("active",)
    list_select_related = ("workspace",)
    search_fields = ("name",)
    fields = (
        "name",
        "workspace",
        "live_version",
        "in_editor",
        "runs_under_way",
        "active",
        "retention_days",
        "failed_days",
        "payload_days",
        "created_at",
        "updated_at",
        "archived",
    )
    readonly_fields = fields
    archived = named("archived_at", gettext_lazy("archived at"))
    change_form_outer_before_template = "flows/admin/history.html"

    def get_queryset(self, request: HttpRequest) -> QuerySet[Flow]:
        return super().get_queryset(request).prefetch_related(with_lives())

    @display(description=gettext_lazy("live version"), label="success")
    def live_version(self, flow: Flow) -> str | None:
        live = flow.live
        return f"v{live.version.number}" if live else None

    @display(description=gettext_lazy("on the canvas"))
    def in_editor(self, flow: Flow) -> str:
        return format_html('<a class="{}" href="/flows/{}">{}</a>', BUTTON, flow.pk, _("Open in the editor"))

    @display(description=gettext_lazy("runs that go on"))
    def runs_under_way(self, flow: Flow) -> str:
        return way_to_move(flow=flow.pk)

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        flow = self.get_object(request, object_id)
        history: dict[str, Any] = {}
        if isinstance(flow, Flow):
            history = _history(flow) | _way_back(flow, request.user.pk) | environments_of(flow, request.user.pk)
        return super().change_view(request, object_id, form_url, {**(extra_context or {}), **history})

    def get_urls(self) -> list[URLPattern]:
        confirm = self.admin_site.admin_view(self.roll_back)
        own = path("<path:object_id>/roll-back/<int:number>/", confirm, name="flows_flow_roll_back")
        return [own, *super().get_urls()]

    def roll_back(self, request: HttpRequest, object_id: str, number: int) -> HttpResponse:
        """Show what would change and what is in the way; on POST, roll back, or release what is newer than the live one."""
        flow, actor = self._asked(request, object_id)
        where = request.GET.get("environment")
        form = ReasonForm(request.POST or None)
        try:
            live = _live_there(actor, flow, where)
            if request.method == "POST" and form.is_valid():
                verb = release if is_forward(number, live) else roll_back
                verb(actor, flow.pk, version=number, reason=form.cleaned_data["reason"], environment=where)
                said = _("New runs of %(flow)s use version %(number)s now.")
                messages.success(request, said % {"flow": flow.name, "number": number})
                return self._back(flow)
            seen = foresee(actor, flow.pk, version=number, environment=where)
            changes = compare(actor, flow.pk, before=live, after=number) if live is not None else []
        except MulgilError as error:
            if request.method != "POST":
                raise Http404 from None
            messages.error(request, message_of(error))
            return self._back(flow)
        context = {
            **self.about(request, flow, way_to(number, live, where)),
            "place": where,
            "live": live,
            "number": number,
            "missing": ", ".join(seen.missing),
            "obstacles": in_the_way(seen.obstacles),
            "form": form,
            "changes_title": _("What changes"),
            "changes": changes_table(changes, _("Now"), _("Then")),
        }
        return TemplateResponse(request, "flows/admin/roll_back.html", context)


def _history(flow: Flow) -> dict[str, Any]:
    """Tables of the flow's newest versions and releases."""
    versions = flow.versions.select_related("author").defer("document").order_by("-number")[:SHOWN_VERSIONS]
    releases = flow.releases.select_related("version", "previous", "canary", "author", "environment").order_by("-pk")[
        :SHOWN_VERSIONS
    ]
    release = flow.live
    live = release.version.number if release else None
    tried = release.canary.number if release and release.canary else None
    head = [_("Version"), _("Note"), _("Author"), _("Published"), _("Actions")]
    past = [_("Released"), _("Environment"), _("Kind"), _("Live"), _("Before"), _("Reason"), _("Author")]
    return {
        **canary_shown(release),
        "canary_end": end_address(release) if release and flow.archived_at is None else "",
        "versions_title": _("Versions"),
        "versions": table(head, (_version_row(flow, version, live=live, tried=tried) for version in versions)),
        "releases_title": _("Releases"),
        "releases": table(past, (_release_row(release) for release in releases)),
    }


def _way_back(flow: Flow, user: int | None) -> dict[str, Any]:
    """The shortest way back: to the last good version, with what speaks for it."""
    if flow.live is None or flow.archived_at is not None or user is None:
        return {}
    try:
        good = last_good(administrator(user, flow.workspace_id), flow.pk)
    except NoGoodVersion:
        return {}
    said = _("Roll back to the last good version, v%(number)s: %(good)s of its last %(runs)s runs succeeded")
    return {
        "way_back": reverse("admin:flows_flow_roll_back", args=[flow.pk, good.version.number]),
        "way_back_said": said % {"number": good.version.number, "good": good.runs - good.failed, "runs": good.runs},
    }


def _version_row(flow: Flow, version: Version, *, live: int | None, tried: int | None) -> list[Any]:
    if live == version.number:
        way: Any = _("live")
    elif version.pruned_at is not None:
        way = _("pruned")
    elif flow.archived_at is not None:
        way = ""
    else:
        way = _ways(flow, version.number, live=live, tried=tried)
    when = when_shown(version.published_at)
    page = reverse("admin:flows_version_change", args=[version.pk])
    number = format_html('<a class="{}" href="{}">v{}</a>', LINK, page, version.number)
    note = format_html("<b>{}</b> {}", version.name, version.note) if version.name else version.note
    return [number, note, version.author or "", when, way]


def _ways(flow: Flow, number: int, *, live: int | None, tried: int | None) -> str:
    """How a version that isn't live comes to be, at once or as a canary."""
    ways = [(reverse("admin:flows_flow_roll_back", args=[flow.pk, number]), way_to(number, live))]
    if live is not None and number != tried:
        ways.append((begin_address(flow, number), _("Try v%(number)s") % {"number": number}))
    link = '<a class="{} whitespace-nowrap" href="{}">{}</a>'
    return format_html_join(" · ", link, ((LINK, where, said) for where, said in ways))


def _live_there(actor: Actor, flow: Flow, where: str | None) -> int | None:
    """None where nothing of the flow is live, as after it was taken out."""
    try:
        return live_number(actor, flow.pk, where)
    except NotLiveThere:
        return None


def _release_row(release: Release) -> list[Any]:
    before = f"v{release.previous.number}" if release.previous else ""
    when = when_shown(release.created_at)
    kind = Release.Kind(release.kind).label
    where = release.environment.name
    live = "" if release.kind == Release.Kind.TAKE_OUT else f"v{release.version.number}"
    return [when, where, kind, live, before, _reason(release), release.author or ""]


def _reason(release: Release) -> str:
    """Which canary, why, and the runs that made a guard act, each with its way to the live view."""
    links = format_html_join(
        " ",
        '<a class="{}" href="/runs/{}">{}</a>',
        ((LINK, run, f"#{place}") for place, run in enumerate(release.evidence.get("runs", ()), start=1)),
    )
    about = share_shown(release) or (f"v{release.evidence['version']}" if release.evidence.get("version") else "")
    why = " · ".join(filter(None, (about, said(recognised(release.reason)))))
    return format_html("{} {}", why, links) if links else why
