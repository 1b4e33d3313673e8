"""Runs that go on, moved to another version of their flow in the admin: those chosen in the list, or those of a version or of
a flow.

The page tells of every run what would become of it before it asks for a yes, and afterwards what each was answered. What a
move is, and to whom it is open, stands in `operations.moving`.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final
from urllib.parse import urlencode
from uuid import UUID, uuid4

from django import forms
from django.contrib import admin, messages
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.db.models import Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, gettext_noop
from unfold.widgets import UnfoldAdminSelectWidget

from flows.admin.base import Shown, number_asked
from flows.admin.promoting import ReasonForm
from flows.admin.tables import LINK, table, when_shown
from flows.dsl.instants import Instant, format_instant
from flows.engine.transplant import Standing
from flows.errors import MulgilError
from flows.models import Flow, Run
from flows.models.run import LIVE, Status
from flows.operations.actor import Actor
from flows.operations.administering import administrator
from flows.operations.moving import Move, move, preview_move
from flows.operations.saying import message_of, said

MOST: Final = 50
CHECKBOX: Final = '<input type="checkbox" name="run" value="{}" aria-label="#{}" {}>'
# What a step waits on, or else how it stands.
_STANDS: Final = {
    "timer": gettext_noop("{step} goes on waiting for its time."),
    "signal": gettext_noop("{step} goes on waiting for the signal {ref}."),
    "child": gettext_noop("{step} goes on waiting for the run it called."),
    "approval": gettext_noop("{step} goes on waiting for its approval."),
    "lock": gettext_noop("{step} goes on standing in line for the lock {ref}."),
    "breakpoint": gettext_noop("{step} stays at its breakpoint."),
    "waiting": gettext_noop("{step} goes on waiting."),
    "retrying": gettext_noop("{step} is tried again."),
    "uncertain": gettext_noop("{step} still waits for somebody to say what became of it."),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Chosen:
    """Runs of one flow, the newest first, and the address that chose them; `is_cut`: there are more than are shown."""

    flow: Flow
    runs: list[Run]
    is_cut: bool
    asked: dict[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """What would become of a run, or why it can't be moved."""

    run: Run
    found: Move | None = None
    against: list[str] = field(default_factory=list)


class MoveForm(ReasonForm):
    """With the version that was looked at. `once`: who sends the page twice asks once."""

    to = forms.IntegerField(min_value=1, max_value=2**31 - 1, widget=forms.HiddenInput)
    once = forms.UUIDField(widget=forms.HiddenInput)


class Moving(Shown):
    """The pages of runs, with the one on which they are moved. Whoever may see a run here administers its workspace."""

    actions = ("move_chosen",)

    def has_move_permission(self, request: HttpRequest) -> bool:
        return self.has_view_permission(request)

    @admin.action(description=gettext_lazy("Move the chosen runs to another version…"), permissions=["move"])
    def move_chosen(self, request: HttpRequest, rows: QuerySet[Run]) -> HttpResponse | None:
        runs = [str(run) for run in rows.order_by("-pk").values_list("pk", flat=True)[: MOST + 1]]
        if len(runs) > MOST:
            messages.error(request, _("At most %(most)s runs are moved at once here.") % {"most": MOST})
            return None
        return HttpResponseRedirect(f"{reverse('admin:flows_run_move')}?{urlencode({'runs': ','.join(runs)})}")

    def get_urls(self) -> list[URLPattern]:
        own = path("move/", self.admin_site.admin_view(self.move_runs), name="flows_run_move")
        return [own, *super().get_urls()]

    def move_runs(self, request: HttpRequest) -> HttpResponse:
        """Show what would become of each run; on POST, ask those that are ticked to move, and show what each answered."""
        if not self.has_view_permission(request) or not isinstance(request.user, User):
            raise PermissionDenied
        chosen = self._chosen(request)
        if chosen is None:
            messages.error(request, _("Only runs of one flow can be moved together."))
            return HttpResponseRedirect(reverse("admin:flows_run_changelist"))
        actor = administrator(request.user.pk, chosen.flow.workspace_id)
        form = MoveForm(request.POST or None)
        if request.method == "POST" and form.is_valid():
            ticked = [run for run in chosen.runs if str(run.pk) in request.POST.getlist("run")]
            if ticked:
                head, rows = [_("Run"), _("Answer")], [_answered(actor, run, form.cleaned_data) for run in ticked]
                return self._page(request, chosen, to=form.cleaned_data["to"], answers=table(head, rows))
            messages.error(request, _("No run was chosen."))
        return self._page(request, chosen, **_asking(request, actor, chosen))

    def _chosen(self, request: HttpRequest) -> Chosen | None:
        """What the address means; None where that is runs of several flows. Raises Http404 where it is nothing at all."""
        of = next((name for name in ("runs", "version", "flow") if request.GET.get(name)), None)
        try:
            ids = [UUID(text) for text in request.GET[of].split(",")][:MOST] if of else []
        except ValueError:
            raise Http404 from None
        rows = self.get_queryset(request).select_related("flow", "version").order_by("-pk")
        if of == "runs":
            found = list(rows.filter(pk__in=ids))
        else:
            here = Q(versions__in=ids) if of == "version" else Q(pk__in=ids)
            flow = self._flow(request, here)
            parked = rows.filter(flow=flow, status__in=LIVE, started_at__isnull=False, version__isnull=False)
            found = list((parked.filter(version__in=ids) if of == "version" else parked)[: MOST + 1])
            return Chosen(flow=flow, runs=found[:MOST], is_cut=len(found) > MOST, asked={str(of): request.GET[str(of)]})
        if not found:
            raise Http404
        if len({run.flow_id for run in found}) > 1:
            return None
        return Chosen(flow=found[0].flow, runs=found, is_cut=False, asked={"runs": request.GET["runs"]})

    def _flow(self, request: HttpRequest, here: Q) -> Flow:
        own = self.admin_site.get_model_admin(Flow).get_queryset(request)
        found = own.filter(here).first()
        if not isinstance(found, Flow):
            raise Http404
        return found

    def _page(self, request: HttpRequest, chosen: Chosen, **rest: Any) -> HttpResponse:
        context = {
            **self.about(request, chosen.flow, _("Move runs to another version")),
            "is_cut": chosen.is_cut,
            "most": MOST,
            "back": _back(chosen),
            **rest,
        }
        return TemplateResponse(request, "flows/admin/move.html", context)


def _back(chosen: Chosen) -> str:
    """Where somebody came from: the page of the one thing that was named, else the list of runs."""
    ((what, ids),) = chosen.asked.items()
    if "," in ids:
        return reverse("admin:flows_run_changelist")
    return reverse(f"admin:flows_{what.removesuffix('s')}_change", args=[ids])


def way_to_move(**of: Any) -> str:
    """A link to the page, of the runs of a `flow` or a `version`, or of `runs` themselves."""
    address = f"{reverse('admin:flows_run_move')}?{urlencode(of)}"
    return format_html('<a class="{}" href="{}">{}</a>', LINK, address, _("Move to another version…"))


def _asking(request: HttpRequest, actor: Actor, chosen: Chosen) -> dict[str, Any]:
    """What the page shows before it asks: the versions to choose from, and every run as it would stand."""
    numbers = list(
        chosen.flow.versions.filter(pruned_at__isnull=True).order_by("-number").values_list("number", flat=True)
    )
    to = _target(request, chosen, numbers)
    looks = [_look(actor, run, to) for run in chosen.runs] if to is not None else []
    choice = UnfoldAdminSelectWidget(choices=[(number, f"v{number}") for number in numbers])
    head = ["", _("Run"), _("Goes by"), _("As it would stand there")]
    movable = sum(look.found is not None and not look.against for look in looks)
    return {
        "to": to,
        "asked": chosen.asked,
        "choice": choice.render("to", to, {"id": "to"}),
        "looks": table(head, [_row(look) for look in looks]) if looks else None,
        "movable": movable,
        "form": MoveForm(initial={"to": to, "once": uuid4(), "reason": request.POST.get("reason", "")}),
    }


def _target(request: HttpRequest, chosen: Chosen, numbers: list[int]) -> int | None:
    """The version asked for; else the live one or the newest, whichever some run doesn't go by already."""
    asked = number_asked(request.POST.get("to") or request.GET.get("to", ""), numbers)
    if asked is not None:
        return asked
    live = chosen.flow.live
    usual = [live.version.number] if live else []
    left = {run.version.number for run in chosen.runs if run.version}
    return next((one for one in [*usual, *numbers] if one in numbers and left - {one}), next(iter(numbers), None))


def _look(actor: Actor, run: Run, to: int) -> Look:
    try:
        found = preview_move(actor, run.pk, to)
    except MulgilError as error:
        return Look(run=run, against=[message_of(error)])
    return Look(run=run, found=found, against=[said(one.said) for one in found.fit.obstacles])


def _row(look: Look) -> list[Any]:
    is_movable = look.found is not None and not look.against
    box = format_html(CHECKBOX, look.run.pk, look.run.number, "checked" if is_movable else "disabled")
    version = f"v{look.run.version.number}" if look.run.version else _("draft")
    told = _lines(look.against, "text-red-700 dark:text-red-400") if look.against else _lines(_fate(look), "")
    return [box, _page_of(look.run), f"{version} · {Status(look.run.status).label}", told]


def _fate(look: Look) -> Iterator[str]:
    """What becomes of the run, as the editor's own page says it."""
    if look.found is None:
        return
    fit = look.found.fit
    for one in fit.stands:
        yield _standing(one)
    for words, nodes in ((_("Begin at once"), fit.begins), (_("No longer there"), fit.gone)):
        if nodes:
            yield f"{words}: {', '.join(nodes)}"
    if fit.deadline is not None:
        yield format_html("{} {}", _("The run's time is over at"), _moment(fit.deadline))


def _standing(one: Standing) -> str:
    on, ref = one.waits if one.waits is not None else (one.status, "")
    words = [_(_STANDS.get(on, _STANDS["waiting"])).format(step=one.step, ref=ref)]
    if one.due is not None:
        words.append(format_html("{} {}", _("Due at"), _moment(one.due)))
    if one.is_changed:
        words.append(_("Its node is set otherwise there, which counts from its next try on."))
    return format_html_join(" ", "{}", ([word] for word in words))


def _answered(actor: Actor, run: Run, asked: dict[str, Any]) -> list[Any]:
    try:
        move(actor, run.pk, asked["to"], reason=asked["reason"], key=f"admin:{asked['once']}")
    except MulgilError as error:
        return [_page_of(run), _lines([message_of(error)], "text-red-700 dark:text-red-400")]
    return [_page_of(run), _("It moves as soon as no step of it is under way.")]


def _moment(at: Instant) -> str:
    return when_shown(datetime.fromisoformat(format_instant(at)))


def _page_of(run: Run) -> str:
    return format_html(
        '<a class="{}" href="{}">#{}</a>', LINK, reverse("admin:flows_run_change", args=[run.pk]), run.number
    )


def _lines(texts: Any, look: str) -> str:
    return format_html_join("", '<div class="{}">{}</div>', ((look, text) for text in texts))
