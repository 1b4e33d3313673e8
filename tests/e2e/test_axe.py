"""What an automatic audit of accessibility finds on the pages that people use most: nothing, in light and in dark."""

from typing import Any, Final, Literal

import pytest
from playwright.sync_api import Browser, Page, expect

from bench.product import Product
from tests.e2e.audit import BOX, SCHEMES, bare, bare_box, bare_menu, dressed, findings
from tests.e2e.hands import dialog, field, node, open_sample, opened, saved, shows, window


def open_order(page: Page) -> None:
    page.goto("/")
    open_sample(page, "Order fulfilment")
    expect(page.get_by_test_id("node-charge")).to_be_visible()


PAGES: Final = {
    "work": ("/", "/runs", "/approvals", "/credentials", "/samples"),
    "operations": ("letters", "items", "jobs", "messages", "destinations", "breakers", "locks", "deployments"),
    "settings": ("profile", "workspace", "members", "environments", "tokens", "alerts", "audit"),
}


@pytest.mark.parametrize("part", PAGES)
def test_a_page_is_open_to_everyone(page: Page, part: str) -> None:
    for address in PAGES[part]:
        page.goto(address if address.startswith("/") else f"/{part}/{address}")
        expect(page.get_by_role("heading", level=1)).to_be_visible()
        expect(page.locator(".mantine-Loader-root")).to_have_count(0)
        bare(page, address)


def test_the_editor_with_a_node_selected_is_open_to_everyone(page: Page) -> None:
    open_order(page)
    page.get_by_test_id("node-order").click()
    expect(page.get_by_role("tab", name="Parameters")).to_be_visible()
    expect(page.locator(".cm-editor").first).to_be_visible()
    bare(page, "a node")


def test_a_finished_run_with_the_drawer_open_is_open_to_everyone(page: Page) -> None:
    open_order(page)
    page.get_by_role("button", name="Run", exact=True).click()
    dialog(page, "Start a run").get_by_role("button", name="Start", exact=True).click()
    shows(page, "ship", "succeeded")
    timeline = page.get_by_role("slider", name="The moment shown", exact=True)
    expect(timeline).to_be_visible()
    bare(page, "the timeline")
    page.get_by_role("tab", name="Steps").click()
    expect(timeline).to_have_count(0)
    bare(page, "the steps")


@pytest.mark.parametrize("scheme", SCHEMES)
def test_the_page_to_sign_in_is_open_to_everyone(
    product: Product, browser: Browser, scheme: Literal["light", "dark"]
) -> None:
    page = window(browser, product, color_scheme=scheme)
    page.goto("/")
    expect(page.get_by_label("Username")).to_be_visible()
    assert findings(page) == []
    page.context.close()


PRICED: Final[dict[str, Any]] = {
    "dsl": 1,
    "name": "Open to everyone",
    "inputs": {"type": "object", "properties": {"total": {"type": "integer"}}, "required": ["total"]},
    "nodes": [
        {"id": "start", "type": "trigger.manual", "position": {"x": 0, "y": 0}},
        {"id": "price", "type": "data.set", "label": "Price", "position": {"x": 280, "y": 0},
         "config": {"fields": {"total": "{{ input.total }}"}}},
        {"id": "tell", "type": "log", "label": "Tell", "position": {"x": 560, "y": 0},
         "config": {"message": "{{ nodes.price.total }}"}},
    ],
    "edges": [{"from": "start", "to": "price"}, {"from": "price", "to": "tell"}],
}  # fmt: skip


def priced(product: Product) -> str:
    """A flow whose draft says something else than its live version."""
    flow = product.publish(PRICED)
    draft = product.get(f"/api/flows/{flow}/draft/")
    draft["document"]["nodes"][2]["config"]["message"] = "It costs {{ nodes.price.total }}"
    changed = {"document": draft["document"], "revision": draft["revision"]}
    product.client.put(f"/api/flows/{flow}/draft/", json=changed).raise_for_status()
    return flow


def test_what_opens_over_the_editor_is_open_to_everyone(page: Page, product: Product) -> None:
    dressed(page, "light")
    page.goto(f"/flows/{priced(product)}")
    opened(page)
    for keys, box in (("n", "insert-palette"), ("Control+k", "command-palette"), ("?", "help-sheet")):
        node(page, "tell").click()
        page.keyboard.press(keys)
        bare_box(page, page.get_by_test_id(box), box)
    for button, title in (("Run", "Start a run"), ("Publish", "Publish the draft")):
        page.get_by_role("button", name=button, exact=True).click()
        bare_box(page, dialog(page, title), title)
    node(page, "tell").click(button="right")
    bare_menu(page, "what can be done with a node")
    page.get_by_role("button", name="Your account").click()
    bare_menu(page, "the account")
    node(page, "tell").click()
    page.locator('[data-field="/message"]').get_by_role("button", name="Common expressions").click()
    bare_menu(page, "common expressions")
    node(page, "tell").click()
    page.keyboard.press("b")
    page.get_by_role("tab", name="Settings").click()
    expect(page.get_by_label("Only when")).to_be_visible()
    bare(page, "a breakpoint's condition")
    page.get_by_role("button", name="Versions").click()
    leaving = "Take the flow out of production"
    for button, title in (("Promote…", "Promote a version"), ("Take out of production…", leaving)):
        page.get_by_role("button", name=button, exact=True).click()
        expect(dialog(page, title).get_by_label("Reason")).to_be_visible()
        bare(page, title)
        page.keyboard.press("Escape")
        expect(page.get_by_role("dialog")).to_have_count(0)
    page.get_by_role("button", name="Compare with the draft").click()
    expect(node(page, "tell")).to_have_attribute("data-mark", "changed")
    bare(page, "the difference of two versions")


def hooked(name: str) -> dict[str, Any]:
    """A flow at an address that only one flow can have."""
    hook = {"id": "hook", "type": "trigger.webhook", "position": {"x": 0, "y": 0}, "config": {"path": "only-one"}}
    call = {
        "id": "call",
        "type": "http.request",
        "position": {"x": 280, "y": 0},
        "config": {"url": "https://a.example"},
    }
    return {"dsl": 1, "name": name, "nodes": [hook, call], "edges": [{"from": "hook", "to": "call"}]}


def test_what_stands_in_the_way_of_publishing_is_open_to_everyone(page: Page, product: Product) -> None:
    """An address that another flow has; then, typed here, a problem of the draft itself."""
    dressed(page, "light")
    product.publish(hooked("First there"))
    second = product.post("/api/flows/", {"name": "In the way", "document": hooked("In the way")})["id"]
    page.goto(f"/flows/{second}")
    opened(page)
    page.get_by_role("button", name="Publish", exact=True).click()
    publishing = dialog(page, "Publish the draft")
    expect(publishing.get_by_role("alert")).to_contain_text("only-one")
    bare_box(page, publishing, "what stands against a release")
    node(page, "call").click()
    create = page.locator('[data-field="/credential"]').get_by_role("button", name="New", exact=True)
    create.click()
    bare_box(page, dialog(page, "New credential"), "a new credential")
    expect(create).to_be_focused()
    field(page, "url").fill("")
    saved(page)
    page.get_by_role("button", name="Publish", exact=True).click()
    expect(publishing.get_by_role("button", name="See the problems")).to_be_visible()
    bare_box(page, publishing, "problems of a draft")
    page.get_by_role("tab", name="Problems").click()
    expect(page.get_by_role("tab", name="Problems")).to_have_attribute("aria-selected", "true")
    bare(page, "the problems")


def test_what_a_run_opens_is_open_to_everyone(page: Page, product: Product) -> None:
    dressed(page, "light")
    flow = priced(product)
    left, right = (product.post(f"/api/flows/{flow}/runs/", {"input": {"total": n}}, wait="30s")["id"] for n in (1, 2))
    page.goto(f"/runs/{right}?step=price&tab=steps&h=420")
    opened(page)
    page.get_by_role("button", name="Rerun from here").click()
    again = dialog(page, "Rerun from Price")
    again.get_by_role("checkbox", name="Change the input").check()
    expect(again.locator(".cm-content")).to_be_visible()
    bare(page, "running again", BOX)
    page.goto(f"/compare/{left}/{right}?step=price")
    opened(page)
    expect(page.get_by_test_id("values")).to_be_visible()
    bare(page, "two runs beside each other")
    page.goto(f"/flows/{flow}")
    opened(page)
    node(page, "tell").click()
    page.keyboard.press("j")
    expect(page.get_by_test_id("code-view").locator(".cm-content")).to_be_visible()
    bare(page, "the code")


def test_what_opens_over_the_lists_is_open_to_everyone(page: Page) -> None:
    dressed(page, "light")
    page.goto("/settings/members")
    page.get_by_label("E-mail").fill("looked-at@mulgil.example")
    page.get_by_role("combobox", name="Role").first.click()
    expect(page.get_by_role("option", name="Viewer").first).to_be_visible()
    bare(page, "the roles", '[role="listbox"]')
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Invite", exact=True).click()
    bare_box(page, dialog(page, "Invitation"), "an invitation")
    invited = page.get_by_role("row").filter(has_text="looked-at@mulgil.example")
    invited.get_by_role("button", name="Withdraw").click()
    expect(invited).to_have_count(0)
    page.goto("/runs?status=failed")
    kept = page.get_by_role("button", name="Saved filters")
    kept.click()
    bare_menu(page, "the filters that are kept")
    kept.click()
    page.get_by_role("menuitem", name="Save this filter").click()
    bare_box(page, dialog(page, "Save this filter"), "a filter to be shared")
    page.goto("/")
    page.get_by_role("button", name="Actions for").first.click()
    bare_menu(page, "what can be done with a flow")


def test_what_the_settings_open_is_open_to_everyone(page: Page, product: Product) -> None:
    """Every dialog of credentials, destinations, tokens, groups and environments; what was made for it goes again."""
    dressed(page, "light")
    group = product.post("/api/groups/", {"name": "looked-at"})["id"]
    product.post("/api/environments/", {"name": "looked-at"})
    values = {"kind": "http", "values": {"token": "t"}}
    credential = product.post("/api/credentials/", {"name": "looked-at", **values})["id"]
    for address, button in (
        ("/credentials", "New credential"),
        ("/credentials", "Replace looked-at"),
        ("/credentials", "Delete looked-at?"),
        ("/operations/destinations", "New destination"),
        ("/settings/members", "Remove the group looked-at"),
        ("/settings/environments", "Delete looked-at"),
    ):
        if not page.url.endswith(address):
            page.goto(address)
        page.get_by_role("button", name=button, exact=True).first.click()
        bare_box(page, page.get_by_role("dialog"), button)
    page.get_by_role("button", name="looked-at", exact=True).click()
    page.get_by_role("button", name="Add a variable").click()
    page.get_by_role("button", name="Bind a name").click()
    bare(page, "an environment's fields")
    page.goto("/settings/tokens")
    page.get_by_role("textbox", name="Name").fill("looked-at")
    page.get_by_role("button", name="Create token").click()
    bare_box(page, dialog(page, "New token"), "a token, shown once")
    made = page.get_by_role("row").filter(has_text="looked-at")
    made.get_by_role("button", name="Revoke").click()
    bare_box(page, dialog(page, "Revoke looked-at?"), "a token's end")
    made.get_by_role("button", name="Revoke").click()
    dialog(page, "Revoke looked-at?").get_by_role("button", name="Revoke").click()
    expect(made).to_have_count(0)
    for place in (f"groups/{group}", "environments/looked-at", f"credentials/{credential}"):
        product.client.delete(f"/api/{place}/").raise_for_status()
