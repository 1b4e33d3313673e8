"""The site as one ASGI application: static files, pages and calls, sockets."""

import os

import django
from channels.auth import AuthMiddlewareStack
from channels.routing import ProtocolTypeRouter, URLRouter
from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "builder_ui.settings")
django.setup(set_prefix=False)

from builder_ui.static_files import StaticFiles  # noqa: E402  # models may be imported only after setup
from flows.routing import websocket_urlpatterns  # noqa: E402

application = ProtocolTypeRouter(
    {
        "http": StaticFiles(get_asgi_application()),
        "websocket": AuthMiddlewareStack(URLRouter([*websocket_urlpatterns])),
    }
)
