"""Environments in the admin: what each gives to runs and who may release there; read only."""

from django.contrib import admin
from django.utils.translation import gettext_lazy
from unfold.decorators import display

from flows.admin.base import Shown
from flows.models import Environment
from flows.operations.environments import vars_of
from flows.security.safejson import dumps


@admin.register(Environment)
class EnvironmentAdmin(Shown):
    list_display = ("name", "workspace", "place", "is_default", "needs_second", "releasers")
    list_select_related = ("workspace",)
    search_fields = ("name",)
    fields = (
        "name",
        "workspace",
        "place",
        "is_default",
        "variables",
        "bound",
        "releasers",
        "needs_second",
        "created_at",
    )
    readonly_fields = fields

    @display(description=gettext_lazy("Variables"))
    def variables(self, environment: Environment) -> str:
        return ", ".join(f"{name} = {dumps(value)}" for name, value in vars_of(environment.setting).items())

    @display(description=gettext_lazy("Credentials"))
    def bound(self, environment: Environment) -> str:
        given = environment.setting.credentials if environment.setting else {}
        return ", ".join(f"{name} → {credential}" for name, credential in given.items())

    @display(description=gettext_lazy("Who may release"))
    def releasers(self, environment: Environment) -> str:
        return ", ".join([*environment.users, *environment.roles, *environment.groups])
