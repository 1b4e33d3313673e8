"""The canvas under a real mouse: drawn by drags alone, run, watched, changed and taken back."""

from collections.abc import Callable
from typing import Any

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


# How far the sheet that all cards lie on has been moved over the canvas.
MOVED = """() => {
  const { e, f } = new DOMMatrix(getComputedStyle(document.querySelector(".react-flow__viewport")).transform);
  return [Math.round(e), Math.round(f)];
}"""


def moved(page: Page) -> Place:
    x, y = page.evaluate(MOVED)
    return x, y


def moves_to(page: Page, place: Place) -> None:
    """Wait until the sheet lies there, to the pixel."""
    page.wait_for_function(f"([x, y]) => {{ const [e, f] = ({MOVED})(); return e === x && f === y; }}", arg=[*place])


def pulled(page: Page) -> None:
    """Drag the canvas itself from an empty place, by 120 to the right and 60 up."""
    x, y = on_canvas(page, 0.6, 0.85)
    drag(page, (x, y), (x + 120, y - 60))


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


def test_the_canvas_is_moved_by_space_by_the_hand_and_by_the_small_picture(drawing: Page, picture: Picture) -> None:
    draw_three(drawing)
    x, y = moved(drawing)
    drawing.keyboard.press("Escape")
    pulled(drawing)
    assert moved(drawing) == (x, y), "a drag alone selects"
    drawing.keyboard.down("Space")
    pulled(drawing)
    drawing.keyboard.up("Space")
    moves_to(drawing, (x + 120, y - 60))
    drawing.keyboard.press("h")
    hand = drawing.get_by_role("toolbar").get_by_role("button", name="Hand")
    expect(hand).to_have_attribute("aria-pressed", "true")
    pulled(drawing)
    moves_to(drawing, (x + 240, y - 120))
    drawing.keyboard.press("h")
    expect(hand).to_have_attribute("aria-pressed", "false")
    pulled(drawing)
    assert moved(drawing) == (x + 240, y - 120)

    small = drawing.get_by_test_id("overview")
    drawing.mouse.move(*middle(small))
    drawing.mouse.down()
    drawing.wait_for_function(f"([x, y]) => ({MOVED})().join() !== [x, y].join()", arg=[x + 240, y - 120])
    at = moved(drawing)
    there = middle(small)
    # What is seen follows the hand: to the right, and the cards go to the left, until it lets go.
    drawing.mouse.move(there[0] + 40, there[1], steps=6)
    drawing.wait_for_function(f"before => ({MOVED})()[0] < before", arg=at[0])
    drawing.mouse.up()
    rest = moved(drawing)
    drawing.mouse.move(there[0] - 40, there[1], steps=4)
    assert moved(drawing) == rest
    assert rest[1] == at[1]
    picture(drawing, "moved")


def at(x: int, y: int) -> dict[str, int]:
    return {"x": x, "y": y}


CHAIN: dict[str, Any] = {
    "dsl": 1,
    "nodes": [
        {"id": "start", "type": "trigger.manual", "position": at(0, 0)},
        {"id": "one", "type": "log", "label": "One", "position": at(280, 40), "config": {"message": "1"}},
        {"id": "two", "type": "log", "label": "Two", "position": at(288, 192), "config": {"message": "2"}},
        {"id": "apart", "type": "log", "label": "Apart", "position": at(0, 400), "config": {"message": "3"}},
        {"id": "crm", "type": "acme.crm", "label": "Ask the CRM", "position": at(600, 400),
         "config": {"stage": "won", "deep": {"list": [1, None, "{{ nodes.one }}"]}}},
    ],
    "edges": [{"from": "start", "to": "one"}, {"from": "one", "to": "two"}, {"from": "apart", "to": "crm"}],
    "notes": [{"id": "why", "text": "Stands by two", "position": at(288, 296)}],
    "pins": {"crm": {"customer": 7}},
}  # fmt: skip


def chosen(page: Page, *names: str) -> None:
    expect(page.locator('[data-testid^="node-"][data-selected]')).to_have_count(len(names))
    for name in names:
        expect(node(page, name)).to_have_attribute("data-selected", "true")


def choose(page: Page, name: str, command: str) -> None:
    """By the menu under the right button of a node."""
    node(page, name).click(button="right")
    page.get_by_role("menuitem", name=command).click()
    expect(page.get_by_role("menu")).to_have_count(0)


def draft(product: Product, flow: str) -> dict[str, Any]:
    found: dict[str, Any] = product.get(f"/api/flows/{flow}/draft/")["document"]
    return found


def places(product: Product, flow: str) -> dict[str, Place]:
    document = draft(product, flow)
    return {one["id"]: (one["position"]["x"], one["position"]["y"]) for one in document["nodes"] + document["notes"]}


def test_the_menu_selects_a_way_which_is_tidied_with_the_note_beside_it(
    page: Page, product: Product, picture: Picture
) -> None:
    flow = str(product.post("/api/flows/", {"name": "A way chosen", "document": CHAIN})["id"])
    page.goto(f"/flows/{flow}")
    opened(page)
    choose(page, "two", "Select upstream")
    chosen(page, "start", "one", "two")
    choose(page, "apart", "Select downstream")
    chosen(page, "apart", "crm")
    choose(page, "one", "Select connected")
    chosen(page, "start", "one", "two")
    before = places(product, flow)
    page.get_by_role("button", name="Tidy", exact=True).click()
    expect(page.get_by_role("button", name="Undo: tidy")).to_be_visible()
    saved(page)
    after = places(product, flow)
    way = {name: (after[name][0] - before[name][0], after[name][1] - before[name][1]) for name in before}
    picture(page, "tidy")
    assert (way["apart"], way["crm"]) == ((0, 0), (0, 0)), "what isn't selected stays"
    assert after["start"][1] == after["one"][1] == after["two"][1], "a chain is a line"
    assert way["why"] == way["two"] != (0, 0), "the note goes with the card it stands by"
    page.keyboard.press("Control+z")
    saved(page)
    assert places(product, flow) == before

    page.locator(".react-flow__edge").first.click(button="right")
    expect(page.get_by_role("menuitem", name="Rename")).to_have_count(0)
    page.get_by_role("menuitem", name="Delete").last.click()
    expect(page.get_by_role("button", name="Undo: delete")).to_be_visible()
    assert len(page.locator(".react-flow__edge").all()) == len(CHAIN["edges"]) - 1


def test_what_an_installation_does_not_know_is_pasted_and_keeps_its_data(
    page: Page, product: Product, picture: Picture
) -> None:
    flow = str(product.post("/api/flows/", {"name": "Knows the CRM", "document": CHAIN})["id"])
    page.goto(f"/flows/{flow}")
    opened(page)
    expect(node(page, "crm")).to_contain_text("Unknown node type acme.crm")
    node(page, "apart").click()
    node(page, "crm").click(modifiers=["Control"])
    chosen(page, "apart", "crm")
    page.keyboard.press("Control+c")
    other = str(product.post("/api/flows/", {"name": "Doesn't know it"})["id"])
    page.goto(f"/flows/{other}")
    opened(page)
    page.get_by_test_id("canvas").hover()
    page.keyboard.press("Control+v")
    expect(node(page, "crm")).to_contain_text("Unknown node type acme.crm")
    saved(page)
    picture(page, "placeholder")
    document, kept = draft(product, other), CHAIN["nodes"][-1]
    [crm] = [one for one in document["nodes"] if one["id"] == "crm"]
    assert (crm["type"], crm["label"], crm["config"]) == (kept["type"], kept["label"], kept["config"])
    assert [(edge["from"], edge["to"]) for edge in document["edges"]] == [("apart", "crm")]
    assert document["pins"] == CHAIN["pins"]
