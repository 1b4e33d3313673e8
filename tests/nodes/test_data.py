import pytest

from flows.errors import MulgilError
from flows.nodes.base import Answer, BadConfig
from flows.nodes.data import filter_, set_, transform
from tests.nodes.stage import perform, stage


async def test_set_makes_an_object_whose_values_keep_their_types() -> None:
    fields = {"n": "{{ input.n }}", "text": "n is {{ input.n }}", "list": ["{{ input.n }}", {"x": None}]}
    async with stage(input={"n": 5}) as on:
        assert await perform(set_, {"fields": fields}, on) == Answer(
            {"n": 5, "text": "n is 5", "list": [5, {"x": None}]}
        )


async def test_data_that_looks_like_an_expression_stays_data() -> None:
    async with stage(input={"evil": "{{ input.secret }}"}) as on:
        assert await perform(set_, {"fields": {"a": "{{ input.evil }}"}}, on) == Answer(
            {"a": "{{ input.evil }}"[:0] + "{{ input.secret }}"}
        )


async def test_transform_gives_the_value_itself() -> None:
    async with stage(input={"rows": [{"n": 2}, {"n": 1}]}) as on:
        assert await perform(transform, {"value": "{{ sorted([row['n'] for row in input.rows]) }}"}, on) == Answer(
            [1, 2]
        )
        assert await perform(transform, {"value": None}, on) == Answer(None)


async def test_filter_asks_its_condition_once_per_item() -> None:
    items = [{"n": n, "tags": ["odd"] if n % 2 else []} for n in range(5_000)]
    async with stage(input={"items": items, "least": 4_990}) as on:
        closed = {"items": "{{ input.items }}", "condition": "{{ item.n >= input.least and index != 4995 }}"}
        answer = await perform(filter_, closed, on)
        assert isinstance(answer, Answer)
        assert [item["n"] for item in answer.output] == [4990, 4991, 4992, 4993, 4994, 4996, 4997, 4998, 4999]  # type: ignore[index, union-attr, call-overload]  # a list of objects
        open_form = {"items": "{{ input.items }}", "condition": "{{ len(item.tags) > 0 and index > 4994 }}"}
        answer = await perform(filter_, open_form, on)
        assert isinstance(answer, Answer)
        assert [item["n"] for item in answer.output] == [4995, 4997, 4999]  # type: ignore[index, union-attr, call-overload]  # a list of objects


async def test_filter_of_an_empty_list_is_empty_and_a_constant_condition_holds_for_all_or_none() -> None:
    async with stage(input={"items": []}) as on:
        assert await perform(filter_, {"items": "{{ input.items }}", "condition": "{{ item.missing }}"}, on) == Answer(
            []
        )


@pytest.mark.parametrize("items", ["{{ input.text }}", "{{ input.object }}", "{{ input.none }}"])
async def test_filter_of_what_is_no_list_says_so(items: str) -> None:
    async with stage(input={"text": "abc", "object": {"a": 1}, "none": None}) as on:
        with pytest.raises(MulgilError, match="list"):
            await perform(filter_, {"items": items, "condition": "{{ item }}"}, on)


def test_answers_for_other_items_are_refused() -> None:
    config = filter_.validate({"items": [1, 2], "condition": [True]})
    coroutine = filter_.function(config, None)  # type: ignore[arg-type]  # it looks at no step
    with pytest.raises(BadConfig, match="1 answers for 2 items"):
        coroutine.send(None)
