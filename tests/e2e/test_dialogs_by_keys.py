"""Promotion, a move, an import and a decision by the keyboard alone: the focus begins in the first field, Escape closes only
what lies on top, and what is closed gives the focus back."""

from pathlib import Path

from playwright.sync_api import Locator, Page, expect

from bench.product import Product
from tests.e2e.hands import dialog, node, opened, shows
from tests.e2e.test_approvals import asked_of, run_of
from tests.e2e.test_moving import document, published

FLOW = document("start", "old")


def tab_to(page: Page, wanted: Locator) -> None:
    """Press Tab until it has the focus, as one does who sees where it goes."""
    expect(wanted).to_be_visible()
    for _ in range(200):
        if wanted.evaluate("element => element === document.activeElement"):
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"Tab never comes to {wanted}")


def enter(page: Page, button: Locator) -> None:
    tab_to(page, button)
    page.keyboard.press("Enter")


def stands_on_something(page: Page) -> None:
    page.wait_for_function("document.activeElement !== document.body")


def choose(page: Page, box: Locator, choice: Locator, option: str) -> None:
    """Open the list, close it alone, open it again, walk to the option and take it."""
    page.keyboard.press("ArrowDown")
    wanted = page.get_by_role("option", name=option, exact=True)
    expect(wanted).to_be_visible()
    page.keyboard.press("Escape")
    expect(wanted).to_have_count(0)
    expect(box).to_be_visible()
    expect(choice).to_be_focused()
    page.keyboard.press("ArrowDown")
    for _ in range(10):
        if wanted.get_attribute("data-combobox-selected"):
            break
        page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(wanted).to_have_count(0)


def test_a_version_is_promoted(page: Page, product: Product) -> None:
    flow = product.publish({**FLOW, "name": "Promoted by keys"})
    page.goto(f"/flows/{flow}?side=versions")
    opened(page)
    opener = page.get_by_role("button", name="Promote…")
    asking = dialog(page, "Promote a version")
    to = asking.get_by_role("combobox", name="To", exact=True)
    enter(page, opener)
    expect(to).to_be_focused()
    page.keyboard.press("Escape")
    expect(asking).to_have_count(0)
    expect(opener).to_be_focused()

    page.keyboard.press("Enter")
    expect(to).to_be_focused()
    choose(page, asking, to, "staging")
    release = asking.get_by_role("button", name="Release in staging")
    expect(release).to_be_enabled()
    tab_to(page, asking.get_by_label("Reason"))
    page.keyboard.type("it held")
    enter(page, release)
    expect(asking).to_have_count(0)
    expect(page.get_by_role("button", name="staging v1")).to_be_visible()
    stands_on_something(page)


def test_a_run_is_moved(page: Page, product: Product) -> None:
    flow = product.publish({**document("start", "paid", "hush"), "name": "Moved by keys"})
    run = product.post(f"/api/flows/{flow}/runs/", {"input": {}})
    published(product, flow, document("start", "paid", "tell"))
    page.goto(f"/runs/{run['id']}")
    shows(page, "paid", "waiting")
    opener = page.get_by_role("button", name="Move to another version")
    asking = dialog(page, f"Move run #{run['number']} from v1 to another version")
    to = asking.get_by_role("combobox", name="To the version")
    enter(page, opener)
    expect(to).to_be_focused()
    page.keyboard.press("Escape")
    expect(asking).to_have_count(0)
    expect(opener).to_be_focused()

    page.keyboard.press("Enter")
    expect(to).to_be_focused()
    choose(page, asking, to, "v2")
    move = asking.get_by_role("button", name="Move", exact=True)
    expect(move).to_be_enabled()
    enter(page, move)
    expect(asking).to_have_count(0)
    expect(node(page, "tell")).to_be_visible()
    expect(opener).to_be_focused()


def test_a_file_is_taken_in(page: Page, product: Product, tmp_path: Path) -> None:
    flow = product.publish({**FLOW, "name": "Imported by keys"})
    kept = tmp_path / "imported-by-keys.yaml"
    files = product.post("/api/flows/export/", {"flows": [flow], "archive": False})["files"]
    kept.write_text(files[kept.name].replace("x: 1", "x: 2"), encoding="utf-8")
    page.on("filechooser", lambda chooser: chooser.set_files(kept))
    page.goto("/")
    opener = page.get_by_role("button", name="Import", exact=True)
    asking = dialog(page, "Import flows")
    for ends in ("Escape", "Enter"):
        tab_to(page, opener)
        page.keyboard.press("Enter")
        expect(asking.get_by_role("switch")).to_be_focused()
        if ends == "Enter":
            tab_to(page, asking.get_by_role("button", name="Import 1 flow"))
            page.keyboard.press("Enter")
            break
        page.keyboard.press("Escape")
        expect(asking).to_have_count(0)
        expect(opener).to_be_focused()
    opened(page)
    assert product.get(f"/api/flows/{flow}/draft/")["document"]["nodes"][1]["config"] == {"fields": {"x": 2}}


def test_decisions_go_on_to_the_next_question_and_end_on_the_page(page: Page, product: Product) -> None:
    titles = [f"{word} by keys?" for word in ("First", "Second")]
    for title in titles:
        run_of(product, title)
        asked_of(product, title)
    page.goto("/approvals")
    for title in titles:
        card = page.get_by_role("article", name=title)
        enter(page, card.get_by_role("button", name="Approve"))
        expect(card).to_have_count(0)
        stands_on_something(page)
