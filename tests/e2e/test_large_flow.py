"""A flow of more nodes than stand on the canvas at once: what one comes to is there, whole, and can be taken."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, Page, expect

from bench import documents
from bench.product import Product
from tests.e2e.hands import look_for, node, opened

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
