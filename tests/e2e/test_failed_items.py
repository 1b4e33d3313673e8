"""Items that a list went on without: run again from the page Operations and from the list itself, and only those."""

from collections.abc import Callable
from typing import Any, Final

from playwright.sync_api import Page, expect

from bench.product import Product
from tests.crash.effects import World
from tests.e2e.audit import SCHEMES, dressed, findings
from tests.e2e.hands import dialog, opened, past, shown_run
from tests.e2e.test_time_travel import at, over

Picture = Callable[[Page, str], None]


def charges(world: World, name: str = "Charge orders", **answers: Any) -> dict[str, Any]:
    """Charges four orders; those whose input has no total fail."""
    body: Final = {"order": "{{ item.id }}", "total": "{{ item.total }}", **answers}
    return {
        "dsl": 1,
        "name": name,
        "nodes": [
            {"id": "start", "type": "trigger.manual", "position": at(0, 0)},
            {"id": "charge", "type": "http.request", "label": "Charge", "position": at(280, 0),
             "config": {"method": "POST", "url": f"http://{world.address}/charges", "json": body},
             "each": {"items": "{{ input.orders }}", "on_error": "collect"}},
            {"id": "report", "type": "data.transform", "position": at(560, 0),
             "config": {"value": "{{ len(nodes.charge) }}"}},
        ],
        "edges": [{"from": "start", "to": "charge"}, {"from": "charge", "to": "report"}],
    }  # fmt: skip


ORDERS: Final = [{"id": "A", "total": 1}, {"id": "B"}, {"id": "C", "total": 3}, {"id": "D"}]


def failed_run(product: Product, world: World, name: str = "Charge orders") -> str:
    """A run in which two of four orders failed; the version that is live now would charge them."""
    flow = product.publish(charges(world, name))
    run: str = product.post(f"/api/flows/{flow}/runs/", {"input": {"orders": ORDERS}}, wait="30s")["id"]
    draft = product.get(f"/api/flows/{flow}/draft/")
    mended = {"document": charges(world, name, total="{{ item.get('total', 0) }}"), "revision": draft["revision"]}
    assert product.client.put(f"/api/flows/{flow}/draft/", json=mended).status_code == 200
    product.post(f"/api/flows/{flow}/publish/", {"note": "totals may lack"})
    return run


def charged(world: World) -> list[str]:
    return sorted(
        body["order"] for bodies in world.sent.values() for body in bodies if "order" in body and "total" in body
    )


def test_one_failed_item_and_then_the_others_are_run_again_on_the_mended_version(
    page: Page, product: Product, world: World, picture: Picture
) -> None:
    run = failed_run(product, world)
    before = charged(world)
    page.goto(f"/runs/{run}?tab=steps&step=charge&h=420")
    opened(page)
    strip = page.get_by_role("region", name="Items", exact=True)
    expect(strip.get_by_text("2 Failed", exact=True)).to_be_visible()
    strip.get_by_role("option", name="Item 3: Failed").click()
    picture(page, "chosen")
    strip.get_by_role("button", name="Run item 3 again").click()
    asks = dialog(page, "Run item 3 of Charge again")
    asks.get_by_text("Live version v2").click()
    expect(asks.get_by_text("1 item runs again")).to_be_visible()
    expect(asks.get_by_text("3 are taken over")).to_be_visible()
    expect(asks.get_by_text("1 of these stays failed")).to_be_visible()
    picture(page, "dialog")
    asks.get_by_role("button", name="Rerun", exact=True).click()
    page.wait_for_url(lambda url: run not in url)
    again = page.url.partition("/runs/")[2].partition("?")[0] or shown_run(page)
    over(page, product, again)
    assert [past(product, again, f"charge[{place}]")[:1] for place in range(4)] == [[], [], [], ["step_started"]]

    page.goto(f"/runs/{again}?tab=steps&step=charge&h=420")
    opened(page)
    expect(strip.get_by_text("1 Failed", exact=True)).to_be_visible()
    expect(strip.get_by_text("3 Succeeded", exact=True)).to_be_visible()
    picture(page, "one-left")
    strip.get_by_role("option", name="Item 0: Succeeded").click()
    expect(
        page.get_by_role("region", name="Step Charge").get_by_text("201").or_(page.get_by_text("taken"))
    ).not_to_have_count(0)
    page.goto(f"/runs/{again}?tab=steps&step=charge&h=420")
    strip.get_by_role("button", name="Run failed items again").click()
    asks = dialog(page, "Run the failed items of Charge again")
    asks.get_by_role("button", name="Rerun", exact=True).click()
    page.wait_for_url(lambda url: again not in url)
    last = page.url.partition("/runs/")[2].partition("?")[0] or shown_run(page)
    over(page, product, last)
    assert product.get(f"/api/runs/{last}/")["status"] == "succeeded"
    assert sorted(set(charged(world)) - set(before)) == ["B", "D"], "no order was charged twice"
    assert len(charged(world)) == len(before) + 2


def test_failed_items_stand_on_the_page_operations(
    page: Page, product: Product, world: World, picture: Picture
) -> None:
    for name in ("Refund orders", "Ship orders"):
        failed_run(product, world, name)
    page.goto("/operations")
    page.get_by_role("tab", name="Failed items").click()
    rows = page.get_by_role("table", name="Failed items").get_by_role("row")
    refund, ship = (rows.filter(has_text=f"{name} orders #1") for name in ("Refund", "Ship"))
    expect(refund).to_contain_text("2 of 4")
    for scheme in SCHEMES:
        dressed(page, scheme)
        picture(page, f"items-{scheme}")
        assert findings(page) == []
    refund.get_by_role("checkbox").check()
    page.get_by_role("button", name="Run the failed items again").click()
    expect(page.get_by_text("1 run started for failed items")).to_be_visible()
    expect(refund).to_have_count(0)
    ship.get_by_role("checkbox").check()
    page.get_by_role("button", name="Dismiss").click()
    expect(page.get_by_text("Failed items of 1 step dismissed")).to_be_visible()
    expect(ship).to_have_count(0)
