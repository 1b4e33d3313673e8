"""Data onto parameters: a value dragged or chosen onto a field, what it gives now, what is wrong; and who reads whom."""

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from bench.product import Product
from tests.e2e.hands import drag, node, open_drawer, opened, saved

Picture = Callable[[Page, str], None]
ROWS = [{"price": 2, "count": 3}, {"price": 5, "count": 1}]


def at(x: int, y: int) -> dict[str, int]:
    return {"x": x, "y": y}


DOCUMENT: dict[str, Any] = {
    "dsl": 1,
    "nodes": [
        {"id": "start", "type": "trigger.manual", "position": at(0, 0)},
        {"id": "price", "type": "data.set", "label": "Price", "position": at(0, 140),
         "config": {"fields": {"total": "{{ len(input.rows) * 25 }}", "unit price": 7}}},
        {"id": "tell", "type": "log", "label": "Tell", "position": at(0, 280), "config": {"message": "hello"}},
        {"id": "tax", "type": "data.transform", "label": "Tax", "position": at(0, 420),
         "config": {"value": "{{ nodes.price.total * 2 }}"}},
    ],
    "edges": [{"from": "start", "to": "price"}, {"from": "price", "to": "tell"}, {"from": "tell", "to": "tax"}],
}  # fmt: skip


@pytest.fixture
def flow(product: Product) -> str:
    """A flow that has run once, so that there are values to see."""
    made = str(product.post("/api/flows/", {"name": "Data onto fields", "document": DOCUMENT})["id"])
    ran = product.post(f"/api/flows/{made}/runs/", {"draft": True, "input": {"rows": ROWS}}, wait="60s")
    assert ran["status"] == "succeeded", ran
    return made


def message(page: Page) -> Locator:
    return page.locator('[data-field="/message"]')


def written(page: Page) -> Locator:
    return message(page).locator(".cm-content")


def write(page: Page, words: str) -> None:
    """Over all that stands there."""
    written(page).click()
    page.keyboard.press("ControlOrMeta+a")
    page.keyboard.press("Delete")
    page.keyboard.insert_text(words)


def from_a_table(page: Page, data: Locator, picture: Picture) -> None:
    """Of a list that is shown as a table a whole column is dragged, and a cell chosen."""
    given = data.get_by_test_id("source-input")
    given.get_by_text("Input of the run").click()
    given.get_by_text("Table", exact=True).click()
    write(page, "")
    drag(page, given.get_by_role("button", name="price", exact=True), message(page).get_by_role("textbox"))
    expect(written(page)).to_have_text("{{ [row.price for row in input.rows] }}")
    expect(message(page).get_by_test_id("expression-now")).to_contain_text("[2, 5]")
    picture(page, "column")
    write(page, "")
    given.get_by_role("button", name="5", exact=True).click()
    expect(written(page)).to_have_text("{{ input.rows[1].price }}")
    open_drawer(page)
    expect(data).to_have_count(0)


def test_a_value_goes_from_the_data_into_a_field_and_shows_what_it_gives(
    page: Page, product: Product, flow: str, picture: Picture
) -> None:
    page.goto(f"/flows/{flow}")
    opened(page)
    open_drawer(page)
    node(page, "tell").click()
    page.keyboard.press("w")
    # Three panes and the palette have no room beside each other.
    expect(page.get_by_test_id("palette")).to_have_count(0)
    data = page.get_by_test_id("input-pane")
    price = data.get_by_test_id("source-nodes.price")
    expect(page.get_by_test_id("output-pane")).to_be_visible()
    node(page, "tell").click(trial=True)  # the canvas, with less room now, keeps it in sight
    expect(page.get_by_test_id("output-pane")).to_contain_text("As run #1, the last one, left it.")
    strip, tidy = (
        where.bounding_box()
        for where in (page.get_by_test_id("canvas"), page.get_by_role("button", name="Tidy", exact=True))
    )
    assert strip is not None
    assert tidy is not None
    assert tidy["x"] + tidy["width"] <= strip["x"] + strip["width"]
    expect(price).to_contain_text("50")
    drag(page, price.get_by_role("button", name="total:", exact=True), message(page).get_by_role("textbox"))
    expect(written(page)).to_have_text("hello{{ nodes.price.total }}")
    expect(message(page).get_by_test_id("expression-now")).to_contain_text("hello50")
    picture(page, "dragged")

    # Chosen, it goes where the cursor was last: within braces as it is, and with brackets where its name asks for them.
    write(page, "{{ nodes.price.total +  }}")
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("ArrowLeft")
    price.get_by_role("button", name="unit price:", exact=True).click()
    expect(written(page)).to_have_text('{{ nodes.price.total + nodes.price["unit price"] }}')
    expect(message(page).get_by_test_id("expression-now")).to_contain_text("57")
    saved(page)
    kept = product.get(f"/api/flows/{flow}/draft/")["document"]["nodes"][2]["config"]["message"]
    assert kept == '{{ nodes.price.total + nodes.price["unit price"] }}'
    from_a_table(page, data, picture)


def test_what_is_wrong_is_underlined_and_common_expressions_are_at_hand(
    page: Page, flow: str, picture: Picture
) -> None:
    page.goto(f"/flows/{flow}")
    opened(page)
    node(page, "tell").click()
    box = message(page).get_by_role("textbox")
    box.fill("")
    box.press("=")
    expect(written(page)).to_be_focused()
    write(page, "{{ lenn(input.rows) }}")
    expect(message(page).locator(".cm-lintRange-error")).to_have_text("lenn")
    expect(message(page).get_by_test_id("expression-wrong")).to_contain_text("lenn")
    picture(page, "wrong")
    write(page, "{{ nodes.price.totla }}")
    expect(message(page).locator(".cm-lintRange-error")).to_have_text("nodes.price.totla")
    written(page).click()
    page.keyboard.press("ControlOrMeta+a")
    page.keyboard.press("Delete")
    message(page).get_by_role("button", name="Common expressions").click()
    picture(page, "gallery")
    page.get_by_test_id("recipe-sum").click()
    expect(written(page)).to_have_text("{{ sum(row.price * row.count for row in input.rows) }}")
    expect(message(page).get_by_test_id("expression-now")).to_contain_text("11")


def test_shift_over_a_node_shows_what_it_reads_and_who_reads_it(page: Page, flow: str, picture: Picture) -> None:
    page.goto(f"/flows/{flow}")
    opened(page)
    node(page, "price").hover()
    page.keyboard.down("Shift")
    expect(page.get_by_test_id("reader-tax")).to_be_attached()
    expect(page.get_by_test_id("reading-said")).to_contain_text("Price is read by Tax")
    picture(page, "shift")
    page.keyboard.up("Shift")
    expect(page.get_by_test_id("reading")).to_have_count(0)
    node(page, "tax").click()
    page.keyboard.press("r")
    expect(page.get_by_test_id("reads-price")).to_be_attached()
    expect(page.get_by_test_id("reading-said")).to_contain_text("Tax reads Price")
    page.keyboard.press("r")
    expect(page.get_by_test_id("reading-said")).to_have_count(0)
