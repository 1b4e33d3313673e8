"""Where a flow is live, in the admin: its environments, the pages that promote and take out, and the one on which a second
person decides.

The pages show what would change before they ask for a yes; what a promotion is stands in `operations.promoting`.
"""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.widgets import UnfoldAdminTextInputWidget

from flows.admin.base import Shown
from flows.admin.tables import LINK, changes_table, percent, table, when_shown
from flows.errors import MulgilError
from flows.models import Environment, Flow, Release
from flows.operations.actor import Actor
from flows.operations.administering import administrator
from flows.operations.promoting import Preview, Standing, live_number, preview, promote, standings
from flows.operations.proposals import approve, reject
from flows.operations.reasons import recognised
from flows.operations.releases import take_out
from flows.operations.saying import message_of, said
from flows.security.safejson import dumps


class ReasonForm(forms.Form):
    reason = forms.CharField(
        label=gettext_lazy("Why? It will stand in the history."),
        required=False,
        max_length=1_000,
        widget=UnfoldAdminTextInputWidget,
    )


class PromoteForm(ReasonForm):
    """With what was looked at, so that nothing else goes there."""

    version = forms.IntegerField(required=False, min_value=1, max_value=2**31 - 1, widget=forms.HiddenInput)
    source = forms.CharField(required=False, max_length=40, widget=forms.HiddenInput)


def environments_of(flow: Flow, user: int | None) -> dict[str, Any]:
    """The table of a flow's environments, with the ways on from each."""
    if user is None:
        return {}
    found = standings(administrator(user, flow.workspace_id), flow.pk)
    head = [_("Environment"), _("Live"), _("Released"), _("Author"), _("Waits for a second person"), _("Actions")]
    newest = flow.versions.filter(pruned_at__isnull=True).order_by("-number").values_list("number", flat=True).first()
    rows = [_row(flow, one, found[:place], newest) for place, one in enumerate(found)]
    return {"environments_title": _("Environments"), "environments": table(head, rows)}


def _row(flow: Flow, standing: Standing, before: list[Standing], newest: int | None) -> list[Any]:
    release, proposal, name = standing.release, standing.proposal, standing.environment.name
    live, when, author = "", "", ""
    if release is not None:
        canary = f" + v{release.canary.number} {percent(release.canary_weight)}" if release.canary else ""
        live = format_html('<span class="whitespace-nowrap">{}</span>', f"v{release.version.number}{canary}")
        when, author = when_shown(release.created_at), str(release.author or "")
    waits: Any = ""
    if proposal is not None:
        where = reverse("admin:flows_flow_decide", args=[flow.pk, proposal.pk])
        waits = _link(
            where, _("v%(number)s by %(who)s") % {"number": proposal.version.number, "who": proposal.proposer}
        )
    ways = _ways_on(flow, standing, before, newest) if flow.archived_at is None else []
    if flow.archived_at is None and release is not None:
        ways += _ways_back(flow, release, standing.environment)
    if release is not None:
        where = reverse("admin:flows_flow_take_out", args=[flow.pk, name])
        ways.append(_link(where, _("Take out of %(environment)s") % {"environment": name}))
    return [name, live, when, author, waits, format_html_join(" · ", "{}", ((way,) for way in ways))]


def _ways_on(flow: Flow, standing: Standing, before: list[Standing], newest: int | None) -> list[str]:
    """What the environment before has live; where none has anything, what is newest comes straight from publishing."""
    live = standing.release.version.number if standing.release else None
    name = standing.environment.name
    source = next((one.release.version.number for one in reversed(before) if one.release is not None), None)
    if source is not None:
        where = reverse("admin:flows_flow_promote", args=[flow.pk, name])
        return [_link(where, _("Promote v%(number)s") % {"number": source})] if source != live else []
    if newest is None or standing.environment.is_default or newest <= (live or 0):
        return []
    where = reverse("admin:flows_flow_roll_back", args=[flow.pk, newest])
    return [_link(f"{where}?environment={name}", way_to(newest, None, name))]


def _ways_back(flow: Flow, release: Release, place: Environment) -> list[str]:
    """To the version before, which is the newer one where somebody has rolled back; and out of a canary."""
    ways, before = [], release.previous
    at = "" if place.is_default else f"?environment={place.name}"
    if before is not None and before.pruned_at is None and before.pk != release.version_id:
        where = reverse("admin:flows_flow_roll_back", args=[flow.pk, before.number])
        ways.append(_link(f"{where}{at}", way_to(before.number, release.version.number, place.name)))
    if release.canary is not None:
        where = reverse("admin:flows_flow_canary_end", args=[flow.pk, release.canary.number])
        ways.append(_link(f"{where}{at}", _("End the canary")))
    return ways


def is_forward(number: int, live: int | None) -> bool:
    """Whether making this version live is a release: one that is newer than the live one was never gone back from."""
    return live is None or number > live


def way_to(number: int, live: int | None, place: str | None = None) -> str:
    """What it is called to make this version live."""
    if is_forward(number, live):
        said = _("Release v%(number)s in %(environment)s") if place else _("Release v%(number)s")
    else:
        said = _("Roll %(environment)s back to v%(number)s") if place else _("Roll back to v%(number)s")
    return said % {"environment": place, "number": number}


def _link(where: str, said: str) -> str:
    return format_html('<a class="{} whitespace-nowrap" href="{}">{}</a>', LINK, where, said)


class Promoting(Shown):
    """These pages, for the admin of flows."""

    def get_urls(self) -> list[URLPattern]:
        promoting = self.admin_site.admin_view(self.promote)
        deciding = self.admin_site.admin_view(self.decide)
        leaving = self.admin_site.admin_view(self.take_out)
        own = [
            path("<path:object_id>/promote/<slug:name>/", promoting, name="flows_flow_promote"),
            path("<path:object_id>/take-out/<slug:name>/", leaving, name="flows_flow_take_out"),
            path("<path:object_id>/proposals/<uuid:proposal>/", deciding, name="flows_flow_decide"),
        ]
        return [*own, *super().get_urls()]

    def promote(self, request: HttpRequest, object_id: str, name: str) -> HttpResponse:
        """Show what would change in the environment; on POST, promote."""
        flow, actor = self._asked(request, object_id)
        form = PromoteForm(request.POST or None)
        try:
            if request.method == "POST" and form.is_valid():
                asked = form.cleaned_data
                looked_at = {"source": asked["source"] or None, "version": asked["version"]}
                done = promote(actor, flow.pk, to=name, reason=asked["reason"], **looked_at)
                said = _("It is live in %(environment)s.") if done.release else _("It waits for a second person.")
                messages.success(request, said % {"environment": name} if done.release else said)
                return self._back(flow)
            seen = preview(actor, flow.pk, to=name)
        except MulgilError as error:
            messages.error(request, message_of(error))
            return self._back(flow)
        if not form.is_bound:
            source = seen.source.name if seen.source else ""
            form = PromoteForm(initial={"version": seen.version.number, "source": source})
        title = _("Promote v%(number)s to %(environment)s") % {"number": seen.version.number, "environment": name}
        buttons = [] if seen.obstacles else [("promote", _("Propose it") if seen.needs_second else _("Promote"))]
        return self._page(request, flow, title, seen, form=form, buttons=buttons)

    def take_out(self, request: HttpRequest, object_id: str, name: str) -> HttpResponse:
        """Say what would end in the environment; on POST, end it."""
        flow, actor = self._asked(request, object_id)
        form = ReasonForm(request.POST or None)
        try:
            if request.method == "POST" and form.is_valid():
                take_out(actor, flow.pk, environment=name, reason=form.cleaned_data["reason"])
                said = _("Nothing of %(flow)s starts in %(environment)s any more.")
                messages.success(request, said % {"flow": flow.name, "environment": name})
                return self._back(flow)
            live = live_number(actor, flow.pk, name)
        except MulgilError as error:
            messages.error(request, message_of(error))
            return self._back(flow)
        title = _("Take out of %(environment)s") % {"environment": name}
        context = {**self.about(request, flow, title), "name": name, "live": live, "form": form}
        return TemplateResponse(request, "flows/admin/take_out.html", context)

    def decide(self, request: HttpRequest, object_id: str, proposal: UUID) -> HttpResponse:
        """Show what was proposed; on POST, approve or reject it."""
        flow, actor = self._asked(request, object_id)
        found = flow.proposals.filter(pk=proposal).select_related("version", "environment").first()
        if found is None:
            raise Http404
        form, name = ReasonForm(request.POST or None), found.environment.name
        try:
            if request.method == "POST" and form.is_valid():
                verb = approve if "approve" in request.POST else reject
                verb(actor, flow.pk, proposal, comment=form.cleaned_data["reason"])
                messages.success(
                    request,
                    _("It is live in %(environment)s.") % {"environment": name}
                    if verb is approve
                    else _("Nothing was released."),
                )
                return self._back(flow)
            seen = preview(actor, flow.pk, to=name, version=found.version.number)
        except MulgilError as error:
            messages.error(request, message_of(error))
            return self._back(flow)
        is_own = found.proposed_by_id is not None and found.proposed_by_id == actor.user
        buttons = [] if found.outcome else [("reject", _("Withdraw") if is_own else _("Reject"))]
        if not found.outcome and not is_own and not seen.obstacles:
            buttons.insert(0, ("approve", _("Approve and release")))
        title = _("v%(number)s proposed for %(environment)s by %(who)s")
        told = {"number": found.version.number, "environment": name, "who": found.proposer}
        why = said(recognised(found.reason))
        return self._page(request, flow, title % told, seen, form=form, buttons=buttons, said=why)

    def _asked(self, request: HttpRequest, object_id: str) -> tuple[Flow, Actor]:
        flow = self.get_object(request, object_id)
        if not isinstance(flow, Flow):
            raise Http404
        if not self.has_view_permission(request, flow) or not isinstance(request.user, User):
            raise PermissionDenied
        return flow, administrator(request.user.pk, flow.workspace_id)

    def _back(self, flow: Flow) -> HttpResponseRedirect:
        return HttpResponseRedirect(reverse("admin:flows_flow_change", args=[flow.pk]))

    def _page(self, request: HttpRequest, flow: Flow, title: str, seen: Preview, **rest: Any) -> HttpResponse:
        context = {**self.about(request, flow, title), **_told(seen), **rest}
        return TemplateResponse(request, "flows/admin/asking.html", context)


def _told(seen: Preview) -> dict[str, Any]:
    values = [
        [one.name, dumps(one.value), _("the environment") if one.is_given else _("the flow")] for one in seen.vars
    ]
    bound = [[one.name, one.credential or _("not bound")] for one in seen.credentials]
    return {
        "live": seen.live.number if seen.live else None,
        "changes_title": _("What changes"),
        "changes": changes_table(seen.changes, _("Now"), _("Then")),
        "vars_title": _("Variables there"),
        "vars": table([_("Variable"), _("Value"), _("Given by")], values) if values else None,
        "credentials_title": _("Credentials there"),
        "credentials": table([_("Name in the flow"), _("Credential")], bound) if bound else None,
        "obstacles": in_the_way(seen.obstacles),
    }


def in_the_way(obstacles: Sequence[MulgilError]) -> list[str]:
    """Each with how it is mended."""
    return [f"{message_of(one)} {_(one.hint) if one.hint else ''}".rstrip() for one in obstacles]
