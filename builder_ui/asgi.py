"""The site as one ASGI application: static files, pages and calls, sockets."""

import os

import django
from channels.auth import AuthMiddlewareStack
from channels.routing import ProtocolTypeRouter, URLRouter
from django.conf import settings

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "builder_ui.settings")
django.setup(set_prefix=False)

from builder_ui.databases import use_pool  # noqa: E402
from builder_ui.one_hop import OneHop  # noqa: E402
from builder_ui.proxies import TrustedProxies  # noqa: E402  # models may be imported only after setup
from builder_ui.static_files import Application, StaticFiles  # noqa: E402
from flows.routing import websocket_urlpatterns  # noqa: E402

use_pool(settings.DATABASES["default"])

application: Application = TrustedProxies(
    ProtocolTypeRouter(
        {
            "http": StaticFiles(OneHop()),
            "websocket": AuthMiddlewareStack(URLRouter([*websocket_urlpatterns])),  # type: ignore[list-item]  # its stubs know only their own patterns
        }
    ),
    settings.MULGIL["trusted_proxies"],
)
