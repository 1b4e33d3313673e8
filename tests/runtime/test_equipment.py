"""What nodes reach the world with knows the product's own server and leads to it by no way."""

from typing import Any

import pytest
from django.db import connections

from flows.runtime.equipment import equipped, own_addresses
from flows.security.egress import EgressRefused


@pytest.mark.parametrize(
    ("host", "port", "expected"),
    [
        ("/run/postgresql", "", {("127.0.0.1", 5432), ("::1", 5432)}),
        ("", "6000", {("127.0.0.1", 6000), ("::1", 6000)}),
        ("198.51.100.7", 6000, {("127.0.0.1", 6000), ("::1", 6000), ("198.51.100.7", 6000)}),
    ],
)
async def test_the_products_own_server_is_known_by_its_addresses(
    monkeypatch: pytest.MonkeyPatch, host: str, port: Any, expected: set[tuple[str, int]]
) -> None:
    monkeypatch.setattr(connections["default"], "get_connection_params", lambda: {"host": host, "port": port})
    assert await own_addresses() == expected


async def test_what_is_allowed_never_leads_to_the_products_own_server(
    settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.MULGIL = settings.MULGIL | {"egress_allow": ("198.51.100.0/24", "127.0.0.0/8")}
    given = {"host": "198.51.100.7", "port": 6000}
    monkeypatch.setattr(connections["default"], "get_connection_params", lambda: given)
    async with equipped(sandboxes=1) as tools:
        assert await tools.egress.addresses("198.51.100.7", 6001) == ["198.51.100.7"]
        for own in ("198.51.100.7", "127.0.0.1", "::ffff:127.0.0.1"):
            with pytest.raises(EgressRefused, match="own"):
                await tools.egress.addresses(own, 6000)
