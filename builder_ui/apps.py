"""The site as a Django app: its checks, its commands, its words in other languages."""

from importlib import import_module

from django.apps import AppConfig
from django.contrib import admin


class BuilderUiConfig(AppConfig):
    """The page that serves the editor, and everything around it."""

    name = "builder_ui"
    verbose_name = "Mulgil"

    def ready(self) -> None:
        """Register the checks, and take django-q2's pages out of the admin."""
        import_module("builder_ui.checks")
        # Whoever can edit a django-q2 schedule can name any function to be called: that is code execution.
        for model in [m for m in admin.site._registry if m._meta.app_label == "django_q"]:
            admin.site.unregister(model)
