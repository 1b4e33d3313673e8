"""What an automatic audit of accessibility finds on the pages of the admin: nothing, in light and in dark."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

import pytest
from django.contrib import admin
from playwright.sync_api import Browser, Page, expect

from bench.product import Product
from tests.e2e.audit import SCHEMES, Scheme, found_in_both
from tests.e2e.hands import window
from tests.e2e.walk import missed, walk_to

NAME: Final = "Looked at in the admin"
SHARED: Final = "SELECT workspace_id FROM flows_flow WHERE id = %(flow)s"
# What only trouble leaves behind, and what only other systems do.
LEFT: Final = {
    "flows_alert": f"""INSERT INTO flows_alert (id, workspace_id, flow_id, step, code, message, created_at)
        VALUES (gen_random_uuid(), ({SHARED}), %(flow)s, 'say', 'run_failed', %(name)s, now())""",
    "flows_breaker": f"""INSERT INTO flows_breaker
        (id, workspace_id, target, state, failures, trips, last_error, until, changed_at)
        VALUES (gen_random_uuid(), ({SHARED}), %(name)s, 'open', 5, 1, 'no answer', now(), now())""",
    "flows_deployment": f"""INSERT INTO flows_deployment
        (id, workspace_id, run, step, number, environment, endpoint, target, model, version, previous, strategy, variant,
        share, state, reason, created_at, changed_at)
        SELECT gen_random_uuid(), ({SHARED}), gen_random_uuid(), 'deploy', 3, 'production', 'live', 'https://models.example',
        %(name)s, '8', '7', 'canary', 'v8', 25, state, 'cancelled', now(), now()
        FROM unnest('{{succeeded,failed,abandoned}}'::text[]) AS state""",
    "auth_group": "INSERT INTO auth_group (name) VALUES (%(name)s)",
}
GONE: Final = {
    "flows_alert": "message",
    "flows_breaker": "target",
    "flows_deployment": "model",
    "auth_group": "name",
}
PRUNED: Final = "UPDATE flows_version SET document = '', pruned_at = now() WHERE flow_id = %(flow)s AND number = 4"


def document(said: str, **settings: Any) -> dict[str, Any]:
    """A flow that says something, tells it outside and asks somebody; by hand, or by night."""
    asked = {"title": NAME, "message": "May it go on?", "assignees": {"users": ["admin"]}}
    nodes = [
        {"id": "start", "type": "trigger.manual"},
        {"id": "nightly", "type": "trigger.schedule", "config": {"cron": "0 3 * * *"}},
        {"id": "say", "type": "data.set", "config": {"fields": {"said": said}}},
        {"id": "tell", "type": "outbox.publish", "config": {"topic": "looked.at", "payload": {"said": said}}},
        {"id": "ask", "type": "flow.approval", "config": asked},
    ]
    edges = [("start", "say"), ("nightly", "say"), ("say", "tell"), ("tell", "ask")]
    joined = [{"from": one, "to": two} for one, two in edges]
    return {"dsl": 1, "name": NAME, "settings": settings, "nodes": nodes, "edges": joined}


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What the pages show: a flow with four versions, the second tried and proposed, and a run of it that waits."""

    flow: str
    run: str
    proposal: str


@pytest.fixture(scope="module")
def seen(product: Product) -> Iterator[Seen]:
    flow = product.publish(document("Hello"))
    others = (document("Good day"), document("Good night", vars={"base": None}), document("Good morning"))
    for revision, other in enumerate(others, start=1):
        body = {"document": other, "revision": revision}
        product.client.put(f"/api/flows/{flow}/draft/", json=body).raise_for_status()
        product.post(f"/api/flows/{flow}/publish/", {"note": "said otherwise", "release": False})
    run = product.post(f"/api/flows/{flow}/runs/", {})["id"]
    product.post(f"/api/flows/{flow}/release/", {"version": 2, "environment": "staging"})
    product.post(f"/api/flows/{flow}/canary/", {"version": 2, "weight": 5, "guards": {"error_rate": 0.05}})
    second = {"needs_second": True}
    product.client.patch("/api/environments/dev/", json=second).raise_for_status()
    proposal = product.post(f"/api/flows/{flow}/promote/", {"to": "dev", "from": "staging", "version": 2})
    product.client.patch("/api/environments/dev/", json={"needs_second": False}).raise_for_status()
    credential = product.post("/api/credentials/", {"name": "looked-at", "kind": "http", "values": {"token": "t"}})
    sink = {"name": "looked-at", "config": {"url": "http://nowhere.invalid/in"}, "topics": ["looked.*"]}
    destination = product.post("/api/destinations/", sink)
    product.post("/api/jobs/", {"action": "pause", "runs": [run]})
    told = {"flow": flow, "name": NAME}
    with product.database() as connection:
        for statement in (PRUNED, *LEFT.values()):
            connection.execute(statement, told)
    yield Seen(flow=flow, run=run, proposal=proposal["proposal"]["id"])
    with product.database() as connection:
        for table, column in GONE.items():
            connection.execute(f"DELETE FROM {table} WHERE {column} = %s", (NAME,))
        # A message that still waits for it would keep it.
        connection.execute("DELETE FROM flows_delivery WHERE destination_id = %s", (destination["id"],))
    for place in (f"credentials/{credential['id']}", f"destinations/{destination['id']}"):
        product.client.delete(f"/api/{place}/").raise_for_status()


def switched(page: Page, scheme: Scheme) -> None:
    """Show a page of the admin in this scheme, by the key that switches between the two."""
    root = page.locator("html")
    if scheme not in (root.get_attribute("class") or "").split():
        page.keyboard.press("Control+e")
    expect(root).to_have_class(re.compile(rf"\b{scheme}\b"))
    page.evaluate("document.getAnimations().forEach(one => one.finish())")


def found(page: Page, address: str | None = None) -> list[str]:
    """What is found on the page at this address, or on the one that is shown."""
    if address is not None:
        answer = page.goto(address)
        assert answer is not None
        assert answer.ok, f"{address} answered {answer.status}"
        assert page.url.endswith(address), f"{address} led to {page.url}"
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), f"{page.url} is wider than the window"
    return [f"{page.url} {one}" for one in found_in_both(page, switched)]


def test_lists_and_rows_are_open_to_everyone(page: Page, seen: Seen) -> None:
    told = found(page, "/admin/")
    for model in admin.site._registry:
        told += found(page, f"/admin/{model._meta.app_label}/{model._meta.model_name}/")
        told += found(page, page.locator("#result_list a[href*='/change/']").first.get_attribute("href"))
    told += found(page, "/admin/flows/") + found(page, "/admin/flows/run/?status__exact=nothing")
    page.goto("/admin/flows/run/")
    page.get_by_text("Filters").last.click()
    expect(page.get_by_role("heading", name="By status")).to_be_visible()
    told += found(page)
    assert not told, "\n".join(told)


def test_what_is_asked_about_a_flow_is_open_to_everyone(page: Page, seen: Seen) -> None:
    of = f"/admin/flows/flow/{seen.flow}"
    told = []
    for rest in (
        "history/",
        "roll-back/2/",
        "canary/2/end/",
        "canary/1/?environment=staging",
        "promote/production/",
        f"proposals/{seen.proposal}/",
        "take-out/staging/",
        "change/",
    ):
        told += found(page, f"{of}/{rest}")
    page.get_by_role("link", name="v2", exact=True).click()
    expect(page.get_by_role("heading", name="What changed since v1")).to_be_visible()
    told += found(page)
    for rest in ("roll-back/3/", "canary/3/"):
        told += found(page, f"{of}/{rest}?environment=staging")
        expect(page.get_by_role("alert")).to_contain_text("the flow leaves the value to the environment")
    told += found(page, f"/admin/flows/run/move/?flow={seen.flow}&to=2")
    page.get_by_role("button", name="Move the chosen runs to v2").click()
    expect(page.get_by_role("columnheader", name="Answer")).to_be_visible()
    told += found(page)
    assert not told, "\n".join(told)


def test_the_pages_of_people_are_open_to_everyone(page: Page, seen: Seen) -> None:
    told = found(page, "/admin/auth/user/add/")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_text("Please correct the errors below.")).to_be_visible()
    told += found(page)
    page.get_by_label("Username").fill("looked-at")
    page.get_by_label("Password", exact=True).fill("a-long-secret-1042")
    page.get_by_label("Password confirmation").fill("a-long-secret-1042")
    page.get_by_role("button", name="Save and continue editing").click()
    expect(page.get_by_text("was added successfully")).to_be_visible()
    told += found(page)
    of = page.url.removesuffix("change/")
    for rest in ("history/", "password/", "delete/"):
        told += found(page, f"{of}{rest}")
    page.get_by_role("button", name="Yes, I’m sure").click()
    expect(page.get_by_text("was deleted successfully")).to_be_visible()
    page.goto("/admin/auth/group/")
    page.get_by_role("row", name=NAME).get_by_role("checkbox").check()
    page.locator("select[name=action]").select_option("delete_selected")
    page.get_by_role("button", name="Run").click()
    expect(page.get_by_text("Are you sure you want to delete the selected group?")).to_be_visible()
    told += found(page) + found(page, "/admin/password_change/")
    assert not told, "\n".join(told)


def test_the_menu_and_the_page_to_sign_in_are_open_to_everyone(page: Page, product: Product, browser: Browser) -> None:
    page.goto("/admin/")
    page.locator("#nav-sidebar").get_by_text("admin", exact=True).click()
    expect(page.get_by_role("button", name="Log out")).to_be_visible()
    told = found(page)
    stranger = window(browser, product)
    told += found(stranger, "/admin/login/")
    stranger.context.close()
    assert not told, "\n".join(told)


@pytest.mark.parametrize("width", [1024, 1280])
def test_tab_alone_comes_to_everything_that_acts_on_a_click(page: Page, seen: Seen, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 800})
    addresses = [
        "/admin/",
        "/admin/flows/flow/",
        "/admin/flows/run/",
        f"/admin/flows/flow/{seen.flow}/change/",
        f"/admin/flows/flow/{seen.flow}/history/",
        f"/admin/flows/flow/{seen.flow}/roll-back/2/",
        "/admin/auth/user/add/",
        "/admin/auth/user/1/change/",
        "/admin/auth/user/1/password/",
        "/admin/auth/group/add/",
    ]
    told = []
    for address in addresses:
        page.goto(address)
        told += missed(page)
    assert not told, "\n".join(told)


def test_what_unfold_opens_by_a_click_opens_and_closes_by_keys(page: Page, seen: Seen) -> None:
    page.goto("/admin/flows/run/")
    filters, account = (page.get_by_role("button", name=name, exact=True) for name in ("Filters", "Account of admin"))
    panel, close = page.locator("#changelist-filter"), page.get_by_role("button", name="Close the filters")
    for opening, closing in (("Enter", "Space"), ("Space", "Escape")):
        walk_to(page, filters)
        expect(filters).to_have_attribute("aria-expanded", "false")
        page.keyboard.press(opening)
        expect(filters).to_have_attribute("aria-expanded", "true")
        expect(close).to_be_focused()
        assert missed(page, "#changelist-filter") == []
        walk_to(page, close)
        page.keyboard.press(closing)
        expect(panel).to_be_hidden()
        expect(filters).to_be_focused()
    walk_to(page, account)
    page.keyboard.press("Enter")
    light, dark = (page.get_by_role("button", name=name, exact=True) for name in ("Light", "Dark"))
    expect(light).to_be_focused()
    for theme in (light, dark):
        walk_to(page, theme)
        page.keyboard.press("Space")
        expect(theme).to_have_attribute("aria-pressed", "true")
    expect(light).to_have_attribute("aria-pressed", "false")
    page.keyboard.press("Escape")
    expect(light).to_be_hidden()
    expect(account).to_be_focused()


def test_the_sidebar_is_switched_by_keys_at_every_width(page: Page, seen: Seen) -> None:
    page.goto("/admin/flows/run/")
    switch, first = page.get_by_role("button", name="Sidebar"), page.get_by_role("link", name="Overview")
    walk_to(page, switch)
    for shown in ("false", "true"):
        page.keyboard.press("Enter")
        expect(switch).to_have_attribute("aria-expanded", shown)
        expect(switch).to_be_focused()
        expect(first).to_be_visible(visible=shown == "true")
    page.set_viewport_size({"width": 1024, "height": 800})
    page.goto("/admin/flows/run/")
    switch = page.locator("header").get_by_role("button", name="Sidebar")
    walk_to(page, switch)
    page.keyboard.press("Space")
    expect(first).to_be_visible()
    expect(page.locator("#nav-sidebar :focus")).to_be_visible()
    page.keyboard.press("Escape")
    expect(first).to_be_hidden()
    expect(switch).to_be_focused()


def test_a_stranger_chooses_a_theme_by_keys(product: Product, browser: Browser) -> None:
    page = window(browser, product)
    page.goto("/admin/login/")
    assert missed(page) == []
    walk_to(page, page.get_by_role("button", name="Theme"))
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Light")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("html")).to_have_class(re.compile("light"))
    page.keyboard.press("Escape")
    expect(page.get_by_role("button", name="Theme")).to_be_focused()
    page.context.close()


def test_where_the_keys_are_is_seen_on_what_is_filled_too(page: Page, product: Product) -> None:
    for scheme in SCHEMES:
        page.goto("/admin/auth/group/add/")
        switched(page, scheme)
        walk_to(page, page.get_by_role("link", name="Skip to main content"))
        walk_to(page, page.get_by_role("button", name="Save", exact=True))
        page.goto("/admin/auth/user/1/change/")
        walk_to(page, page.get_by_role("link", name="Delete", exact=True))
