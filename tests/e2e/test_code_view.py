"""The flow as text: written on either side it is the same flow, taken over as one step, judged where it is wrong."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from bench.product import Product
from tests.e2e.hands import dialog, middle, node, opened, saved

Picture = Callable[[Page, str], None]


@pytest.fixture
def flow(product: Product) -> str:
    nodes = [
        {"id": "start", "type": "trigger.manual", "position": {"x": 0, "y": 0}},
        {"id": "tell", "type": "log", "label": "Tell", "position": {"x": 300, "y": 0}, "config": {"message": "hello"}},
        {"id": "last", "type": "log", "position": {"x": 600, "y": 0}, "config": {"message": "bye"}},
    ]
    edges = [{"from": "start", "to": "tell"}, {"from": "tell", "to": "last"}]
    return str(
        product.post("/api/flows/", {"name": "As text", "document": {"dsl": 1, "nodes": nodes, "edges": edges}})["id"]
    )


def draft(product: Product, flow: str) -> dict[str, Any]:
    found: dict[str, Any] = product.get(f"/api/flows/{flow}/draft/")["document"]
    return found


def code(page: Page) -> Locator:
    return page.get_by_test_id("code-view")


def replace(page: Page, before: str, after: str) -> None:
    """Find a word in the text and write another in its place."""
    word = code(page).locator(".cm-line", has_text=re.compile(re.escape(before))).first
    word.click()
    page.keyboard.press("Home")
    line = word.inner_text()
    start = line.index(before)
    indent = len(line) - len(line.lstrip())
    for _ in range(start - indent):
        page.keyboard.press("ArrowRight")
    for _ in before:
        page.keyboard.press("Shift+ArrowRight")
    page.keyboard.insert_text(after)


def test_what_is_written_is_taken_over_as_one_step_and_taken_back(
    page: Page, product: Product, flow: str, picture: Picture
) -> None:
    page.goto(f"/flows/{flow}")
    opened(page)
    page.keyboard.press("j")
    expect(code(page).get_by_role("textbox", name="The flow as JSON")).to_be_visible()
    replace(page, '"hello"', '"good morning"')
    replace(page, '"Tell"', '"Greet"')
    expect(code(page)).to_contain_text("Not yet on the canvas.")
    assert draft(product, flow)["nodes"][1]["config"] == {"message": "hello"}
    # What is done on the canvas meanwhile stays beside it.
    x, y = middle(node(page, "tell"))
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x, y + 80, steps=8)
    page.mouse.up()
    expect(page.get_by_role("button", name="Undo: move 1 item")).to_be_visible()
    picture(page, "typed")
    code(page).get_by_role("button", name="Apply").click()
    expect(page.get_by_role("button", name="Undo: edit the flow as code")).to_be_visible()
    expect(node(page, "tell")).to_contain_text("Greet")
    expect(code(page)).to_contain_text("The same as on the canvas.")
    saved(page)
    kept = draft(product, flow)["nodes"]
    assert [one["id"] for one in kept] == ["start", "tell", "last"]
    assert kept[1]["config"] == {"message": "good morning"}
    assert kept[1]["position"]["y"] > 0
    page.get_by_role("button", name="Undo: edit the flow as code").click()
    expect(node(page, "tell")).to_contain_text("Tell")
    expect(code(page).locator(".cm-content")).to_contain_text('"hello"')
    saved(page)
    assert draft(product, flow)["nodes"][1]["config"] == {"message": "hello"}


def test_a_fault_stands_at_its_line_and_much_is_shown_before_it_is_done(
    page: Page, product: Product, flow: str, picture: Picture
) -> None:
    page.goto(f"/flows/{flow}")
    opened(page)
    page.keyboard.press("j")
    replace(page, '"bye"', '"bye"x')
    apply = code(page).get_by_role("button", name="Apply")
    expect(apply).to_be_disabled()
    expect(code(page).locator(".cm-lintRange-error")).to_have_text("x")
    replace(page, '"bye"x', '"{{ nodes.nobody }}"')
    expect(code(page).locator(".cm-lintRange-warning")).to_contain_text("nodes.nobody")
    expect(apply).to_be_enabled()
    picture(page, "problem")
    replace(page, '"id": "last"', '"id": "other"')
    replace(page, '"to": "last"', '"to": "other"')
    apply.click()
    asked = dialog(page, "This changes a lot of the flow")
    expect(asked).to_contain_text("last")
    picture(page, "diff")
    asked.get_by_role("button", name="Cancel").click()
    expect(node(page, "last")).to_be_visible()
    # What was typed is there again after a reload.
    page.reload()
    opened(page)
    page.keyboard.press("j")
    expect(code(page)).to_contain_text("Not yet on the canvas.")
    code(page).get_by_role("button", name="Apply").click()
    dialog(page, "This changes a lot of the flow").get_by_role("button", name="Apply the changes").click()
    expect(node(page, "other")).to_be_visible()
    expect(node(page, "last")).to_have_count(0)


def test_yaml_says_the_same_and_the_focused_field_is_shown(page: Page, flow: str, picture: Picture) -> None:
    page.goto(f"/flows/{flow}")
    opened(page)
    page.keyboard.press("j")
    code(page).get_by_text("YAML", exact=True).click()
    expect(code(page).get_by_role("textbox", name="The flow as YAML")).to_contain_text("message: hello")
    node(page, "tell").click()
    expect(code(page).locator(".cm-shown").first).to_contain_text("id: tell")
    page.locator('[data-field="/message"]').get_by_role("textbox").click()
    expect(code(page).locator(".cm-shown")).to_have_count(1)
    expect(code(page).locator(".cm-shown")).to_contain_text("message: hello")
    picture(page, "yaml")
    code(page).locator(".cm-line", has_text="id: last").click()
    expect(page.locator(".react-flow__node.selected")).to_have_attribute("data-id", "last")


def test_the_canvas_keeps_room_beside_the_text_and_a_wide_inspector(page: Page, flow: str) -> None:
    def width(test: str) -> float:
        box = page.get_by_test_id(test).bounding_box()
        assert box is not None, test
        return box["width"]

    page.goto(f"/flows/{flow}")
    opened(page)
    node(page, "tell").click()
    panes = page.get_by_test_id("input-pane")
    page.keyboard.press("w")
    expect(panes).to_be_visible()
    page.keyboard.press("j")
    expect(code(page)).to_be_visible()
    expect(panes).to_have_count(0)
    assert width("canvas") >= 280
    page.get_by_role("button", name="Open the inspector wide").click()
    expect(panes).to_be_visible()
    expect(code(page)).to_have_count(0)
    assert width("canvas") >= 280
    page.set_viewport_size({"width": 1600, "height": 800})
    page.keyboard.press("j")
    expect(code(page)).to_be_visible()
    expect(panes).to_be_visible()
    assert width("canvas") >= 280
