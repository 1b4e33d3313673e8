"""Addresses of the product: the API, webhooks, health."""

from django.urls import URLPattern, URLResolver, include, path, re_path

from flows.api import addresses
from flows.api.deciding import DecidePage
from flows.api.health import Alive, Metrics, Ready
from flows.api.joining import JoinPage
from flows.api.starts import RunsOfFlow
from flows.live.waiting import with_result, with_wait
from flows.triggers.webhook import hook

urlpatterns: list[URLPattern | URLResolver] = [
    path("healthz", Alive.as_view()),
    path("readyz", Ready.as_view()),
    path("metrics", Metrics.as_view()),
    path("api/flows/<uuid:flow>/runs/", with_wait(RunsOfFlow.as_view())),  # type: ignore[arg-type]  # async views are known to Django, not to its types
    path("api/", include(addresses.urlpatterns)),
    path("api/", include(addresses.last)),
    path("join/", JoinPage.as_view(), name="join"),
    path("decide/<str:token>/", DecidePage.as_view(), name="decide"),
    re_path(r"^hooks/(?P<workspace>[^/]+)/(?P<rest>[\s\S]*)\Z", with_result(hook)),  # type: ignore[arg-type]  # as above
]
