"""Sockets of the product."""

from django.urls import URLPattern, path

from flows.live.flow import FlowFeed
from flows.live.nowhere import Nowhere
from flows.live.run import RunFeed
from flows.live.runs import RunsFeed

websocket_urlpatterns: list[URLPattern] = [
    path("ws/runs/", RunsFeed.as_asgi()),  # type: ignore[arg-type]  # channels gives an ASGI application
    path("ws/runs/<uuid:run>/", RunFeed.as_asgi()),  # type: ignore[arg-type]  # as above
    path("ws/flows/<uuid:flow>/", FlowFeed.as_asgi()),  # type: ignore[arg-type]  # as above
    # Without it an unknown path would be an error of the server and not of who asked.
    path("<path:unknown>", Nowhere.as_asgi()),  # type: ignore[arg-type]  # as above
]
