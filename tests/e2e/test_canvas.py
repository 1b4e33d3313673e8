"""The canvas under a real mouse: drawn by drags alone, run, watched, changed and taken back."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, Page, expect

from bench.product import Product
from tests.e2e.hands import field, node, opened, saved, shows

Place = tuple[float, float]
Picture = Callable[[Page, str], None]


def middle(target: Locator) -> Place:
    box = target.bounding_box()
    assert box is not None
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


def drag(page: Page, start: Place, end: Place) -> None:
    page.mouse.move(*start)
    page.mouse.down()
    page.mouse.move(start[0] + 6, start[1] + 6, steps=3)
    page.mouse.move(*end, steps=10)
    page.mouse.up()


def port(page: Page, name: str, handle: str) -> Locator:
    return page.locator(f'.react-flow__node[data-id="{name}"] .react-flow__handle[data-handleid="{handle}"]')


def edge(page: Page, key: str) -> Locator:
    return page.get_by_test_id(f"edge-{key}")


def on_canvas(page: Page, x: float, y: float) -> Place:
    box = page.get_by_test_id("canvas").bounding_box()
    assert box is not None
    return box["x"] + box["width"] * x, box["y"] + box["height"] * y


def take(page: Page, kind: str, end: Place) -> None:
    """Drag a node type out of the palette."""
    entry = page.get_by_test_id(f"type-{kind}")
    entry.scroll_into_view_if_needed()
    drag(page, middle(entry), end)


@pytest.fixture
def drawing(page: Page, product: Product) -> Page:
    """A new flow, open in the editor with its palette; it begins with a manual trigger, `start`."""
    flow = product.post("/api/flows/", {"name": "Drawn by hand"})
    page.set_viewport_size({"width": 1600, "height": 900})
    page.goto(f"/flows/{flow['id']}")
    expect(node(page, "start")).to_be_visible()
    expect(page.get_by_test_id("type-log")).to_be_visible()
    opened(page)
    return page


def draw_three(page: Page) -> None:
    """start -> log -> log_2: a drag from the palette, one from port to port, one into the void."""
    drag(page, middle(node(page, "start")), on_canvas(page, 0.2, 0.3))
    take(page, "log", on_canvas(page, 0.45, 0.28))
    expect(node(page, "log")).to_be_visible()
    drag(page, middle(port(page, "start", "out")), middle(port(page, "log", "in")))
    expect(edge(page, "start:out>log")).to_be_attached()
    drag(page, middle(port(page, "log", "out")), on_canvas(page, 0.75, 0.6))
    expect(page.get_by_test_id("insert-palette").get_by_role("combobox")).to_be_focused()
    page.keyboard.type("log")
    page.keyboard.press("Enter")
    expect(edge(page, "log:out>log_2")).to_be_attached()


def test_a_flow_is_drawn_by_the_mouse_run_and_watched(drawing: Page, picture: Picture) -> None:
    draw_three(drawing)
    field(drawing, "message").fill("drawn by hand")
    picture(drawing, "drawn")
    drawing.keyboard.press("Escape")
    drawing.get_by_role("button", name="Run", exact=True).click()
    shows(drawing, "log_2", "succeeded")
    expect(edge(drawing, "log:out>log_2").locator("[data-state=taken]").first).to_be_attached()
    picture(drawing, "ran")


def test_an_arrow_that_can_not_be_says_why(drawing: Page, picture: Picture) -> None:
    draw_three(drawing)
    drawing.mouse.move(*middle(port(drawing, "log_2", "out")))
    drawing.mouse.down()
    drawing.mouse.move(*middle(node(drawing, "log")), steps=12)
    expect(drawing.get_by_text("That would close a circle.")).to_be_visible()
    expect(node(drawing, "log")).to_have_attribute("data-refused", "true")
    picture(drawing, "refused")
    drawing.mouse.up()
    expect(edge(drawing, "log_2:out>log")).not_to_be_attached()


def test_a_node_falls_into_an_arrow_leaves_it_with_alt_and_every_step_can_be_taken_back(
    drawing: Page, picture: Picture
) -> None:
    draw_three(drawing)
    take(drawing, "flow.wait", middle(edge(drawing, "start:out>log")))
    expect(edge(drawing, "start:out>wait")).to_be_attached()
    expect(edge(drawing, "wait:out>log")).to_be_attached()
    picture(drawing, "spliced")

    drawing.keyboard.down("Alt")
    drag(drawing, middle(node(drawing, "wait")), on_canvas(drawing, 0.3, 0.8))
    drawing.keyboard.up("Alt")
    expect(edge(drawing, "start:out>log")).to_be_attached()
    expect(edge(drawing, "start:out>wait")).not_to_be_attached()

    drawing.keyboard.press("Control+z")
    expect(edge(drawing, "start:out>wait")).to_be_attached()
    node(drawing, "log").click()
    drawing.keyboard.press("Control+Delete")
    expect(edge(drawing, "wait:out>log_2")).to_be_attached()
    drawing.keyboard.press("Control+z")
    drawing.keyboard.press("Control+z")
    expect(node(drawing, "wait")).not_to_be_attached()
    drawing.keyboard.press("Control+Shift+z")
    expect(edge(drawing, "wait:out>log")).to_be_attached()


def test_the_palette_opens_at_a_double_click_and_at_the_plus_of_an_arrow(drawing: Page) -> None:
    palette = drawing.get_by_test_id("insert-palette").get_by_role("combobox")
    node(drawing, "start").click()
    drawing.keyboard.press("n")
    expect(palette).to_be_focused()
    drawing.keyboard.type("log")
    drawing.keyboard.press("Enter")
    expect(edge(drawing, "start:out>log")).to_be_attached()
    drawing.mouse.dblclick(*on_canvas(drawing, 0.7, 0.85))
    expect(palette).to_be_focused()
    drawing.keyboard.type("wait")
    drawing.keyboard.press("Enter")
    expect(node(drawing, "wait")).to_be_visible()
    # The pointer rests on the arrow itself; what it offers then is pressed.
    drawing.mouse.move(*middle(edge(drawing, "start:out>log")))
    edge(drawing, "start:out>log").get_by_role("button").click()
    expect(palette).to_be_focused()
    drawing.keyboard.type("if")
    drawing.keyboard.press("Enter")
    expect(edge(drawing, "start:out>if_1")).to_be_attached()
    expect(edge(drawing, "if_1:true>log")).to_be_attached()


def test_undo_survives_a_reload(drawing: Page) -> None:
    draw_three(drawing)
    saved(drawing)
    drawing.reload()
    opened(drawing)
    expect(node(drawing, "log_2")).to_be_visible()
    node(drawing, "start").click()
    drawing.keyboard.press("Control+z")
    expect(node(drawing, "log_2")).not_to_be_attached()
    drawing.keyboard.press("Control+Shift+z")
    expect(edge(drawing, "log:out>log_2")).to_be_attached()


def test_tidying_is_one_step(drawing: Page, picture: Picture) -> None:
    draw_three(drawing)
    before = node(drawing, "log_2").bounding_box()
    drawing.get_by_role("button", name="Tidy", exact=True).click()
    expect(drawing.get_by_role("button", name="Undo: tidy")).to_be_visible()
    picture(drawing, "tidy")
    drawing.keyboard.press("Control+z")
    expect(drawing.get_by_role("button", name="Undo: tidy")).not_to_be_attached()
    assert before is not None


def test_the_help_sheet_lists_the_commands_and_their_keys(drawing: Page, picture: Picture) -> None:
    drawing.keyboard.press("?")
    sheet = drawing.get_by_role("dialog")
    expect(sheet.get_by_text("Delete and reconnect")).to_be_visible()
    picture(drawing, "help")
