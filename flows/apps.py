"""Wiring of the product as a Django app: node types of installed apps, and what the worker hosts ask of us."""

from importlib import import_module

from django.apps import AppConfig, apps
from django.utils.module_loading import module_has_submodule


class FlowsConfig(AppConfig):
    """Flows, durable and live."""

    name = "flows"
    verbose_name = "Mulgil"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        others = [config for config in apps.get_app_configs() if config.name != self.name]
        modules = [
            import_module(f"{config.name}.nodes")
            for config in others
            if config.module is not None and module_has_submodule(config.module, "nodes")
        ]
        import_module("flows.nodes.installed").add_modules(modules)
        import_module("flows.runtime.verbs").install(import_module("flows.triggers.tick").ProductVerbs())
