"""Runs that go on, moved to another version of their flow in the admin: those chosen in the list, or those of a version or of
a flow.

The page tells of every run what would become of it before it asks for a yes, and afterwards what each was answered. Of more
runs than can be told so, it shows the newest and offers to move all of them as a job. What a move is, and to whom it is open,
stands in `operations.moving`; what a job is, in `operations.jobs`.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
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
from flows.operations.jobs import MAX_CHOSEN, Order, make_job, preview
from flows.operations.moving import Move, move, preview_move
from flows.operations.run_filter import RunFilter
from flows.operations.saying import message_of, said

MOST: Final = 50
PICKED: Final = "runs_to_move"
"""Where a session keeps which runs were picked in the list: too many for an address."""
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
    """Runs of one flow, the newest first, and the address that chose them; `whole`, where there are more than are shown:
    all of them, as a job takes them."""

    flow: Flow
    runs: list[Run]
    asked: dict[str, str]
    whole: Order | None = None


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
        runs = [str(run) for run in rows.order_by("-pk").values_list("pk", flat=True)[: MAX_CHOSEN + 1]]
        if len(runs) > MAX_CHOSEN:
            said = _("At most %(most)s runs are picked here. The page of a flow or a version moves all that go on.")
            messages.error(request, said % {"most": MAX_CHOSEN})
            return None
        asked = {"runs": ",".join(runs)}
        if len(runs) > MOST:
            request.session[PICKED], asked = runs, {"picked": "yes"}
        return HttpResponseRedirect(f"{reverse('admin:flows_run_move')}?{urlencode(asked)}")

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
            if "all" in request.POST and chosen.whole is not None:
                return _begun(request, actor, chosen, chosen.whole, form.cleaned_data)
            ticked = [run for run in chosen.runs if str(run.pk) in request.POST.getlist("run")]
            if ticked:
                head, rows = [_("Run"), _("Answer")], [_answered(actor, run, form.cleaned_data) for run in ticked]
                return self._page(request, chosen, to=form.cleaned_data["to"], answers=table(head, rows))
            messages.error(request, _("No run was chosen."))
        return self._page(request, chosen, **_asking(request, actor, chosen))

    def _chosen(self, request: HttpRequest) -> Chosen | None:
        """What the address means; None where that is runs of several flows. Raises Http404 where it is nothing at all."""
        of = next((name for name in ("runs", "picked", "version", "flow") if request.GET.get(name)), None)
        if of is None:
            raise Http404
        asked = {of: request.GET[of]}
        named = request.session.get(PICKED, []) if of == "picked" else asked[of].split(",")
        try:
            ids = [UUID(text) for text in named][:MAX_CHOSEN]
        except ValueError:
            raise Http404 from None
        rows = self.get_queryset(request).select_related("flow", "version").defer("version__document").order_by("-pk")
        if of in ("version", "flow"):
            return self._going_on(request, rows, of, ids[0], asked)
        found = dict(rows.filter(pk__in=ids).values_list("pk", "flow_id"))
        if not found:
            raise Http404
        if len(set(found.values())) > 1:
            return None
        runs = list(rows.filter(pk__in=list(found)[:MOST]))
        whole = Order(action="move", runs=list(found)) if len(found) > MOST else None
        return Chosen(flow=runs[0].flow, runs=runs, asked=asked, whole=whole)

    def _going_on(
        self, request: HttpRequest, rows: QuerySet[Run], of: str, named: UUID, asked: dict[str, str]
    ) -> Chosen:
        """The runs that go on, of a flow or of a version."""
        flow = self._flow(request, Q(versions=named) if of == "version" else Q(pk=named))
        version = flow.versions.get(pk=named).number if of == "version" else None
        parked = rows.filter(flow=flow, status__in=LIVE, started_at__isnull=False, version__isnull=False)
        found = list((parked if version is None else parked.filter(version=named))[: MOST + 1])
        whole = Order(action="move", filter=RunFilter(flow=flow.pk, version=version)) if len(found) > MOST else None
        return Chosen(flow=flow, runs=found[:MOST], asked=asked, whole=whole)

    def _flow(self, request: HttpRequest, here: Q) -> Flow:
        own = self.admin_site.get_model_admin(Flow).get_queryset(request)
        found = own.filter(here).first()
        if not isinstance(found, Flow):
            raise Http404
        return found

    def _page(self, request: HttpRequest, chosen: Chosen, **rest: Any) -> HttpResponse:
        context = {
            **self.about(request, chosen.flow, _("Move runs to another version")),
            "most": MOST,
            "back": _back(chosen),
            **rest,
        }
        return TemplateResponse(request, "flows/admin/move.html", context)


def _back(chosen: Chosen) -> str:
    """Where somebody came from: the page of the one thing that was named, else the list of runs."""
    ((what, ids),) = chosen.asked.items()
    if "," in ids or what == "picked":
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
    head = [_("move"), _("Run"), _("Goes by"), _("As it would stand there")]
    movable = sum(look.found is not None and not look.against for look in looks)
    return {
        "to": to,
        "asked": chosen.asked,
        "choice": choice.render("to", to, {"id": "to"}),
        "looks": table(head, [_row(look) for look in looks]) if looks else None,
        "movable": movable,
        "whole": _count(actor, chosen.whole, to),
        "form": MoveForm(initial={"to": to, "once": uuid4(), "reason": request.POST.get("reason", "")}),
    }


def _count(actor: Actor, whole: Order | None, to: int | None) -> int:
    """How many runs a job over all of them would take; 0 where they are all shown."""
    return preview(actor, replace(whole, to=to)).count if whole is not None and to is not None else 0


def _begun(request: HttpRequest, actor: Actor, chosen: Chosen, whole: Order, asked: dict[str, Any]) -> HttpResponse:
    """Make the job, and lead to the page that tells how far it is."""
    try:
        job = make_job(actor, replace(whole, to=asked["to"], reason=asked["reason"]))
    except MulgilError as error:
        messages.error(request, message_of(error))
        return HttpResponseRedirect(
            f"{reverse('admin:flows_run_move')}?{urlencode(chosen.asked | {'to': asked['to']})}"
        )
    messages.success(
        request, _("A job asks %(count)s runs to move to v%(to)s.") % {"count": job.total, "to": asked["to"]}
    )
    return HttpResponseRedirect(reverse("admin:flows_job_change", args=[job.pk]))


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
    return [
        box,
        _page_of(look.run),
        _lines([f"{version} · {Status(look.run.status).label}"], "whitespace-nowrap"),
        told,
    ]


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
        yield format_html(_("The run's time is over at {}."), _moment(fit.deadline))


def _standing(one: Standing) -> str:
    on, ref = one.waits if one.waits is not None else (one.status, "")
    words = [_(_STANDS.get(on, _STANDS["waiting"])).format(step=one.step, ref=ref)]
    if one.due is not None:
        words.append(format_html(_("Due at {}."), _moment(one.due)))
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
