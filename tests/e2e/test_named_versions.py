"""A version gets a name in its list, and keeps it there."""

from collections.abc import Callable

from playwright.sync_api import Page, expect

from bench.product import Product

Picture = Callable[[Page, str], None]


def test_a_version_is_called_something_in_the_list_of_versions(page: Page, product: Product, picture: Picture) -> None:
    document = {"dsl": 1, "nodes": [{"id": "start", "type": "trigger.manual"}], "edges": []}
    flow = product.post("/api/flows/", {"name": "Called something", "document": document})["id"]
    product.post(f"/api/flows/{flow}/publish/", {"note": "first"})

    page.goto(f"/flows/{flow}?side=versions")
    page.get_by_role("button", name="Actions for version 1").click()
    page.get_by_role("menuitem", name="Name and note…").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Name", exact=True).fill("Before the sale")
    dialog.get_by_label("Note").fill("what the shop agreed on")
    picture(page, "naming")
    dialog.get_by_role("button", name="Save").click()

    item = page.get_by_role("listitem").filter(has_text="v1")
    expect(item).to_contain_text("Before the sale")
    expect(item).to_contain_text("what the shop agreed on")
    picture(page, "named")
    page.reload()
    expect(item).to_contain_text("Before the sale")
