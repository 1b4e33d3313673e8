"""The outline: a flow built, wired, renamed, run and inspected with the keyboard alone, and never a focus lost."""

from collections.abc import Callable
from urllib.parse import urlparse

import pytest
from playwright.sync_api import Browser, Page, expect

from bench.product import Product
from tests.e2e.audit import findings
from tests.e2e.hands import node, opened, saved, sign_in, window

Picture = Callable[[Page, str], None]


@pytest.fixture
def flow(page: Page, product: Product) -> Page:
    made = product.post("/api/flows/", {"name": "By keyboard"})
    page.goto(f"/flows/{made['id']}")
    expect(node(page, "start")).to_be_visible()
    opened(page)
    return page


def insert(page: Page, word: str) -> None:
    page.keyboard.press("n")
    expect(page.get_by_test_id("insert-palette").get_by_role("combobox")).to_be_focused()
    page.keyboard.type(word)
    page.keyboard.press("Enter")
    expect(page.get_by_test_id("insert-palette")).to_have_count(0)


def name_and_say(page: Page) -> None:
    """Opened: Enter goes to the first field, F6 around the regions; and named where it stands."""
    tree = page.get_by_role("tree", name="Outline")
    page.keyboard.press("Enter")
    expect(page.locator("[data-region=inspector] [data-field='/message'] :focus")).to_be_attached()
    page.keyboard.type("by keyboard")
    page.keyboard.press("Shift+F6")
    page.keyboard.press("Shift+F6")
    expect(tree.locator("[data-row='node log']")).to_be_focused()

    page.keyboard.press("F2")
    page.keyboard.type("Say it")
    page.keyboard.press("Enter")
    expect(tree.locator("[data-row='node log']")).to_contain_text("Say it")
    expect(tree.locator("[data-row='node log']")).to_be_focused()


def wire(page: Page, picture: Picture) -> None:
    """The free port of the condition leads to the same node."""
    tree = page.get_by_role("tree", name="Outline")
    page.keyboard.press("Home")
    while "port if_1:false" not in (page.evaluate("document.activeElement.dataset.row") or ""):
        before = page.evaluate("document.activeElement.dataset.row")
        page.keyboard.press("ArrowDown")
        page.wait_for_function("before => document.activeElement.dataset.row !== before", arg=before)
    page.keyboard.press("c")
    expect(page.get_by_role("combobox", name="from port false")).to_be_focused()
    page.keyboard.type("Say")
    page.keyboard.press("Enter")
    expect(tree.locator("[data-row='edge if_1:false>log']")).to_contain_text("Say it")
    expect(tree.locator(":focus")).to_have_count(1)
    rows = tree.get_by_role("treeitem")
    expect(rows).to_have_text(["startStart by hand", "If", "If", "trueSay it", "falseSay it", "Say itLog"])
    assert [each.get_attribute("aria-level") for each in rows.all()] == ["1", "2", "1", "2", "2", "1"]
    expect(page.get_by_role("dialog")).to_have_count(0)
    picture(page, "wired")
    assert findings(page) == []


def test_a_flow_is_built_wired_run_and_inspected_by_keyboard_alone(
    flow: Page, product: Product, picture: Picture
) -> None:
    page = flow
    page.keyboard.press("o")
    tree = page.get_by_role("tree", name="Outline")
    expect(tree.get_by_role("treeitem")).to_have_count(1)
    expect(tree.get_by_role("treeitem").first).to_be_focused()

    # Built: each new node is wired to the row that is chosen, and the focus stays in the tree.
    page.keyboard.press("Home")
    insert(page, "If")
    expect(tree.get_by_text("leads nowhere yet")).to_have_count(2)
    expect(tree.locator("[data-row='node if_1']")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("[data-region=inspector] [data-field='/condition'] :focus")).to_be_attached()
    page.keyboard.type("=1 < 2")
    page.keyboard.press("Shift+F6")
    page.keyboard.press("Shift+F6")
    expect(tree.locator("[data-row='node if_1']")).to_be_focused()
    page.keyboard.press("ArrowDown")
    expect(tree.locator("[data-row='port if_1:true']")).to_be_focused()
    insert(page, "Log")
    expect(tree.locator("[data-row='node log']")).to_be_focused()

    name_and_say(page)
    wire(page, picture)
    saved(page)
    draft = product.get(f"/api{urlparse(page.url).path}/draft/")["document"]
    assert draft["nodes"][1]["config"] == {"condition": "{{ 1 < 2 }}"}
    assert (draft["nodes"][2]["label"], draft["nodes"][2]["config"]) == ("Say it", {"message": "by keyboard"})

    # Run, watched in the tree, and inspected.
    page.keyboard.press("Control+Enter")
    expect(tree.locator("[data-row='node log']")).to_have_attribute("data-status", "succeeded")
    expect(tree.locator("[data-row='edge if_1:false>log']")).to_have_attribute("data-state", "dead")
    expect(tree.locator(":focus")).to_have_count(1)
    page.keyboard.press("Home")
    page.keyboard.press("End")
    expect(tree.locator("[data-row='node log']")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_role("tab", name="Output")).to_be_focused()
    expect(page.get_by_role("tabpanel", name="Output")).to_contain_text("Succeeded")
    picture(page, "inspected")


def test_an_arrow_is_taken_away_and_brought_back_in_the_tree(flow: Page) -> None:
    page = flow
    page.keyboard.press("o")
    tree = page.get_by_role("tree", name="Outline")
    expect(tree.locator("[data-row='node start']")).to_be_focused()
    page.keyboard.press("Home")
    insert(page, "Log")
    expect(tree.locator("[data-row='node log']")).to_be_focused()
    page.keyboard.press("Home")
    page.keyboard.press("ArrowDown")
    expect(tree.locator("[data-row='edge start:out>log']")).to_be_focused()
    page.keyboard.press("Delete")
    expect(tree.locator("[data-row='edge start:out>log']")).to_have_count(0)
    expect(tree.locator(":focus")).to_have_count(1)
    page.keyboard.press("Control+z")
    expect(tree.locator("[data-row='edge start:out>log']")).to_have_count(1)
    expect(tree.locator(":focus")).to_have_count(1)


def test_on_a_telephone_the_outline_stands_in_the_canvas_place_and_shows_a_steps_detail(
    browser: Browser, product: Product, picture: Picture
) -> None:
    document = {
        "dsl": 1,
        "nodes": [
            {"id": "start", "type": "trigger.manual", "position": {"x": 0, "y": 0}},
            {"id": "log", "type": "log", "label": "Say it", "position": {"x": 280, "y": 0}, "config": {"message": "x"}},
        ],
        "edges": [{"from": "start", "to": "log"}],
    }
    flow = product.post("/api/flows/", {"name": "Read on the way", "document": document})["id"]
    run = product.post(f"/api/flows/{flow}/runs/", {"draft": True, "input": {}}, wait="30s")["id"]
    page = window(browser, product, viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True)
    try:
        sign_in(page, product)
        page.goto(f"/flows/{flow}?run={run}&drawer=0")
        opened(page)
        page.get_by_role("button", name="Show or hide the outline", exact=True).tap()
        row = page.locator("[data-row='node log']")
        expect(row).to_have_attribute("data-status", "succeeded")
        box = row.bounding_box()
        assert box is not None
        assert box["height"] >= 44, "a finger needs the room"
        picture(page, "tree")
        assert findings(page) == []
        row.tap()
        page.wait_for_url(lambda url: "step=log" in url)
        page.get_by_role("button", name="Close the outline", exact=True).tap()
        expect(page.get_by_test_id("outline")).to_have_count(0)
        expect(node(page, "log")).to_be_visible()
        assert page.evaluate("document.documentElement.scrollWidth") <= 390
    finally:
        page.context.close()
