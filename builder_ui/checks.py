"""System checks of the site: settings that would break a promise are refused before anything starts.

Decides: which settings of django-q2 are unsafe, and that keys stand where they must. Refuses to know why
the runtime needs them; each message says what would happen.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from django.apps import AppConfig
from django.conf import settings
from django.contrib import admin
from django.core import checks
from django.core.checks import CheckMessage, Error, register

from builder_ui.editor_build import is_stale

Cluster = Mapping[str, Any]

UNSAFE_CLUSTER: tuple[tuple[str, Callable[[Cluster], bool], str], ...] = (
    ("retry", lambda c: c.get("retry", 60) <= (c.get("timeout") or 0), "a turn would be handed out twice at once"),
    ("timeout", lambda c: (c.get("timeout") or 0) < 10**6, "a turn would be cut at any instruction, even in a commit"),
    (
        "queue_limit",
        lambda c: c.get("queue_limit", 10**6) > c.get("workers", 0),
        "turns would wait in a queue in memory",
    ),
    ("bulk", lambda c: c.get("bulk", 1) != 1, "turns would wait in a queue in memory"),
    ("recycle", lambda c: c.get("recycle", 500) < 10**6, "workers would be started anew in the middle of load"),
    ("sync", lambda c: bool(c.get("sync")), "turns would run inside whoever asks for them"),
    (
        "scheduler",
        lambda c: c.get("scheduler", True),
        "one malformed schedule row blocks all; timers are the product's own",
    ),
    ("save_limit", lambda c: c.get("save_limit", 250) != -1, "a table of finished turns would grow beside the journal"),
    (
        "broker_class",
        lambda c: not str(c.get("broker_class", "")).startswith("flows."),
        "runs would never be picked up",
    ),
)


@register("mulgil")
def safe_cluster(app_configs: Sequence[AppConfig] | None, **_: Any) -> list[CheckMessage]:
    """Refuse settings of django-q2 that lose, repeat or delay work."""
    cluster: Cluster = getattr(settings, "Q_CLUSTER", {})
    return [
        Error(
            f"Q_CLUSTER[{name!r}] is unsafe: {harm}.",
            hint="Use the value that builder_ui.settings ships with.",
            id="mulgil.E001",
        )
        for name, is_unsafe, harm in UNSAFE_CLUSTER
        if is_unsafe(cluster)
    ]


@register("mulgil")
def hidden_queue_pages(app_configs: Sequence[AppConfig] | None, **_: Any) -> list[CheckMessage]:
    """Refuse django-q2's pages in the admin: a schedule there names any function to be called."""
    shown = [m._meta.label for m in admin.site._registry if m._meta.app_label == "django_q"]
    return [
        Error(f"{label} is in the admin: its pages allow any code to be run.", hint="Unregister it.", id="mulgil.E002")
        for label in shown
    ]


@register("mulgil")
def keys_present(app_configs: Sequence[AppConfig] | None, **_: Any) -> list[CheckMessage]:
    """Refuse to work with a key that is gone when the process ends."""
    if settings.CONFIGURED_SECRET_KEY:
        return []
    return [
        Error(
            f"There is no secret key in {settings.MULGIL['data_folder']}.",
            hint="Run `manage.py up` once, name its folder by --data, or set MULGIL_SECRET_KEY.",
            id="mulgil.E003",
        )
    ]


@register("mulgil")
def fresh_editor(app_configs: Sequence[AppConfig] | None, **_: Any) -> list[CheckMessage]:
    """Say when the built editor is not the one the sources make."""
    if not is_stale():
        return []
    return [
        checks.Warning(
            "The built editor is not made of the present sources.",
            hint="Run `manage.py build_editor`; `manage.py up` does it by itself.",
            id="mulgil.W004",
        )
    ]
