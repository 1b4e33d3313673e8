"""Every built-in node's example does what it says, on real servers."""

from typing import Any

import pytest

from flows.nodes.base import Answer, Call, Credential, Items, NodeType, Publish, Stop, WaitFor, WaitUntil
from flows.nodes.catalogue import load_catalogue
from flows.security.plain_secrets import plain_secrets
from tests.nodes.conftest import PASSWORD, Postgres
from tests.nodes.models_server import serving
from tests.nodes.stage import NOW, Stage, perform, stage
from tests.security.http_server import Reply, http_server

BUILT_IN = list(load_catalogue())
ASK_OTHERS = ("http.request", "database.postgres", "flow.rollback", "model.register", "ml.deploy")
ALONE = [one for one in BUILT_IN if one.name not in ASK_OTHERS]


async def example_of(node_type: NodeType, on: Stage, **variables: Any) -> Any:
    example = node_type.example
    assert example is not None
    on.input = example.input
    return await perform(node_type, example.config, on, variables={**example.vars, **variables})


@pytest.mark.parametrize("node_type", ALONE, ids=lambda one: one.name)
async def test_an_example_gives_what_it_says(node_type: NodeType) -> None:
    async with stage() as on:
        result = await example_of(node_type, on)
    assert node_type.example is not None
    expected = {
        "flow.wait": WaitUntil(NOW + 86_400_000_000, {"until": "2026-02-03T02:40:00Z"}),
        "flow.stop": Stop("success", {"order": "A-1042"}),
        "flow.for_each": Items([1, 2]),
        "flow.call": Call("Ship an order", None, {"order": 7}),
        "flow.approval": WaitFor(
            "approval",
            "Refund order A-1042?",
            NOW + 2 * 86_400_000_000,
            {
                "title": "Refund order A-1042?",
                "message": "",
                "assignees": {"users": [], "roles": ["admin"], "groups": []},
                "quorum": 1,
                "comment": False,
                "form": {},
                "timeout": "2d",
                "on_timeout": "timeout",
                "escalation": [],
            },
        ),
        "flow.lock": WaitFor("lock", "account A-1042", NOW + 600_000_000),
        "outbox.publish": Publish("orders.paid", "A-1042", {"order": "A-1042"}),
        "flow.signal": WaitFor("signal", "paid", NOW + 7 * 86_400_000_000),
    }
    assert result == expected.get(node_type.name, Answer(node_type.example.output, node_type.example.port))


@pytest.mark.parametrize("node_type", BUILT_IN, ids=lambda one: one.name)
def test_no_example_is_told_to_hold_a_secret(node_type: NodeType) -> None:
    example = node_type.example
    assert example is not None
    assert [*plain_secrets(example.config), *plain_secrets(example.vars)] == []
    assert list(plain_secrets([example.input, example.output], by_key=False)) == []


async def test_the_example_of_http_calls_a_server() -> None:
    node_type = next(one for one in BUILT_IN if one.name == "http.request")
    async with http_server({"/orders": Reply(body=b'{"accepted": true}')}) as server, stage() as on:
        result = await example_of(node_type, on, shop=server.url(""))
    assert (result.output["status"], result.output["body"]) == (200, {"accepted": True})
    assert server.requests[0].target == "/orders?dry_run=true"


async def test_the_example_of_postgres_asks_a_server(postgres_server: Postgres) -> None:
    node_type = next(one for one in BUILT_IN if one.name == "database.postgres")
    values = {
        "host": "127.0.0.1",
        "port": postgres_server.port,
        "database": "shop",
        "user": "shop",
        "password": PASSWORD,
        "tls": "off",
    }
    async with stage(credential=Credential("shop", "postgres", values)) as on:
        assert await example_of(node_type, on) == Answer({"rows": [{"next": 42}], "count": 1})


async def test_the_examples_of_models_register_one_and_begin_to_deploy_it() -> None:
    register, deploy = (next(one for one in BUILT_IN if one.name == name) for name in ("model.register", "ml.deploy"))
    async with http_server(serving().routes()) as server, stage() as on:
        registered = await example_of(register, on, registry=server.url(""))
        begun = await example_of(deploy, on, registry=server.url(""), target=server.url(""))
    assert (registered.output["model"], registered.output["alias"]) == ("churn", "candidate")
    assert begun.result.state["before"] == {"old": 100}
