"""Who really asks, when a proxy stands in front.

Decides: that `X-Forwarded-For` and `X-Forwarded-Proto` are believed only from trusted proxies, and taken
away from everyone else. Refuses to know what the address is used for.
"""

import ipaddress
from collections.abc import Sequence

from builder_ui.environment import Network
from builder_ui.static_files import Application, Receive, Scope, Send

FORWARDED_FOR = b"x-forwarded-for"
FORWARDED_PROTO = b"x-forwarded-proto"
SECURE = {"http": "https", "ws": "wss"}


class TrustedProxies:
    """Puts the true client and scheme into the scope."""

    def __init__(self, application: Application, trusted: Sequence[Network]) -> None:
        self.application = application
        self.trusted = trusted

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass one connection on."""
        if scope["type"] in ("http", "websocket"):
            scope = self._seen(scope)
        await self.application(scope, receive, send)

    def _seen(self, scope: Scope) -> Scope:
        headers = scope["headers"]
        kept = [(name, value) for name, value in headers if name not in (FORWARDED_FOR, FORWARDED_PROTO)]
        client = scope.get("client")
        if client is None or not self._trusts(client[0]):
            return {**scope, "headers": kept}
        chain = [part.strip() for part in _joined(headers, FORWARDED_FOR).split(",") if part.strip()]
        strangers = [address for address in reversed(chain) if not self._trusts(address)]
        seen = {**scope, "headers": kept, "client": [strangers[0], 0] if strangers else client}
        if _joined(headers, FORWARDED_PROTO).strip() == "https":
            seen["scheme"] = SECURE.get(scope.get("scheme", "http"), "https")
        return seen

    def _trusts(self, address: str) -> bool:
        try:
            parsed = ipaddress.ip_address(address)
        except ValueError:
            return False
        return any(parsed in network for network in self.trusted)


def _joined(headers: Sequence[tuple[bytes, bytes]], name: bytes) -> str:
    return b",".join(value for key, value in headers if key == name).decode("latin-1")
