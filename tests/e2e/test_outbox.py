"""A message that can't arrive is found on the page Operations, its destination is mended there, and it is sent again."""

from collections.abc import Callable
from typing import Any, Final

from playwright.sync_api import Page, expect

from bench.product import Product
from tests.crash.effects import World
from tests.e2e.audit import SCHEMES, dressed, findings
from tests.e2e.hands import dialog

Picture = Callable[[Page, str], None]

TELLS: Final[dict[str, Any]] = {
    "dsl": 1,
    "name": "Tells the shop",
    "nodes": [
        {"id": "start", "type": "trigger.manual"},
        {
            "id": "tell",
            "type": "outbox.publish",
            "config": {"topic": "orders.paid", "key": "{{ input.order }}", "payload": {"order": "{{ input.order }}"}},
        },
    ],
    "edges": [{"from": "start", "to": "tell"}],
}


def looked_at(page: Page, picture: Picture, name: str) -> None:
    """A picture in light and in dark, and nothing for an audit to find in either."""
    for scheme in SCHEMES:
        dressed(page, scheme)
        picture(page, f"{name}-{scheme}")
        assert findings(page) == []
    dressed(page, "light")


def set_up(page: Page, url: str) -> None:
    page.goto("/operations/destinations")
    page.get_by_role("button", name="New destination").click()
    form = dialog(page, "New destination")
    form.get_by_role("textbox", name="Name", exact=True).fill("Shop")
    form.get_by_label("Topics").and_(form.locator("input")).first.fill("orders.*")
    page.keyboard.press("Enter")
    form.get_by_role("textbox", name="URL", exact=True).fill(url)
    form.get_by_role("textbox", name="Attempts at most", exact=True).fill("1")


def looked_at_in_korean(page: Page, picture: Picture) -> None:
    page.evaluate("document.cookie = 'mulgil_language=ko; path=/'")
    page.reload()
    expect(page.get_by_role("tab", name="메시지")).to_be_visible()
    expect(page.get_by_role("row", name="orders.paid")).to_be_visible()
    dressed(page, "dark")
    picture(page, "messages-ko")
    page.get_by_role("tab", name="목적지").click()
    page.get_by_role("button", name="Shop 변경").click()
    expect(dialog(page, "Shop 변경")).to_be_visible()
    picture(page, "form-ko")
    page.evaluate("document.cookie = 'mulgil_language=en; path=/'")
    page.goto("/operations/destinations")
    dressed(page, "light")


def test_a_message_that_cannot_arrive_is_sent_again_once_its_destination_is_mended(
    page: Page, product: Product, world: World, picture: Picture
) -> None:
    set_up(page, "http://nowhere.invalid/in")
    looked_at(page, picture, "form")
    dialog(page, "New destination").get_by_role("button", name="Create").click()
    shop = page.get_by_role("table", name="Destinations").get_by_role("row", name="Shop")
    expect(shop).to_contain_text("orders.*")
    flow = product.publish(TELLS)
    product.post(f"/api/flows/{flow}/runs/", {"input": {"order": "A-1042"}}, wait="30s")
    expect(shop.get_by_role("cell").nth(5)).to_have_text("1")
    looked_at(page, picture, "destinations")

    page.get_by_role("tab", name="Messages").click()
    message = page.get_by_role("table", name="Messages").get_by_role("row", name="orders.paid")
    expect(message).to_contain_text("A-1042")
    looked_at(page, picture, "messages")
    looked_at_in_korean(page, picture)

    page.get_by_role("button", name="Change Shop").click()
    form = dialog(page, "Change Shop")
    form.get_by_role("textbox", name="URL", exact=True).fill(f"http://{world.address}/in")
    form.get_by_role("button", name="Save").click()
    expect(form).to_have_count(0)
    page.get_by_role("tab", name="Messages").click()
    again = page.get_by_role("button", name="Send again")
    expect(again).to_be_disabled()
    message.get_by_role("checkbox").check()
    again.click()
    expect(page.get_by_text("1 message is on its way again")).to_be_visible()
    expect(message).to_have_count(0)

    page.get_by_role("tab", name="Destinations").click()
    for column in (5, 4):  # none is dead any more, and then none waits: the page shows at first what it knew before
        expect(shop.get_by_role("cell").nth(column)).to_have_text("0")
    taken = [body for bodies in world.sent.values() for body in bodies]
    assert taken.count({"order": "A-1042"}) == 1  # the world is shared with other tests
    page.get_by_role("button", name="Delete Shop").click()
    dialog(page, "Delete Shop").get_by_role("button", name="Delete").click()
    expect(page.get_by_text("No destinations")).to_be_visible()
