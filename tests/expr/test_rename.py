import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flows.expr.rename import rename_node

CASES = json.loads((Path(__file__).parents[1] / "shared" / "rename.json").read_text())


@pytest.mark.parametrize("case", CASES, ids=[one["name"] for one in CASES])
def test_a_case_shared_with_the_editor(case: dict[str, str]) -> None:
    assert rename_node(case["text"], case["old"], case["new"]) == case["expect"]


def test_inside_an_f_string() -> None:
    text = "{{ f'{nodes.a.x} nodes.a {nodes.a.x:>{nodes.a.y}}' }}"
    assert rename_node(text, "a", "bb") == "{{ f'{nodes.bb.x} nodes.a {nodes.bb.x:>{nodes.bb.y}}' }}"


pieces = st.sampled_from(
    ["nodes.a.x", "nodes['a']", "input.a", "'nodes.a'", "nodes.ab", "f'{nodes.a}'", "[nodes.a for nodes in input.r]"]
)


@given(st.lists(pieces, min_size=1, max_size=5))
def test_renaming_there_and_back_changes_nothing(parts: list[str]) -> None:
    text = "물 {{ " + " + ".join(parts) + " }} nodes.a"
    assert rename_node(rename_node(text, "a", "quite_another"), "quite_another", "a") == text
