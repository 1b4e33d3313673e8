"""A flow of more nodes than stand on the canvas at once: what one comes to is there, whole, and can be taken."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, Page, expect

from bench import documents
from bench.product import Product
from tests.e2e.hands import look_for, node, opened, saved

Picture = Callable[[Page, str], None]
ROWS = 40
# The row of cards in the middle of the canvas, by where the canvas has been moved to.
MIDDLE = """() => {
  const [canvas, sheet] = [".react-flow", ".react-flow__viewport"].map(name => document.querySelector(name));
  const { a, f } = new DOMMatrix(getComputedStyle(sheet).transform);
  return Math.floor((canvas.clientHeight / 2 - f) / a / 128);
}"""


@pytest.fixture
def flow(product: Product) -> str:
    """Forty rows of four; the last card is far from where the flow is opened, and has a name of its own."""
    made = documents.streaming(4 * ROWS + 1)
    made["nodes"][-1]["label"] = "Heron at the far end"
    return str(product.post("/api/flows/", {"name": "Many herons", "document": made})["id"])


def card(page: Page, name: str) -> Locator:
    return page.locator(f'.react-flow__node[data-id="{name}"]')


def test_what_one_pans_or_jumps_to_is_there_and_can_be_taken(page: Page, flow: str, picture: Picture) -> None:
    page.goto(f"/flows/{flow}")
    opened(page)
    last = f"n{4 * ROWS - 1}"
    expect(node(page, "n0")).to_contain_text("Step 0")
    expect(card(page, last)).to_have_count(0)
    box = page.get_by_test_id("canvas").bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    for _ in range(16):
        page.mouse.wheel(0, 200)
    page.wait_for_function(f"() => ({MIDDLE})() > 12")
    row = page.evaluate(MIDDLE)
    expect(node(page, f"n{row}")).to_contain_text(f"Step {row}")
    node(page, f"n{row}").click()
    expect(node(page, f"n{row}")).to_have_attribute("data-selected", "true")
    picture(page, "panned")

    look_for(page, "heron at", "Heron at the far end")
    expect(node(page, last)).to_have_attribute("data-selected", "true")
    expect(node(page, last)).to_contain_text("Heron at the far end")
    expect(card(page, last)).to_be_focused()
    expect(node(page, last)).to_be_in_viewport(ratio=0.9)
    picture(page, "jumped")


# How much of the flow the silhouettes show, and the place on the screen of the middle of a card.
SHOWN = """() => {
  const { width, height } = document.querySelector('[data-testid="silhouettes"]').getBBox();
  return [width, height];
}"""
MIDDLE_OF = """([x, y]) => {
  const [canvas, sheet] = [".react-flow", ".react-flow__viewport"].map(name => document.querySelector(name));
  const { left, top } = canvas.getBoundingClientRect();
  const { a, e, f } = new DOMMatrix(getComputedStyle(sheet).transform);
  return [left + e + a * (x + 110), top + f + a * (y + 44)];
}"""


def test_zoomed_out_all_is_seen_at_once_and_any_of_it_can_be_taken(
    page: Page, product: Product, flow: str, picture: Picture
) -> None:
    page.goto(f"/flows/{flow}")
    opened(page)
    seen = page.get_by_test_id("silhouettes")
    expect(seen).to_be_attached()
    box = page.get_by_test_id("canvas").bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + 300, box["y"] + 40)
    page.keyboard.down("Control")
    for _ in range(12):
        page.mouse.wheel(0, 120)
    page.keyboard.up("Control")
    expect(seen).to_have_attribute("data-far", "true")
    width, height = page.evaluate(SHOWN)
    assert width >= 4 * 280 + 220 - 1, "a column has no silhouettes"
    assert height >= (ROWS - 1) * 128 + 88 - 1, "a row has no silhouettes"
    picture(page, "far")

    before = {"x": 280 * 2, "y": 128 * 30}
    x, y = page.evaluate(MIDDLE_OF, [before["x"], before["y"]])
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + 20, y + 4, steps=4)
    page.mouse.move(x + 60, y + 10, steps=8)
    picture(page, "far-held")
    page.mouse.up()
    expect(node(page, "n70")).to_have_attribute("data-selected", "true")
    saved(page)
    nodes = product.get(f"/api/flows/{flow}/draft/")["document"]["nodes"]
    after = next(each["position"] for each in nodes if each["id"] == "n70")
    assert after["x"] > before["x"] + 200, "the shape was not taken along"
    # What did not stand yet as it was pressed stands in the end.
    expect(page.locator(".react-flow__node")).to_have_count(4 * ROWS + 1)
