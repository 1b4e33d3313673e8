from typing import Any

import pytest

from tests.dsl.cast import codes, flow, log, only, problems


def with_config(kind: str, config: dict[str, Any], **fields: Any) -> dict[str, Any]:
    return flow({"id": "a", "type": kind, "config": config, **fields}, edges="start>a")


def test_every_field_that_does_not_fit_is_told_at_its_place() -> None:
    found = problems(with_config("http.request", {"retries": "many", "timeout": "soon", "what": 1}))
    assert {(one.code, one.path) for one in found} == {
        ("bad_config", "/nodes/1/config/url"),
        ("bad_config", "/nodes/1/config/retries"),
        ("bad_duration", "/nodes/1/config/timeout"),
        ("bad_config", "/nodes/1/config/what"),
    }


def test_a_field_is_named_as_the_form_names_it_and_keys_that_people_chose_as_they_wrote_them() -> None:
    found = problems(with_config("http.request", {"retries": "many", "Mine": 1}))
    assert {one.message for one in found} == {
        "Url is missing.",
        "Retries must be a whole number.",
        "Mine is not known here.",
    }
    found = problems(
        with_config("flow.switch", {"value": "{{ 1 + }}", "cases": [{"port": 1, "when": "{{ nodes.gone }}"}]})
    )
    names = {one.path: one.params["field"] for one in found}
    assert names["/nodes/1/config/value"] == "Value"
    assert names["/nodes/1/config/cases/0/port"] == "Cases, 1, Port"
    assert names["/nodes/1/config/cases/0/when"] == "Cases, 1, When"


@pytest.mark.parametrize("retries", ["{{ input.n }}", "{{ input.n + 1 }}", "{{input.n}}"])
def test_an_expression_may_stand_for_a_number(retries: str) -> None:
    assert codes(with_config("http.request", {"url": "https://x", "retries": retries})) == []


def test_an_expression_may_stand_for_a_duration_or_an_instant() -> None:
    assert codes(with_config("flow.wait", {"for": "{{ input.pause }}"})) == []
    assert codes(with_config("flow.wait", {"until": "{{ input.day }}T09:00:00Z"})) == []


def test_text_around_an_expression_is_no_number() -> None:
    found = only(with_config("http.request", {"url": "https://x", "retries": "about {{ input.n }}"}))
    assert (found.code, found.path) == ("not_one_expression", "/nodes/1/config/retries")


def test_text_around_an_expression_is_text() -> None:
    assert codes(with_config("http.request", {"url": "https://x/{{ input.id }}"})) == []


def test_a_verbatim_field_holds_no_expression() -> None:
    raw = with_config("database.postgres", {"sql": "select '{{ not.an.expression'"}, credential="main")
    assert codes(raw) == []


@pytest.mark.parametrize(
    "config", [{}, {"for": "1s", "until": "2026-01-01T00:00:00Z"}, {"for": "{{ 1 }}", "until": "{{ 2 }}"}]
)
def test_a_wait_has_exactly_one_end(config: dict[str, Any]) -> None:
    assert only(with_config("flow.wait", config)).code == "bad_config"


def test_an_instant_without_an_offset_is_none() -> None:
    assert only(with_config("flow.wait", {"until": "2026-01-01T00:00:00"})).code == "bad_instant"


@pytest.mark.parametrize("case", [{"port": "a"}, {"equals": 1, "when": True, "port": "a"}, {"equals": 1}])
def test_a_case_of_a_switch_has_one_test_and_a_port(case: dict[str, Any]) -> None:
    found = only(with_config("flow.switch", {"value": 1, "cases": [case]}))
    assert found.path.startswith("/nodes/1/config/cases/0")


def test_a_switch_compares_with_null() -> None:
    assert codes(with_config("flow.switch", {"value": 1, "cases": [{"equals": None, "port": "a"}]})) == []


def test_the_fields_of_a_for_each_are_looked_at() -> None:
    found = problems(with_config("flow.for_each", {"items": "abc", "concurrency": 0, "on_error": "panic"}))
    assert [one.path.rsplit("/", 1)[1] for one in found] == ["items", "concurrency", "on_error"]


def test_a_credential_is_asked_for_where_a_type_needs_one() -> None:
    assert only(with_config("database.postgres", {"sql": "select 1"})).code == "missing_credential"


def test_a_credential_may_be_left_out_where_a_type_can_do_without() -> None:
    assert (
        codes(
            with_config("http.request", {"url": "https://x"}),
        )
        == []
    )


def test_a_credential_of_no_such_name_is_told() -> None:
    raw = with_config("http.request", {"url": "https://x"}, credential="payments")
    assert codes(raw, ["payments"]) == []
    assert only(raw, ["other"]).code == "unknown_credential"
    assert codes(raw) == [], "without the workspace's names none is missed"


def test_a_credential_on_a_type_that_takes_none_is_told() -> None:
    assert only(flow(log("a", credential="payments"), edges="start>a")).code == "needless_credential"


@pytest.mark.parametrize(
    ("effect", "expected"),
    [
        ("pure", ["weaker_effect"]),
        ("read", ["weaker_effect"]),
        ("keyed", []),
        ("once", []),
        ("transactional", ["no_such_effect"]),
    ],
)
def test_a_node_may_carry_a_stricter_effect_class_only(effect: str, expected: list[str]) -> None:
    assert codes(with_config("http.request", {"url": "https://x"}, effect=effect)) == expected


def test_a_transactional_type_may_say_so() -> None:
    raw = with_config("database.postgres", {"sql": "select 1"}, credential="main", effect="transactional")
    assert codes(raw) == []
