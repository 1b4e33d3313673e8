"""A selection becomes a flow of its own: run before and after, the flow gives the same; undo brings the nodes back."""

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from bench.product import Product
from tests.e2e.audit import BOX, bare
from tests.e2e.hands import dialog, node, opened, saved

Picture = Callable[[Page, str], None]
NAME = "Price an order"


@pytest.fixture
def flow(product: Product) -> str:
    def at(place: int) -> dict[str, int]:
        return {"x": 300 * place, "y": 0}

    nodes = [
        {"id": "start", "type": "trigger.manual", "position": at(0)},
        {"id": "rate", "type": "data.set", "position": at(1), "config": {"fields": {"vat": 0.1}}},
        {"id": "sum", "type": "data.transform", "label": "Sum", "position": at(2),
         "config": {"value": "{{ input.price * input.count }}"}},
        {"id": "tax", "type": "data.set", "label": "Tax", "position": at(3),
         "config": {"fields": {"of": "{{ nodes.sum * nodes.rate.vat }}", "net": "{{ nodes.sum }}"}}},
        {"id": "bill", "type": "data.set", "label": "Bill", "position": at(4),
         "config": {"fields": {"gross": "{{ nodes.tax.net + nodes.tax.of }}", "net": "{{ nodes.sum }}"}}},
    ]  # fmt: skip
    edges = [
        {"from": one, "to": other}
        for one, other in zip(["start", "rate", "sum", "tax"], ["rate", "sum", "tax", "bill"], strict=True)
    ]
    inputs = {"type": "object", "properties": {"price": {"type": "number"}, "count": {"type": "integer"}},
              "required": ["price", "count"]}  # fmt: skip
    document = {"dsl": 1, "inputs": inputs, "nodes": nodes, "edges": edges}
    return str(product.post("/api/flows/", {"name": "Whole order", "document": document})["id"])


def output(product: Product, flow: str) -> Any:
    body = {"draft": True, "input": {"price": 50, "count": 4}}
    run = product.post(f"/api/flows/{flow}/runs/", body, wait="60s")
    assert run["status"] == "succeeded", run
    return run["output"]


def test_a_selection_becomes_a_sub_flow_that_gives_the_same(
    page: Page, product: Product, flow: str, picture: Picture
) -> None:
    before = output(product, flow)
    assert before == {"gross": 220.0, "net": 200}
    page.goto(f"/flows/{flow}")
    opened(page)
    node(page, "sum").click()
    node(page, "bill").click(modifiers=["Control"])
    page.keyboard.press("e")
    asked = dialog(page, "Extract to a sub-flow")
    expect(asked.get_by_test_id("extract-refused")).to_contain_text("back into it, through Tax")
    bare(page, "a selection that can't be extracted", BOX)
    picture(page, "refused")
    asked.get_by_role("button", name="Cancel").click()
    expect(asked).to_have_count(0)
    page.keyboard.press("Escape")
    expect(page.locator(".react-flow__node.selected")).to_have_count(0)

    node(page, "sum").click()
    node(page, "tax").click(modifiers=["Control"])
    page.keyboard.press("e")
    expect(asked.get_by_test_id("extract-inputs")).to_contain_text("nodes.rate")
    expect(asked.get_by_test_id("extract-outputs")).to_contain_text("Sum, Tax")
    asked.get_by_label("Name of the sub-flow").fill(NAME)
    bare(page, "a selection on its way out", BOX)
    picture(page, "plan")
    asked.get_by_role("button", name="Extract").click()
    expect(node(page, "price_an_order")).to_be_visible()
    expect(node(page, "sum")).to_have_count(0)
    expect(page.get_by_role("button", name=f"Undo: extract {NAME} to a sub-flow")).to_be_visible()
    saved(page)
    picture(page, "called")
    made = next(one for one in product.get(f"/api/flows/?search={NAME}")["results"] if one["name"] == NAME)
    assert made["live_version"] == 1
    assert output(product, flow) == before

    page.get_by_role("button", name=f"Undo: extract {NAME} to a sub-flow").click()
    expect(node(page, "tax")).to_be_visible()
    expect(node(page, "price_an_order")).to_have_count(0)
    saved(page)
    assert output(product, flow) == before
