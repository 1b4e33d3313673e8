"""A canary as the admin shows it: its figures beside those of the live version, each with its guard's limit, and what
follows. The figures and the guards are decided elsewhere.
"""

from typing import Any, Final

from django.utils.html import format_html
from django.utils.translation import gettext as _

from flows.admin.tables import percent, table
from flows.models.flow import Release
from flows.operations.canary import figures_of
from flows.operations.guards import least_runs, minutes_of, next_step

OVER: Final = "font-semibold text-red-600 dark:text-red-500"


def canary_shown(release: Release | None) -> dict[str, Any]:
    """What the flow's page tells of a canary; nothing where none runs."""
    if release is None or release.canary is None:
        return {}
    figures = figures_of(release)
    names = {
        "runs": _("Runs"),
        "failed": _("Failed"),
        "error_rate": _("Errors"),
        "p99_ms": _("99 % done in"),
        "expression_rate": _("Not as the guard says"),
    }
    sides = [_("Canary v%(number)s") % {"number": release.canary.number}]
    sides.append(_("Live v%(number)s") % {"number": release.version.number})
    rows = [_row(name, names[name], figures, release) for name in names if name in figures]
    said = _("Canary v%(number)s with %(weight)s %% of new runs")
    return {
        "canary_title": said % {"number": release.canary.number, "weight": release.canary_weight},
        "canary": table([_("Figure"), *sides, _("Guard")], rows),
        "canary_next": _following(release),
    }


def share_shown(release: Release) -> str:
    """Which version a release of a canary tries, and with how many of the new runs; empty of any other release."""
    if release.canary is None:
        return ""
    said = _("v%(number)s with %(weight)s %% of new runs")
    return said % {"number": release.canary.number, "weight": release.canary_weight}


def _row(name: str, label: str, figures: dict[str, Any], release: Release) -> list[Any]:
    own, beside = figures[name], figures["live"].get(name)
    limit = _limit(name, release.guards)
    is_over = limit is not None and own > limit
    shown = _shown(name, own)
    allowed = _shown(name, limit)
    if name == "expression_rate":
        allowed = format_html('{} <code class="text-xs">{}</code>', allowed, release.guards["expression"])
    return [
        label,
        format_html('<span class="{}">{}</span>', OVER, shown) if is_over else shown,
        _shown(name, beside),
        allowed,
    ]


def _limit(name: str, guards: dict[str, Any]) -> float | None:
    if name == "expression_rate":
        return float(guards.get(name, 0))
    return float(guards[name]) if name in ("error_rate", "p99_ms") and name in guards else None


def _shown(name: str, value: Any) -> str:
    if value is None:
        return ""
    if name == "p99_ms":
        return _("%(figure)s ms") % {"figure": f"{value:,.0f}"}
    return str(value) if name in ("runs", "failed") else percent(f"{value * 100:.4g}")


def _following(release: Release) -> str:
    """What becomes of the canary by itself; empty where a person changes its share."""
    if not release.steps:
        return ""
    following = next_step(release.steps, release.canary_weight)
    held = {"runs": least_runs(release.guards), "minutes": f"{minutes_of(release.guards):g}", "weight": following}
    if following is not None:
        return _("Then %(weight)s %%, after %(runs)s runs and %(minutes)s minutes without a guard tripping.") % held
    if release.canary_weight < 100:
        return ""
    return _("Then everyone, after %(runs)s runs and %(minutes)s minutes without a guard tripping.") % held
