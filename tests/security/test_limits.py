import pytest

from flows.security.limits import LIMITS, MIB, BadLimit


def test_the_defaults_are_those_of_the_design() -> None:
    assert (LIMITS.step_output, LIMITS.inline, LIMITS.request_body) == (32 * MIB, 32 * 1024, 10 * MIB)
    assert (LIMITS.json_depth, LIMITS.document_nodes, LIMITS.each_items) == (64, 10_000, 100_000)


def test_a_limit_may_be_changed_and_the_others_stay() -> None:
    changed = LIMITS.changed({"each_items": 5})
    assert (changed.each_items, changed.inline) == (5, LIMITS.inline)


@pytest.mark.parametrize("values", [{"nonsense": 5}, {"inline": 0}, {"inline": -1}, {"inline": "5"}, {"inline": True}])
def test_a_bad_limit_names_itself(values: dict[str, object]) -> None:
    with pytest.raises(BadLimit) as refusal:
        LIMITS.changed(values)
    assert next(iter(values)) in refusal.value.message
