"""Notes and groups under a real mouse: written in, coloured, led on by, moved with what lies on them, and copied."""

from collections.abc import Callable
from typing import Any, Final

import pytest
from playwright.sync_api import Locator, Page, expect

from bench.product import Product
from tests.e2e.hands import dialog, node, opened, saved

Picture = Callable[[Page, str], None]
PLACES = {"start": (0, 0), "first": (280, 0), "second": (280, 120), "third": (600, 0)}


@pytest.fixture
def flow(product: Product) -> str:
    nodes = [
        {
            "id": name,
            "type": "trigger.manual" if name == "start" else "log",
            "label": name.title(),
            "position": {"x": x, "y": y},
        }
        for name, (x, y) in PLACES.items()
    ]
    document = {
        "dsl": 1,
        "nodes": nodes,
        "edges": [{"from": "start", "to": "first"}, {"from": "first", "to": "third"}],
        "notes": [{"id": "why", "text": "", "position": {"x": 0, "y": 240}}],
    }
    return str(product.post("/api/flows/", {"name": "Notes and groups", "document": document})["id"])


def draft(product: Product, flow: str) -> dict[str, Any]:
    found: dict[str, Any] = product.get(f"/api/flows/{flow}/draft/")["document"]
    return found


def moved(product: Product, flow: str) -> dict[str, tuple[float, float]]:
    """How far each node stands from where it began."""
    stand = {one["id"]: (one["position"]["x"], one["position"]["y"]) for one in draft(product, flow)["nodes"]}
    return {name: (stand[name][0] - x, stand[name][1] - y) for name, (x, y) in PLACES.items()}


def note(page: Page, name: str) -> Locator:
    return page.get_by_test_id(f"note-{name}")


# In the strip of a group above what lies on it, beside its name.
TITLE: Final = (110, 12)


def test_a_note_is_written_in_and_coloured_by_the_pointer_and_leads_on(
    page: Page, product: Product, flow: str, picture: Picture
) -> None:
    page.goto(f"/flows/{flow}")
    opened(page)
    why = note(page, "why")
    why.dblclick()
    words = "Read [the manual](https://manual.example/start), not [this](javascript:window.hurt=1)"
    page.get_by_role("textbox", name="Sticky note").fill(words)
    page.keyboard.press("Escape")
    link = why.get_by_role("link")
    expect(link).to_have_text("the manual")
    expect(link).to_have_attribute("href", "https://manual.example/start")
    expect(link).to_have_attribute("rel", "noopener noreferrer")
    expect(link).to_have_attribute("target", "_blank")
    expect(why).to_contain_text("[this](javascript:window.hurt=1)")
    why.get_by_role("button", name="Colour pink").click()
    expect(why).to_have_attribute("data-color", "pink")
    picture(page, "note")
    saved(page)
    [kept] = draft(product, flow)["notes"]
    assert (kept["text"], kept["color"]) == (words, "pink")
    page.keyboard.press("Control+z")
    expect(why).to_have_attribute("data-color", "yellow")
    expect(link).to_be_visible()


def copied_into_another(page: Page, product: Product, group: Locator) -> None:
    """Copied into another flow by the system's clipboard, with its nodes, and taken apart there."""
    group.click(position={"x": TITLE[0], "y": TITLE[1]})
    page.keyboard.press("Control+c")
    other = str(product.post("/api/flows/", {"name": "Notes copied"})["id"])
    page.goto(f"/flows/{other}")
    opened(page)
    page.get_by_test_id("canvas").hover()
    page.keyboard.press("Control+v")
    expect(note(page, "group_1")).to_have_attribute("data-group", "true")
    expect(node(page, "first")).to_be_visible()
    saved(page)
    assert {one["id"] for one in draft(product, other)["nodes"]} == {"start", "first", "second"}

    page.keyboard.press("Control+Shift+g")
    expect(note(page, "group_1")).to_have_count(0)
    expect(node(page, "second")).to_be_visible()
    page.keyboard.press("Control+z")
    expect(note(page, "group_1")).to_contain_text("Payment")


def test_a_group_is_made_named_moved_copied_and_taken_apart(
    page: Page, product: Product, flow: str, picture: Picture
) -> None:
    page.goto(f"/flows/{flow}")
    opened(page)
    node(page, "first").click()
    node(page, "second").click(modifiers=["Control"])
    page.keyboard.press("Control+g")
    name = page.get_by_role("textbox", name="Group", exact=True)
    expect(name).to_be_focused()
    name.fill("Payment")
    page.keyboard.press("Escape")
    group = note(page, "group_1")
    expect(group).to_have_attribute("data-group", "true")
    picture(page, "grouped")

    box = group.bounding_box()
    assert box is not None
    x, y = box["x"] + TITLE[0], box["y"] + TITLE[1]
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + 4, y + 4, steps=4)
    page.mouse.move(x + 40, y + 160, steps=12)
    picture(page, "dragged")
    page.mouse.up()
    expect(page.get_by_role("button", name="Undo: move 1 item")).to_be_visible()
    saved(page)
    ways = moved(product, flow)
    assert ways["first"] == ways["second"] != (0, 0)
    assert ways["start"] == ways["third"] == (0, 0)

    page.keyboard.press("o")
    tree = page.get_by_role("tree", name="Outline")
    expect(tree.get_by_role("treeitem", name="Payment")).to_contain_text(["First", "Payment"])
    expect(tree.locator('[data-row="note group_1"]')).to_contain_text("around First, Second")
    picture(page, "outline")
    page.keyboard.press("o")
    expect(tree).to_have_count(0)
    copied_into_another(page, product, group)


def test_a_problem_leads_to_its_field(page: Page, product: Product, picture: Picture) -> None:
    nodes = [
        {"id": "start", "type": "trigger.manual", "position": {"x": 0, "y": 0}},
        {"id": "ask", "type": "http.request", "label": "Ask", "position": {"x": 280, "y": 0}, "config": {}},
    ]
    document = {"dsl": 1, "nodes": nodes, "edges": [{"from": "start", "to": "ask"}]}
    flow = str(product.post("/api/flows/", {"name": "A problem leads on", "document": document})["id"])
    page.goto(f"/flows/{flow}")
    opened(page)
    page.get_by_role("tab", name="Problems").click()
    page.get_by_role("region", name="Runs").get_by_role("button", name="Ask").first.click()
    expect(node(page, "ask")).to_have_attribute("data-selected", "true")
    url = page.locator('[data-field="/url"]').get_by_role("textbox")
    expect(url).to_be_focused()
    picture(page, "field")

    # Also from where the field doesn't stand, and from the dialog that will not publish it.
    page.get_by_role("tab", name="Output", exact=True).click()
    expect(url).to_have_count(0)
    page.get_by_role("region", name="Runs").get_by_role("button", name="Ask").first.click()
    expect(url).to_be_focused()
    page.get_by_role("tab", name="Output", exact=True).click()
    page.get_by_role("button", name="Publish", exact=True).click()
    refused = dialog(page, "Publish the draft")
    expect(refused).to_contain_text("keeps the draft from being published")
    expect(refused.get_by_role("button", name="Publish", exact=True)).to_have_count(0)
    picture(page, "refused")
    refused.get_by_role("listitem").get_by_role("button").first.click()
    expect(refused).to_have_count(0)
    expect(url).to_be_focused()
    assert product.get(f"/api/flows/{flow}/versions/")["results"] == []
    answer = product.client.post(f"/api/flows/{flow}/publish/", json={"note": "all the same"})
    assert answer.status_code == 422
    assert [one["node"] for one in answer.json()["problems"]] == ["ask"]


def test_an_output_is_pinned_and_let_go_by_the_pointer(page: Page, product: Product) -> None:
    nodes = [
        {"id": "start", "type": "trigger.manual", "position": {"x": 0, "y": 0}},
        {
            "id": "order",
            "type": "data.set",
            "position": {"x": 280, "y": 0},
            "config": {"fields": {"total": "{{ 6 * 7 }}"}},
        },
    ]
    document = {"dsl": 1, "nodes": nodes, "edges": [{"from": "start", "to": "order"}]}
    flow = str(product.post("/api/flows/", {"name": "Pinned by hand", "document": document})["id"])
    run = product.post(f"/api/flows/{flow}/runs/", {"draft": True, "input": {}}, wait="60s")
    page.goto(f"/flows/{flow}?run={run['id']}")
    opened(page)
    node(page, "order").click()
    page.get_by_role("tab", name="Output").click()
    page.get_by_role("button", name="Pin", exact=True).click()
    pinned = node(page, "order").get_by_label("Its output is pinned")
    expect(pinned).to_be_visible()
    saved(page)
    assert draft(product, flow)["pins"] == {"order": {"total": 42}}
    page.get_by_role("button", name="Unpin", exact=True).click()
    expect(pinned).to_have_count(0)
    saved(page)
    assert draft(product, flow).get("pins", {}) == {}
