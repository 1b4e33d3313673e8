"""What a person's hands do in the editor: real mouse moves, real keys."""

from typing import Any
from urllib.parse import parse_qs, urlparse

import httpx
from playwright.sync_api import Browser, Locator, Page, expect

from bench.product import Product

# Milliseconds that a page may take to show what is awaited: a slow machine is no fault of the product.
PATIENCE = 45_000

expect.set_options(timeout=PATIENCE)


def window(browser: Browser, product: Product, **options: Any) -> Page:
    """A new window with a memory of its own, as patient as all others; its context is the caller's to close."""
    context = browser.new_context(base_url=product.url, **{"locale": "en-US", **options})
    context.set_default_timeout(PATIENCE)
    context.set_default_navigation_timeout(PATIENCE)
    return context.new_page()


def sign_in(page: Page, product: Product, user: str = "admin", password: str | None = None) -> None:
    page.goto("/")
    page.get_by_label("Username").fill(user)
    page.get_by_label("Password", exact=True).fill(password or product.password)
    page.get_by_role("button", name="Sign in").click()
    expect(page.locator('nav a[href="/runs"]')).to_be_visible()


def joined(browser: Browser, product: Product, user: str, role: str) -> Page:
    """Somebody else, in a browser of their own, whose context is the caller's to close: what they prefer is theirs."""
    invited = product.post("/api/invitations/", {"email": f"{user}@mulgil.example", "role": role})
    password = f"{user}-flows-together-1"
    joining = {"secret": invited["secret"], "username": user, "password": password}
    httpx.post(f"{product.url}/api/invitations/accept/", json=joining, timeout=60).raise_for_status()
    page = window(browser, product, viewport={"width": 1280, "height": 800})
    sign_in(page, product, user, password)
    return page


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
    page.mouse.move(x + 6, y + 6, steps=3)
    page.mouse.move((x + end[0]) / 2, (y + end[1]) / 2, steps=8)
    page.mouse.move(*end, steps=8)
    page.mouse.up()


def node(page: Page, name: str) -> Locator:
    return page.get_by_test_id(f"node-{name}")


def field(page: Page, path: str) -> Locator:
    """Where one types a field of the node that is selected, whichever control stands there."""
    return page.locator(f'[data-field="/{path}"]').get_by_role("textbox")


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
    drag(
        page,
        page.get_by_label(f"Port {port} of {source}", exact=True),
        page.get_by_label(f"Entry of {target}", exact=True),
    )
    expect(arrows).to_have_count(before + 1)


def opened(page: Page) -> None:
    """The canvas stands: what is aimed at by pixels moves no more."""
    expect(page.locator('[data-testid="canvas"][data-standing]')).to_be_visible()


def dialog(page: Page, title: str) -> Locator:
    """The dialog of this title; one that is still closing beside it is another."""
    return page.get_by_role("dialog", name=title, exact=True)


def open_sample(page: Page, name: str) -> None:
    """Open a flow from the list of flows: by search, for other tests' flows may fill the first page."""
    page.get_by_label("Search flows").fill(name)
    page.get_by_role("link", name=name, exact=True).click()
    opened(page)


def saved(page: Page) -> None:
    expect(page.get_by_test_id("saved")).to_contain_text("Saved ·")


def shows(page: Page, name: str, status: str) -> None:
    """Wait until a node shows a status that lasts; what passes is read from the run's past."""
    expect(node(page, name)).to_have_attribute("data-status", status)


def shown_run(page: Page) -> str:
    """The run on the canvas, as the address names it."""
    page.wait_for_url(lambda url: "run=" in url)
    return parse_qs(urlparse(page.url).query)["run"][0]


def past(product: Product, run: str, step: str) -> list[str]:
    """The kinds of the events that the journal has about a step, in order."""
    events = product.get(f"/api/runs/{run}/events/", after=0)["results"]
    return [event["kind"] for event in events if event["step"] == step]


def look_for(page: Page, words: str, name: str) -> None:
    """Ctrl-K: type until it is there, walk to it, and go."""
    page.keyboard.press("Control+k")
    box = page.get_by_test_id("command-palette")
    expect(box.get_by_role("combobox")).to_be_focused()
    page.keyboard.type(words)
    option = box.get_by_role("option", name=name)
    expect(option).to_have_count(1)
    for _ in range(box.get_by_role("option").count()):
        if option.get_attribute("data-combobox-selected"):
            break
        page.keyboard.press("ArrowDown")
    expect(option).to_have_attribute("data-combobox-selected", "true")
    page.keyboard.press("Enter")
    # While a dialog fades away, keys are still its own.
    expect(page.get_by_role("dialog")).to_have_count(0)
