"""The admin's first page: how the newest runs went, what fails, what was released. What stands there is an operation's."""

from typing import Any

from django.http import HttpRequest
from django.template.defaultfilters import truncatechars
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _

from flows.admin.tables import LINK, table, when_shown
from flows.models import Release
from flows.models.run import Status
from flows.operations.administering import administered
from flows.operations.failures import retold
from flows.operations.overview import overview
from flows.operations.reasons import recognised
from flows.operations.saying import said

CARDS = (Status.SUCCEEDED, Status.FAILED, Status.RUNNING, Status.WAITING)


def fill(request: HttpRequest, context: dict[str, Any]) -> dict[str, Any]:
    """What the first page shows, added to its context; named by the site as its dashboard."""
    seen = overview(administered(request.user.pk))
    runs = reverse("admin:flows_run_changelist")
    cards = [
        {"title": Status(status).label, "figure": seen.states.get(status, 0), "href": f"{runs}?status__exact={status}"}
        for status in CARDS
    ]
    waiting = {
        "title": _("open approvals"),
        "figure": seen.approvals,
        "href": reverse("admin:flows_approval_changelist"),
    }
    failing = [[_flow(flow.pk, flow.name), count] for flow, count in seen.failing]
    alerts = [
        [when_shown(alert.created_at), truncatechars(retold(said(recognised(alert.message))), 120)]
        for alert in seen.alerts
    ]
    releases = [_release(release) for release in seen.releases]
    return context | {
        "title": _("Overview"),
        "runs_said": _("Of the newest %(count)s runs of published versions") % {"count": seen.runs},
        "cards": [*cards, waiting],
        "boards": [
            _board(
                _("Flows with failures among them"), [_("Flow"), _("Failures")], failing, _("No run of these failed.")
            ),
            _board(_("Alerts that nobody has seen"), [_("Raised"), _("Message")], alerts, _("There is none.")),
            _board(
                _("Newest releases"),
                [_("Released"), _("Flow"), _("Kind"), _("Live"), _("Author")],
                releases,
                _("Nothing was published yet."),
            ),
        ],
    }


def _board(title: str, headers: list[str], rows: list[list[Any]], empty: str) -> dict[str, Any]:
    return {"title": title, "table": table(headers, rows), "empty": "" if rows else empty}


def _release(release: Release) -> list[Any]:
    number = f"v{release.version.number}"
    before = release.previous
    if release.kind == Release.Kind.TAKE_OUT:
        moved = f"{number} → –"
    else:
        moved = number if before is None or before == release.version else f"v{before.number} → {number}"
    kind = str(Release.Kind(release.kind).label)
    if not release.environment.is_default:
        kind = f"{kind} · {release.environment.name}"
    return [
        when_shown(release.created_at),
        _flow(release.flow_id, release.flow.name),
        kind,
        moved,
        release.author or "",
    ]


def _flow(flow: Any, name: str) -> str:
    return format_html('<a class="{}" href="{}">{}</a>', LINK, reverse("admin:flows_flow_change", args=[flow]), name)
