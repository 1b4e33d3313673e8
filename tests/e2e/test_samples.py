"""The samples show the point on the product as a new user starts it, without a network."""

import secrets
import time
from typing import Any

import httpx

from bench.product import Product, boot, fresh_folder, stop, token
from tests.e2e.hands import PATIENCE


def sample(client: httpx.Client, name: str) -> str:
    """The flow of an installation's own; others of its name may have been begun with it and never published."""
    flows = client.get("/api/flows/", params={"search": name}).raise_for_status().json()["results"]
    return str(next(flow["id"] for flow in flows if flow["name"] == name and flow["live_version"] is not None))


def run(product: Product, name: str, given: dict[str, Any]) -> dict[str, Any]:
    flow = sample(product.client, name)
    ended: dict[str, Any] = product.post(f"/api/flows/{flow}/runs/", {"input": given}, wait="60s")
    return ended


def until(client: httpx.Client, name: str, wanted: set[str]) -> dict[str, Any]:
    """The run, looked at a few times a second until its status is one of these."""
    last = time.monotonic() + 2 * PATIENCE / 1_000
    while True:
        assert time.monotonic() < last, f"the run never came to {wanted}"
        found: dict[str, Any] = client.get(f"/api/runs/{name}/").raise_for_status().json()
        if found["status"] in wanted:
            return found
        time.sleep(0.2)


def statuses(ended: dict[str, Any]) -> dict[str, str]:
    return {step["key"]: step["status"] for step in ended["steps"]}


def test_an_order_is_paid_at_the_third_try(product: Product) -> None:
    ended = run(product, "Order fulfilment", {"order_id": "A-1"})
    charge = next(step for step in ended["steps"] if step["key"] == "charge")
    assert (ended["status"], charge["status"], charge["attempt"]) == ("succeeded", "succeeded", 3)
    assert statuses(ended)["tell_sales"] == "skipped"


def test_a_declined_card_takes_the_error_route(product: Product) -> None:
    ended = run(product, "Order fulfilment", {"order_id": "A-2", "card": "declined"})
    assert ended["status"] == "succeeded"
    assert (statuses(ended)["charge"], statuses(ended)["tell_sales"]) == ("failed", "succeeded")


def test_an_order_without_an_address_is_refunded(product: Product) -> None:
    ended = run(product, "Order fulfilment", {"order_id": "A-3", "address": ""})
    assert ended["status"] == "failed"
    assert ended["error"]["node"] == "ship"
    assert (statuses(ended)["charge"], statuses(ended)["refund"]) == ("compensated", "succeeded")


def test_the_report_sums_what_was_paid_by_region(product: Product) -> None:
    ended = run(product, "Sales report", {})
    assert [row["region"] for row in ended["output"]] == ["east", "north", "south", "west"]
    assert ended["output"][0]["amount"] == 369


def test_a_long_wait_goes_on_after_a_restart_and_repeats_nothing() -> None:
    with fresh_folder() as folder:
        data = folder / "data"
        process, port, _ = boot(data, password=secrets.token_urlsafe(12), samples=True)
        try:
            headers = {"Authorization": f"Bearer {token(data)}"}
            with httpx.Client(base_url=f"http://127.0.0.1:{port}", headers=headers, timeout=60) as client:
                flow = sample(client, "A long wait")
                begun = (
                    client.post(f"/api/flows/{flow}/runs/", json={"input": {"wait": "8s"}}).raise_for_status().json()
                )
                until(client, begun["id"], {"waiting"})
        finally:
            stop(process)
        process, port, _ = boot(data, password="unused")
        try:
            with httpx.Client(base_url=f"http://127.0.0.1:{port}", headers=headers, timeout=60) as client:
                ended = until(client, begun["id"], {"succeeded", "failed", "cancelled"})
                events = client.get(f"/api/runs/{begun['id']}/events/", params={"after": 0}).json()["results"]
        finally:
            stop(process)
    assert ended["status"] == "succeeded"
    assert [event["kind"] for event in events if event["step"] == "before"] == ["step_started", "step_succeeded"]
