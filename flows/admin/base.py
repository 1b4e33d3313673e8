"""What every page of the admin shares: it shows only workspaces that the reader is an admin of, and where it stands."""

from collections.abc import Callable, Iterable
from typing import Any, ClassVar

from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy
from unfold.admin import ModelAdmin
from unfold.decorators import display
from unfold.views import ChangeList

from flows.models import Flow
from flows.operations.administering import administered


def number_asked(asked: str, among: Iterable[int]) -> int | None:
    """The one of these numbers that an address asks for: it may hold anything, numbers too long to be read among it."""
    return next((number for number in among if str(number) == asked), None)


def named(field: str, label: Any) -> Callable[[ModelAdmin, Any], Any]:
    """A field under a name of this page's own: the model has none for it, or one that says too little beside others."""

    @display(description=label, ordering=field)
    def shown(_: ModelAdmin, row: Any) -> Any:
        return getattr(row, field)

    return shown


class Rows(ChangeList):
    """A list says how many of its rows it found where one looked for some, and not where it shows them all."""

    def get_results(self, request: HttpRequest) -> None:
        super().get_results(request)
        if not (self.query or self.has_active_filters):
            self.full_result_count = self.result_count


class Shown(ModelAdmin):
    """Rows to look at. What changes them are the operations, each behind its own page."""

    workspace_path: ClassVar[str] = "workspace"
    list_per_page = 50
    show_full_result_count = False
    search_help_text = gettext_lazy("Search")
    in_workspace = named("workspace", gettext_lazy("workspace"))

    def about(self, request: HttpRequest, flow: Flow, title: str) -> dict[str, Any]:
        """What a page that asks something about a flow is drawn with: whose page it is, the way there and the way back."""
        flows, page = self.admin_site.get_model_admin(Flow).opts, reverse("admin:flows_flow_change", args=[flow.pk])
        return {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": title,
            "flow": flow,
            "back": page,
            "crumbs": [
                {"title": flows.app_config.verbose_name, "link": reverse("admin:app_list", args=[flows.app_label])},
                {"title": capfirst(flows.verbose_name_plural), "link": reverse("admin:flows_flow_changelist")},
                {"title": flow.name, "link": page},
                {"title": title},
            ],
        }

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        rows: QuerySet[Any] = super().get_queryset(request)
        return rows.filter(**{f"{self.workspace_path}__in": administered(request.user.pk)})

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[Rows]:
        return Rows

    def changeform_view(
        self, request: HttpRequest, object_id: str | None = None, form_url: str = "", extra_context: Any = None
    ) -> Any:
        """A row's page leads to no history of Django's: that of what operations did stands in the audit entries."""
        told = {**(extra_context or {}), "show_history": False}
        return super().changeform_view(request, object_id, form_url, told)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return bool(request.user.is_active and request.user.is_staff) and administered(request.user.pk).exists()

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self.has_view_permission(request)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False
