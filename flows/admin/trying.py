"""Canaries in the admin: the page that begins one, and the page that ends it for everyone or takes it back.

The pages show what would change, and what the guards have seen, before they ask for a yes. What guards and steps may say
stands in `operations.guards`, what begins and ends in `operations.releases`.
"""

import re
from collections.abc import Callable, Sequence
from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.widgets import UnfoldAdminDecimalFieldWidget, UnfoldAdminIntegerFieldWidget, UnfoldAdminTextInputWidget

from flows.admin.canary import canary_shown
from flows.admin.promoting import Promoting, ReasonForm, in_the_way
from flows.admin.tables import changes_table
from flows.errors import MulgilError
from flows.models import Flow, Release
from flows.operations.actor import Actor
from flows.operations.errors import ReleasedMeanwhile
from flows.operations.foreseeing import foresee_canary
from flows.operations.guards import DEFAULT_MIN_RUNS, DEFAULT_MINUTES, EXAMPLE, SHARES
from flows.operations.promoting import Standing, standings
from flows.operations.releases import end_canary, release_canary, start_canary
from flows.operations.saying import message_of
from flows.operations.versions import compare


class _Number(forms.DecimalField):
    def __init__(self, **given: Any) -> None:
        widget = UnfoldAdminDecimalFieldWidget(attrs={"step": "any"})
        super().__init__(required=False, min_value=0, max_digits=14, decimal_places=4, widget=widget, **given)


class CanaryForm(ReasonForm):
    """The share, the steps and the guards, as people write them: shares in percent. `seen` is the release it is begun
    beside, so that a page that is sent twice begins once."""

    seen = forms.UUIDField(required=False, widget=forms.HiddenInput)

    steps = forms.CharField(
        label=gettext_lazy("Steps, % of new runs"),
        required=False,
        max_length=200,
        initial="5, 25, 50, 100",
        help_text=gettext_lazy(
            "Each is held for the least runs and minutes below; what held at 100 is released. 100 alone is blue-green: all "
            "at once, with the version before standing by. Left empty, the share stays as it begins."
        ),
        widget=UnfoldAdminTextInputWidget,
    )
    weight = forms.IntegerField(
        label=gettext_lazy("Begin with, % of new runs"),
        required=False,
        min_value=0,
        max_value=100,
        help_text=gettext_lazy("Left empty, the first step."),
        widget=UnfoldAdminIntegerFieldWidget,
    )
    error_rate = _Number(label=gettext_lazy("Take it back when more fail than, %"), max_value=100, initial=5)
    p99_ms = _Number(label=gettext_lazy("Take it back when 99 % take longer than, ms"))
    expression = forms.CharField(
        label=gettext_lazy("Take it back when a result is not as this says"),
        required=False,
        max_length=8_192,
        help_text=EXAMPLE,
        widget=UnfoldAdminTextInputWidget,
    )
    expression_rate = _Number(label=gettext_lazy("Results that may be otherwise, %"), max_value=100)
    min_runs = forms.IntegerField(
        label=gettext_lazy("Judge after so many runs"),
        required=False,
        min_value=0,
        max_value=1_000_000,
        initial=DEFAULT_MIN_RUNS,
        widget=UnfoldAdminIntegerFieldWidget,
    )
    minutes = _Number(label=gettext_lazy("Minutes that are looked at, and that a step lasts"), initial=DEFAULT_MINUTES)
    field_order = ("steps", "weight", "error_rate", "p99_ms", "expression", "expression_rate", "min_runs", "minutes")

    def clean_steps(self) -> list[int]:
        words = re.findall(r"[^\s,;%]+", self.cleaned_data["steps"])
        if not all(re.fullmatch(r"[0-9]{1,3}", word) for word in words):
            raise forms.ValidationError(_("Write whole percentages with commas between them: 5, 25, 100."))
        return [int(word) for word in words]

    def guards(self) -> dict[str, Any]:
        given = {name: value for name, value in self.cleaned_data.items() if value not in (None, "")}
        numbers = {name: float(given[name]) for name in ("p99_ms", "minutes") if name in given}
        shares = {name: float(given[name] / 100) for name in SHARES if name in given}
        return numbers | shares | {name: given[name] for name in ("min_runs", "expression") if name in given}


class Trying(Promoting):
    """The two pages, for the admin of flows."""

    def get_urls(self) -> list[URLPattern]:
        begins, ends = self.admin_site.admin_view(self.begin), self.admin_site.admin_view(self.end)
        own = [
            path("<path:object_id>/canary/<int:number>/", begins, name="flows_flow_canary"),
            path("<path:object_id>/canary/<int:number>/end/", ends, name="flows_flow_canary_end"),
        ]
        return [*own, *super().get_urls()]

    def begin(self, request: HttpRequest, object_id: str, number: int) -> HttpResponse:
        """Show what the version would change where it is tried; on POST, begin."""
        flow, actor = self._asked(request, object_id)
        places = [one for one in standings(actor, flow.pk) if _can_try(one, number)]
        standing = _chosen(places, request.GET.get("environment"))
        if standing is None:
            raise Http404
        told = {"number": number, "environment": standing.environment.name}
        form = CanaryForm(request.POST if request.method == "POST" else None, initial={"seen": _live(standing).pk})
        try:
            if request.method == "POST" and form.is_valid() and _begun(actor, flow, number, standing, form):
                messages.success(request, _("v%(number)s is tried in %(environment)s now.") % told)
                return self._back(flow)
        except ReleasedMeanwhile as error:
            messages.error(request, message_of(error))
            return self._back(flow)
        said = _("A share of the new runs goes to it, watched by guards. Runs that have begun keep their version.")
        title = _("Try v%(number)s as a canary in %(environment)s") % told
        context = _compared(actor, flow, standing, number) | {
            "said": f"{said} {_instead(standing)}".strip(),
            "places": _named(places, standing) if len(places) > 1 else [],
            **_foreseen(actor, flow, standing, number, form),
        }
        return self._tried(request, flow, title, form, context)

    def end(self, request: HttpRequest, object_id: str, number: int) -> HttpResponse:
        """Show what the guards have seen; on POST, release the version or take it back."""
        flow, actor = self._asked(request, object_id)
        form = ReasonForm(request.POST if request.method == "POST" else None)
        where = request.GET.get("environment")
        if request.method == "POST" and form.is_valid():
            verb: Callable[..., Release] = release_canary if "release" in request.POST else end_canary
            try:
                made = verb(actor, flow.pk, version=number, reason=form.cleaned_data["reason"], environment=where)
            except MulgilError as error:
                messages.error(request, message_of(error))
            else:
                said = _("New runs of %(flow)s use version %(number)s now.")
                messages.success(request, said % {"flow": flow.name, "number": made.version.number})
            return self._back(flow)
        standing = _chosen([one for one in standings(actor, flow.pk) if _tries(one, number)], where)
        if standing is None:
            messages.error(request, _("v%(number)s is not tried any more.") % {"number": number})
            return self._back(flow)
        told = {"number": number, "environment": standing.environment.name}
        title = _("End the canary of v%(number)s in %(environment)s") % told
        context = _compared(actor, flow, standing, number) | {
            **canary_shown(standing.release),
            "buttons": [
                ("release", _("Release v%(number)s to everyone") % told),
                ("back", _("Back to v%(number)s for everyone") % {"number": _live(standing).version.number}),
            ],
        }
        return self._tried(request, flow, title, form, context)

    def _tried(
        self, request: HttpRequest, flow: Flow, title: str, form: forms.Form, told: dict[str, Any]
    ) -> HttpResponse:
        context = {**self.about(request, flow, title), "form": form, **told}
        return TemplateResponse(request, "flows/admin/asking.html", context)


def begin_address(flow: Flow, number: int) -> str:
    return reverse("admin:flows_flow_canary", args=[flow.pk, number])


def end_address(release: Release) -> str:
    """Where the canary of this release into the default environment is ended; empty where it has none."""
    if release.canary is None:
        return ""
    return reverse("admin:flows_flow_canary_end", args=[release.flow_id, release.canary.number])


def _can_try(standing: Standing, number: int) -> bool:
    return standing.release is not None and standing.release.version.number != number


def _tries(standing: Standing, number: int) -> bool:
    canary = standing.release.canary if standing.release is not None else None
    return canary is not None and canary.number == number


def _chosen(places: Sequence[Standing], name: str | None) -> Standing | None:
    """The one that is named, else the default environment."""
    wanted = (one for one in places if (one.environment.is_default if name is None else one.environment.name == name))
    return next(wanted, None)


def _compared(actor: Actor, flow: Flow, standing: Standing, number: int) -> dict[str, Any]:
    """What the version changes of the live one there. Raises Http404 for one there isn't, or whose text is gone."""
    live = _live(standing).version.number
    try:
        changes = compare(actor, flow.pk, before=live, after=number)
    except MulgilError:
        raise Http404 from None
    table = changes_table(
        changes, _("Live v%(number)s") % {"number": live}, _("Canary v%(number)s") % {"number": number}
    )
    return {"live": live, "changes_title": _("What changes"), "changes": table}


def _foreseen(actor: Actor, flow: Flow, standing: Standing, number: int, form: forms.Form) -> dict[str, Any]:
    """What is in the way; where nothing is, the button that begins. Who has pressed it is told by the form what refused it."""
    if form.is_bound:
        return {"buttons": [("begin", _("Begin"))]}
    found = foresee_canary(actor, flow.pk, version=number, environment=standing.environment.name).obstacles
    return {
        "obstacles": in_the_way(found),
        "against": _("It can't be tried there:"),
        "buttons": [] if found else [("begin", _("Begin"))],
    }


def _live(standing: Standing) -> Release:
    assert standing.release is not None  # both pages choose among those where something is live
    return standing.release


def _instead(standing: Standing) -> str:
    canary = _live(standing).canary
    return _("It takes the place of the canary of v%(number)s.") % {"number": canary.number} if canary else ""


def _named(places: Sequence[Standing], shown: Standing) -> list[dict[str, Any]]:
    return [{"name": one.environment.name, "is_shown": one is shown} for one in places]


def _begun(actor: Actor, flow: Flow, number: int, standing: Standing, form: CanaryForm) -> bool:
    """Whether it has begun; if not, the form says why. Raises ReleasedMeanwhile."""
    given = form.cleaned_data
    try:
        start_canary(
            actor,
            flow.pk,
            version=number,
            weight=given["weight"],
            steps=given["steps"],
            guards=form.guards(),
            reason=given["reason"],
            environment=standing.environment.name,
            looked_at=given["seen"],
        )
    except ReleasedMeanwhile:
        raise
    except MulgilError as error:
        form.add_error(None, message_of(error))
        return False
    return True
