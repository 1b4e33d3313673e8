"""Sockets of the product."""

from django.urls import URLPattern

websocket_urlpatterns: list[URLPattern] = []
