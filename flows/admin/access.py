"""Users and groups, in the look of the rest; django-q2's own pages are kept out of the site."""

from typing import Any, Final

from django import forms
from django.contrib import admin
from django.contrib.auth.admin import GroupAdmin, UserAdmin
from django.contrib.auth.models import Group, Permission, User
from django.contrib.contenttypes.models import ContentType
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from unfold.admin import ModelAdmin
from unfold.forms import AdminPasswordChangeForm, UserChangeForm, UserCreationForm

from flows.admin.base import Shown

ACTIONS: Final = {
    "add": _("Add: {model}"),
    "change": _("Change: {model}"),
    "delete": _("Delete: {model}"),
    "view": _("View: {model}"),
}
for model in (User, Group):
    if admin.site.is_registered(model):
        admin.site.unregister(model)


def asked_for() -> Q:
    """The permissions that a page asks for. Those that show flows go by the role in the workspace instead."""
    asking = [model for model, page in admin.site._registry.items() if not isinstance(page, Shown)]
    return Q(content_type__in=[kind.pk for kind in ContentType.objects.get_for_models(*asking).values()])


class Permissions(forms.ModelMultipleChoiceField):  # type: ignore[type-arg]  # generic only in its stubs
    """Permissions by names in the reader's language; the database keeps them in English."""

    def label_from_instance(self, obj: Permission) -> str:
        words, model = ACTIONS.get(obj.codename.partition("_")[0]), obj.content_type.model_class()
        return obj.name if words is None or model is None else words.format(model=model._meta.verbose_name)


class Granting(forms.ModelForm):  # type: ignore[type-arg]  # generic only in its stubs
    """Offers what a page asks for, and what was granted before: it is taken away by hand alone."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, field in self.fields.items():
            if isinstance(field, Permissions):
                held = getattr(self.instance, name).values("pk") if self.instance.pk else []
                field.queryset = Permission.objects.filter(asked_for() | Q(pk__in=held)).select_related("content_type")
                field.help_text = _(
                    "For the pages of users and groups. What one may do with flows goes by one's role in the workspace."
                )


class GrantingUser(Granting, UserChangeForm):
    pass


class NamingPermissions(admin.ModelAdmin):  # type: ignore[type-arg]  # generic only in its stubs
    def formfield_for_manytomany(self, db_field: Any, request: Any = None, **kwargs: Any) -> Any:
        if db_field.remote_field.model is Permission:
            kwargs["form_class"] = Permissions
        return super().formfield_for_manytomany(db_field, request, **kwargs)


@admin.register(User)
class Users(NamingPermissions, UserAdmin, ModelAdmin):  # type: ignore[type-arg]  # generic only in its stubs
    form = GrantingUser
    add_form = UserCreationForm
    change_password_form = AdminPasswordChangeForm


@admin.register(Group)
class Groups(NamingPermissions, GroupAdmin, ModelAdmin):
    form = Granting
