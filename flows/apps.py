"""Wiring of the product as a Django app."""

from django.apps import AppConfig


class FlowsConfig(AppConfig):
    """Flows, durable and live."""

    name = "flows"
    verbose_name = "Flows"
    default_auto_field = "django.db.models.BigAutoField"
