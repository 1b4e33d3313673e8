"""Environments in the admin: what each gives to runs and who may release there; read only."""

from collections.abc import Iterable

from django.contrib import admin
from django.utils.html import format_html_join
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.decorators import display

from flows.admin.base import Shown
from flows.models import Environment
from flows.models.access import Role
from flows.operations.environments import vars_of
from flows.security.safejson import dumps


@admin.register(Environment)
class EnvironmentAdmin(Shown):
    list_display = ("name", "workspace", "place", "default", "second", "releasers")
    list_select_related = ("workspace",)
    search_fields = ("name",)
    fields = (
        "name",
        "workspace",
        "place",
        "default",
        "variables",
        "bound",
        "releasers",
        "second",
        "created_at",
    )
    readonly_fields = fields

    @display(description=gettext_lazy("the default one"))
    def default(self, environment: Environment) -> str:
        return _yes(environment.is_default)

    @display(description=gettext_lazy("needs a second pair of eyes"))
    def second(self, environment: Environment) -> str:
        return _yes(environment.needs_second)

    @display(description=gettext_lazy("Variables"))
    def variables(self, environment: Environment) -> str:
        return _lines((name, "=", dumps(value)) for name, value in vars_of(environment.setting).items())

    @display(description=gettext_lazy("Credentials"))
    def bound(self, environment: Environment) -> str:
        given = environment.setting.credentials if environment.setting else {}
        return _lines((name, "→", credential) for name, credential in given.items())

    @display(description=gettext_lazy("Who may release"))
    def releasers(self, environment: Environment) -> str:
        roles = [str(Role(one).label) for one in environment.roles]
        return ", ".join([*environment.users, *roles, *environment.groups]) or _("whoever may publish")


def _yes(holds: bool) -> str:
    """A mark where it holds and a dash elsewhere: a red cross would say that something is wrong."""
    return "✓" if holds else "–"


def _lines(rows: Iterable[tuple[str, str, str]]) -> str:
    """One under the other, as they stand in the settings; a dash where there is none."""
    return format_html_join("", "<div><b>{}</b> {} <code>{}</code></div>", rows) or "–"
