"""The web process: the site on the socket it was given."""

import socket
from collections.abc import Sequence

from builder_ui import urls as routes  # loaded before the gate opens, not at the first request
from builder_ui.asgi import application
from builder_ui.server import Server

ROUTES = routes.urlpatterns


def main(arguments: Sequence[str]) -> int:
    """Serve on the file descriptor named first until told to stop."""
    Server(application, socket.socket(fileno=int(arguments[0]))).run()
    return 0
