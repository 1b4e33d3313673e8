from typing import Any

import pytest
from pydantic import ValidationError

from flows.dsl import control
from flows.dsl.configs import misfits
from flows.dsl.fields import field_rules
from tests.dsl.cast import FilterConfig, SqlConfig

CASES = [{"equals": 1, "port": "one"}, {"when": True, "port": "late"}]


@pytest.mark.parametrize(
    ("config", "port"),
    [
        ({"value": 1, "cases": CASES}, "one"),
        ({"value": 2, "cases": CASES}, "late"),
        ({"value": 2, "cases": CASES[:1]}, "fallback"),
        ({"value": 2, "cases": CASES[:1], "fallback": "other"}, "other"),
        ({"value": 2, "cases": CASES[:1], "fallback": None}, None),
        ({"value": None, "cases": [{"equals": None, "port": "nothing"}]}, "nothing"),
        ({"value": True, "cases": CASES[:1]}, "fallback"),
        ({"value": 1.0, "cases": CASES[:1]}, "one"),
    ],
)
def test_a_switch_takes_the_first_case_that_holds(config: dict[str, Any], port: str | None) -> None:
    assert control.SwitchConfig.model_validate(config).choose() == port


@pytest.mark.parametrize(
    ("config", "ports"),
    [
        ({"cases": CASES}, ("one", "late", "fallback")),
        ({"cases": CASES, "fallback": "other"}, ("one", "late", "fallback", "other")),
        ({"cases": "{{ input.cases }}"}, ("fallback",)),
        ({"cases": [1, {}, {"port": 3}]}, ("fallback",)),
        ({}, ("fallback",)),
    ],
)
def test_the_ports_of_a_switch_are_read_from_a_config_in_any_state(
    config: dict[str, Any], ports: tuple[str, ...]
) -> None:
    assert control.switch_ports(config) == ports


@pytest.mark.parametrize(
    ("model", "config"),
    [
        (control.ForEachConfig, {"items": "abc"}),
        (control.ForEachConfig, {"items": [], "concurrency": "2"}),
        (control.ForEachConfig, {"items": [], "concurrency": True}),
        (control.WaitConfig, {"for": 5}),
        (control.WaitConfig, {"until": "tomorrow"}),
        (control.StopConfig, {"outcome": "maybe"}),
        (control.StopConfig, {"message": 3}),
        (control.CallConfig, {"flow": "x", "wait": "yes"}),
    ],
)
def test_a_resolved_config_is_held_strictly_against_its_model(model: Any, config: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        model.model_validate(config)


def test_a_wait_may_have_its_other_end_set_to_null() -> None:
    assert control.WaitConfig.model_validate({"for": None, "until": "2026-01-01T00:00:00Z"}).for_ is None


def test_the_marks_of_fields_are_read_off_a_model() -> None:
    assert field_rules(SqlConfig).verbatim == {"sql"}
    assert field_rules(FilterConfig).per_item == {"condition": "items"}


def test_each_place_that_does_not_fit_is_told_once() -> None:
    found = misfits(control.CallConfig, {"flow": "", "version": "x", "input": 3})
    assert [one.path for one in found] == ["/flow", "/version", "/input"]
