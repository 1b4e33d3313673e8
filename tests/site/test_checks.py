"""Unsafe surroundings are refused before anything starts."""

from typing import Any

import pytest
from django.contrib import admin
from django.core.management import call_command
from django.core.management.base import SystemCheckError
from django_q.models import Schedule

from builder_ui import checks


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("retry", 60),
        ("timeout", None),
        ("timeout", 300),
        ("queue_limit", 1000),
        ("bulk", 10),
        ("recycle", 500),
        ("sync", True),
        ("scheduler", True),
        ("save_limit", 250),
        ("broker_class", "django_q.brokers.orm.ORM"),
    ],
)
def test_an_unsafe_setting_of_the_queue_is_refused(settings: Any, name: str, value: object) -> None:
    settings.Q_CLUSTER = {**settings.Q_CLUSTER, name: value}
    with pytest.raises(SystemCheckError, match=f"Q_CLUSTER\\['{name}'\\] is unsafe"):
        call_command("check", tags=["mulgil"])


def test_the_shipped_settings_are_safe() -> None:
    assert checks.safe_cluster(None) == []


def test_the_queues_pages_are_not_in_the_admin(monkeypatch: pytest.MonkeyPatch) -> None:
    assert not admin.site.is_registered(Schedule)
    monkeypatch.setitem(admin.site._registry, Schedule, admin.ModelAdmin(Schedule, admin.site))
    assert [found.id for found in checks.hidden_queue_pages(None)] == ["mulgil.E002"]


def test_a_missing_key_is_refused(settings: Any) -> None:
    settings.CONFIGURED_SECRET_KEY = None
    assert [found.id for found in checks.keys_present(None)] == ["mulgil.E003"]


def test_a_stale_editor_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checks, "is_stale", lambda: True)
    assert [found.id for found in checks.fresh_editor(None)] == ["mulgil.W004"]
    monkeypatch.setattr(checks, "is_stale", lambda: False)
    assert checks.fresh_editor(None) == []


@pytest.mark.django_db
def test_the_whole_project_passes_djangos_own_checks_and_its_migrations_fit_its_models() -> None:
    call_command("check", fail_level="ERROR")
    call_command("makemigrations", check_changes=True, dry_run=True, verbosity=0)
