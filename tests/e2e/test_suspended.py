"""A flow that only fails stands still by itself; a person reads why and resumes it."""

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from bench.product import Product
from tests.e2e.audit import bare
from tests.e2e.hands import saved

Picture = Callable[[Page, str], None]
FAILING: dict[str, Any] = {
    "dsl": 1,
    "settings": {"suspend_after": 3},
    "nodes": [
        {"id": "start", "type": "trigger.manual", "position": {"x": 0, "y": 0}},
        {"id": "yearly", "type": "trigger.schedule", "config": {"cron": "0 0 1 1 *"}, "position": {"x": 0, "y": 120}},
        {
            "id": "stop",
            "type": "flow.stop",
            "config": {"outcome": "error", "message": "the shelf is empty"},
            "position": {"x": 260, "y": 0},
        },
    ],
    "edges": [{"from": "start", "to": "stop"}, {"from": "yearly", "to": "stop"}],
}


@pytest.fixture
def suspended(product: Product, page: Page) -> str:
    """A flow of which three runs failed, suspended by a worker host's own look."""
    flow: str = product.post("/api/flows/", {"name": "Shelf", "document": FAILING})["id"]
    product.post(f"/api/flows/{flow}/publish/", {"note": "first"})
    for _ in range(3):
        product.post(f"/api/flows/{flow}/runs/", {"input": {}})
    page.goto(f"/flows/{flow}")
    saved(page)
    for _ in range(100):
        if product.get(f"/api/flows/{flow}/")["suspended"] is not None:
            return flow
        page.wait_for_timeout(200)
    raise AssertionError("no host suspended the flow")


def test_a_flow_that_only_failed_says_so_and_is_resumed(
    page: Page, product: Product, suspended: str, picture: Picture
) -> None:
    page.goto(f"/flows/{suspended}")
    saved(page)
    page.get_by_role("button", name="Suspended").click()
    expect(page.get_by_text("The last 3 runs of v1 failed")).to_be_visible()
    expect(page.get_by_role("link", name="the shelf is empty")).to_be_visible()
    bare(page, "why a flow is suspended")
    picture(page, "why")
    page.get_by_role("button", name="Resume triggers").click()
    expect(page.get_by_test_id("suspended")).to_have_count(0)
    assert product.get(f"/api/flows/{suspended}/")["suspended"] is None
    alerts = [alert for alert in product.get("/api/alerts/")["results"] if alert["code"] == "flow_suspended"]
    assert "its last 3 runs failed" in alerts[0]["message"]
