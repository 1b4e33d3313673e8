import json
import re
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from flows.nodes.base import Answer, BadConfig, Credential, Effect, NotSent, Permanent, Recoverable
from flows.nodes.catalogue import Catalogue, load_catalogue, types_of
from flows.security.credentials import CredentialRefused
from tests.nodes.stage import perform, stage
from tests.security.http_server import Reply, http_server

PAGE = Path(__file__).parents[2] / "docs" / "writing-a-node.md"
BLOCKS = re.findall(r"```python\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
CONFIG: dict[str, Any] = {"order": "{{ input.id }}", "amount": "{{ input.amount }}"}
INPUT = {"id": "A-1042", "amount": 12.5}


@pytest.fixture
def pasted() -> ModuleType:
    """The page's example as the module a newcomer would make of it."""
    module = ModuleType("pasted_nodes")
    exec(compile(BLOCKS[0], str(PAGE), "exec", dont_inherit=True), vars(module))
    return module


def billing(*hosts: str) -> Credential:
    return Credential("payments", "billing", {"token": "hush-hush"}, hosts)


def test_the_page_has_the_example_and_every_block_is_python() -> None:
    assert "billing.charge" in BLOCKS[0]
    for block in BLOCKS:
        compile(block, str(PAGE), "exec")


def test_the_pasted_node_joins_the_catalogue(pasted: ModuleType) -> None:
    catalogue = load_catalogue([pasted])
    charge = catalogue.get("billing.charge")
    assert charge is not None
    assert (charge.effect({}), charge.credential, charge.ports({})) == (Effect.KEYED, "billing", ("out",))
    assert len(Catalogue(types_of(pasted))) == 1


async def test_the_pasted_node_charges_with_one_key_on_every_attempt(pasted: ModuleType) -> None:
    (charge,) = types_of(pasted)
    async with http_server({"/charges": Reply(201, body=b'{"id": "c1", "status": "paid"}')}) as server:
        config = {**CONFIG, "api": server.url()}
        async with stage(credential=billing("127.0.0.1"), input=INPUT) as on:
            for _attempt in (1, 2):
                assert await perform(charge, config, on) == Answer({"id": "c1", "status": "paid"})
        assert on.lines[0] == ("info", "Charged", {"order": "A-1042"})
    first, second = server.requests
    assert first.headers["idempotency-key"] == second.headers["idempotency-key"] == "run-1-charge"
    assert json.loads(first.body) == {"order": "A-1042", "amount": "12.5"}
    assert first.headers["authorization"] == "Bearer hush-hush"


@pytest.mark.parametrize(("status", "error"), [(429, Recoverable), (503, Recoverable), (402, Permanent)])
async def test_the_pasted_node_fails_as_the_page_says(pasted: ModuleType, status: int, error: type[Exception]) -> None:
    (charge,) = types_of(pasted)
    async with (
        http_server({"/charges": Reply(status)}) as server,
        stage(credential=billing("127.0.0.1"), input=INPUT) as on,
    ):
        with pytest.raises(error, match=str(status)):
            await perform(charge, {**CONFIG, "api": server.url()}, on)


async def test_the_pasted_node_sends_nothing_where_it_should_not(pasted: ModuleType) -> None:
    (charge,) = types_of(pasted)
    async with http_server() as server, stage(credential=billing("pay.example"), input=INPUT) as on:
        with pytest.raises(CredentialRefused):
            await perform(charge, {**CONFIG, "api": server.url()}, on)
        assert server.requests == []
    async with stage(credential=billing("127.0.0.1"), input=INPUT) as on:
        with pytest.raises(NotSent):
            await perform(charge, {**CONFIG, "api": server.url()}, on)
        with pytest.raises(BadConfig, match="amount"):
            await perform(charge, {**CONFIG, "api": server.url(), "amount": -1}, on)
