"""What a person's hands do in the editor: real mouse moves, real keys."""

from collections.abc import Sequence

from playwright.sync_api import Locator, Page, expect


def middle(where: Locator) -> tuple[float, float]:
    box = where.bounding_box()
    assert box is not None, f"{where} is not to be seen"
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


def drag(page: Page, what: Locator, to: Locator | tuple[float, float]) -> None:
    """Press, move in steps as a hand does, let go."""
    x, y = middle(what)
    end = to if isinstance(to, tuple) else middle(to)
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move((x + end[0]) / 2, (y + end[1]) / 2, steps=8)
    page.mouse.move(*end, steps=8)
    page.mouse.up()


def node(page: Page, name: str) -> Locator:
    return page.get_by_test_id(f"node-{name}")


def open_drawer(page: Page) -> None:
    """Show the palette where the window was too narrow to show it by itself."""
    opener = page.get_by_role("button", name="Add nodes")
    expect(page.get_by_test_id("palette").or_(opener)).to_be_visible()
    if opener.is_visible():
        opener.click()
    expect(page.get_by_test_id("palette")).to_be_visible()


def place(page: Page, type_name: str, at: tuple[float, float], expected: str) -> None:
    """Drag a node type from the palette to a place on the canvas."""
    entry = page.get_by_test_id(f"type-{type_name}")
    entry.scroll_into_view_if_needed()
    drag(page, entry, at)
    expect(node(page, expected)).to_be_visible()


def connect(page: Page, source: str, target: str, port: str = "out") -> None:
    """Drag from a port to a node's entry; both are named as the canvas names them."""
    arrows = page.locator(".react-flow__edge")
    before = arrows.count()
    drag(page, page.get_by_label(f"Port {port} of {source}"), page.get_by_label(f"Entry of {target}"))
    expect(arrows).to_have_count(before + 1)


def saved(page: Page) -> None:
    expect(page.get_by_text("Saved ·")).to_be_visible()


def statuses(page: Page, names: Sequence[str], until: dict[str, str]) -> list[tuple[str | None, ...]]:
    """The statuses these nodes showed, one after the other, until they show what is awaited."""
    seen: list[tuple[str | None, ...]] = []
    for _ in range(600):
        now = tuple(node(page, name).get_attribute("data-status") for name in names)
        if not seen or seen[-1] != now:
            seen.append(now)
        if all(now[names.index(name)] == status for name, status in until.items()):
            return seen
        page.wait_for_timeout(25)
    raise AssertionError(f"the nodes never showed {until}; they showed {seen}")
