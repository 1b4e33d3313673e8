from typing import Any

import pytest

from flows.errors import LimitExceeded
from flows.nodes import flow, waiting
from flows.nodes.base import Answer, BadConfig, Items, Stop, WaitFor, WaitUntil
from tests.nodes.stage import NOW, perform, stage

HOUR = 3_600_000_000


@pytest.mark.parametrize(
    ("value", "port"),
    [(True, "true"), (1, "true"), ("no", "true"), ([0], "true"), (False, "false"), (0, "false"), ("", "false"), ([], "false"),
     ({}, "false"), (None, "false"), (0.0, "false")],
)  # fmt: skip
async def test_if_takes_a_port_by_truth(value: Any, port: str) -> None:
    async with stage(input={"x": value}) as on:
        assert await perform(flow.if_, {"condition": "{{ input.x }}"}, on) == Answer({"port": port}, port)


CASES = [{"equals": "north", "port": "north"}, {"when": "{{ input.total > 100 }}", "port": "large"}]


@pytest.mark.parametrize(
    ("region", "total", "port"), [("north", 500, "north"), ("south", 500, "large"), ("south", 5, "fallback")]
)
async def test_switch_takes_the_first_case_that_holds(region: str, total: int, port: str) -> None:
    async with stage(input={"region": region, "total": total}) as on:
        answer = await perform(flow.switch, {"value": "{{ input.region }}", "cases": CASES}, on)
    assert answer == Answer({"port": port}, port)


async def test_switch_without_a_fallback_fails_where_no_case_holds() -> None:
    async with stage() as on:
        with pytest.raises(flow.NoCase, match="No case holds"):
            await perform(flow.switch, {"value": 1, "cases": [{"equals": 2, "port": "two"}], "fallback": None}, on)


@pytest.mark.parametrize(
    ("config", "ports"),
    [
        ({"cases": CASES}, ("north", "large", "fallback")),
        ({"cases": CASES, "fallback": "else"}, ("north", "large", "fallback", "else")),
        ({"cases": [{"port": "a"}, {"port": "a"}, {"port": 5}, "x", {}]}, ("a", "fallback")),
        ({"cases": "{{ input.cases }}"}, ("fallback",)),
        ({}, ("fallback",)),
    ],
)
def test_a_switchs_ports_are_read_from_its_config(config: dict[str, Any], ports: tuple[str, ...]) -> None:
    assert flow.switch.ports(config) == ports


async def test_wait_parks_for_a_time_or_until_an_instant() -> None:
    async with stage(input={"days": "2d"}) as on:
        assert await perform(flow.wait, {"for": "{{ input.days }}"}, on) == WaitUntil(
            NOW + 48 * HOUR, {"until": "2026-02-04T02:40:00Z"}
        )
        assert await perform(flow.wait, {"until": "2026-02-02T12:40:00+09:00"}, on) == WaitUntil(
            NOW + HOUR, {"until": "2026-02-02T03:40:00Z"}
        )


@pytest.mark.parametrize(
    "config", [{}, {"for": "1h", "until": "2026-02-02T12:40:00Z"}, {"for": "soon"}, {"until": "tomorrow"}, {"for": 5}]
)
async def test_a_wait_without_one_end_is_refused(config: dict[str, Any]) -> None:
    with pytest.raises(BadConfig):
        flow.wait.validate(config)


@pytest.mark.parametrize("config", [{"for": "999999999999d"}, {"for": "1826d"}, {"until": "9999-12-31T00:00:00Z"}])
async def test_nobody_waits_longer_than_five_years(config: dict[str, Any]) -> None:
    async with stage() as on:
        with pytest.raises((flow.WaitTooLong, BadConfig), match="limit of"):
            await perform(flow.wait, config, on)


async def test_stop_says_how_the_run_ends() -> None:
    async with stage(input={"id": 7}) as on:
        assert await perform(flow.stop, {"output": {"id": "{{ input.id }}"}}, on) == Stop("success", {"id": 7}, "")
        stopped = await perform(flow.stop, {"outcome": "error", "message": "Order {{ input.id }}"}, on)
    assert stopped == Stop("error", None, "Order 7")
    assert flow.stop.ports({}) == ()


async def test_for_each_lists_its_items_up_to_the_limit() -> None:
    async with stage(input={"many": list(range(100_000))}) as on:
        listed = await perform(flow.for_each, {"items": "{{ input.many }}", "concurrency": 5}, on)
        assert listed == Items(list(range(100_000)))
        on.input = {"many": list(range(100_001))}
        with pytest.raises(LimitExceeded, match="100001, over the limit of 100000"):
            await perform(flow.for_each, {"items": "{{ input.many }}"}, on)
        on.input = {"many": "text"}
        with pytest.raises(BadConfig, match="items"):
            await perform(flow.for_each, {"items": "{{ input.many }}"}, on)


async def test_a_signal_is_waited_for_by_its_resolved_name_until_its_timeout_or_without_end() -> None:
    async with stage(input={"order": "A-7"}) as on:
        named = await perform(waiting.signal, {"name": "paid {{ input.order }}", "timeout": "1h"}, on)
        assert named == WaitFor("signal", "paid A-7", NOW + HOUR)
        assert await perform(waiting.signal, {"name": "paid"}, on) == WaitFor("signal", "paid", None)
        with pytest.raises(BadConfig, match="limit of five years"):
            await perform(waiting.signal, {"name": "paid", "timeout": "1826d"}, on)
