"""The pictures of the README, taken of the product as a new user has it: `python -m bench.pictures [NAME …]`.

It decides what is shown, in which size, theme and language; what the pages look like is theirs alone.
"""

import base64
import copy
import shutil
import sys
from collections.abc import Callable
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path
from typing import Any, Final

from playwright.sync_api import Browser, FilePayload, Page, StorageState, expect, sync_playwright

from bench.browser import FLAGS, sign_in
from bench.product import ROOT, Product, fresh_folder, running

FOLDER: Final = ROOT / "docs" / "images"
PATIENCE: Final = 60_000
SAMPLE: Final = "Order fulfilment"
# Of a name of its own: a list must not show two that look the same.
COPY: Final = "Order fulfilment, reworked"
RUN: Final = {"order_id": "A-1042"}


@dataclass(frozen=True, slots=True)
class Picture:
    """What is shown, and to whom."""

    show: Callable[[Page, Product], None]
    theme: str = "light"
    locale: str = "en-US"
    width: int = 1440
    height: int = 900

    def dark(self) -> "Picture":
        return replace(self, theme="dark")

    def korean(self) -> "Picture":
        return replace(self, locale="ko-KR")


def sample(product: Product) -> Any:
    """The sample flow as it came with the product: the oldest of its name."""
    found = product.get("/api/flows/")["results"]
    return [flow for flow in found if flow["name"] == SAMPLE][-1]


def document(product: Product) -> dict[str, Any]:
    read: dict[str, Any] = product.get(f"/api/flows/{sample(product)['id']}/draft/")["document"]
    return copy.deepcopy(read)


def opened(page: Page, address: str) -> None:
    page.goto(address)
    expect(page.locator('[data-testid="canvas"][data-standing]')).to_be_visible()
    expect(page.get_by_test_id("node-charge")).to_be_visible()


def in_drawer(page: Page, step: str | None = None) -> None:
    """What the drawer shows of a run is there: the bar of its time, and of a step what it was given."""
    expect(page.get_by_test_id("time-bar")).to_be_visible()
    if step is None:
        return
    expect(page.locator(f'[data-row="{step}"]')).to_be_visible()
    drawer = page.locator('[data-region="runs"]')
    expect(drawer.get_by_role("alert").first).to_be_attached()
    expect(drawer.get_by_role("tree").first).to_be_visible()


def drafted(product: Product, flow: str, made: dict[str, Any]) -> None:
    revision = product.get(f"/api/flows/{flow}/draft/")["revision"]
    product.client.put(f"/api/flows/{flow}/draft/", json={"document": made, "revision": revision}).raise_for_status()


def flows(page: Page, _: Product) -> None:
    page.goto("/")
    expect(page.get_by_role("link", name=SAMPLE, exact=True)).to_be_visible()


def empty(page: Page, product: Product) -> None:
    """A new flow, and the three ways in."""
    flow = product.post("/api/flows/", {"name": "Untitled"})["id"]
    page.goto(f"/flows/{flow}")
    expect(page.get_by_test_id("start-guide")).to_be_visible()
    product.client.delete(f"/api/flows/{flow}/").raise_for_status()


def editor(page: Page, product: Product) -> None:
    opened(page, f"/flows/{sample(product)['id']}")
    page.get_by_test_id("node-charge").click()
    expect(page.locator(".cm-content").first).to_be_visible()


def under_way(page: Page, product: Product) -> None:
    """A run while it goes on: the provider is busy, and the second try is awaited."""
    flow = sample(product)["id"]
    before = product.post(f"/api/flows/{flow}/runs/", {"input": RUN}, wait="60s")["id"]
    opened(page, f"/flows/{flow}?run={before}&tab=timeline&h=260")
    in_drawer(page)  # all the page's programs are there by now: the next one is opened while it goes on
    run = product.post(f"/api/flows/{flow}/runs/", {"input": RUN})["id"]
    opened(page, f"/flows/{flow}?run={run}&tab=timeline&h=260")
    in_drawer(page)
    expect(page.locator('[data-row="charge"]')).to_be_visible()
    expect(page.get_by_test_id("node-charge")).to_have_attribute("data-status", "retrying")


def timeline(page: Page, product: Product) -> None:
    """A finished run, with the step that was tried three times opened."""
    flow = sample(product)["id"]
    ended = product.post(f"/api/flows/{flow}/runs/", {"input": RUN}, wait="60s")
    opened(page, f"/flows/{flow}?run={ended['id']}&tab=timeline&h=300&step=charge")
    expect(page.get_by_test_id("node-ship")).to_have_attribute("data-status", "succeeded")
    in_drawer(page, "charge")


def on_the_way(page: Page, product: Product) -> None:
    """A finished run on a telephone: the canvas above, its steps below."""
    flow = sample(product)["id"]
    ended = product.post(f"/api/flows/{flow}/runs/", {"input": RUN}, wait="60s")
    page.goto(f"/flows/{flow}?run={ended['id']}&tab=steps&h=360")
    expect(page.locator('[data-testid="canvas"][data-standing]')).to_be_visible()
    page.keyboard.press("1")  # of a flow that is wider than the screen only the beginning is drawn
    expect(page.get_by_test_id("node-ship")).to_have_attribute("data-status", "succeeded")
    expect(page.get_by_role("list", name="Steps", exact=True)).to_contain_text("Charge card")
    in_drawer(page)


def failed(page: Page, product: Product) -> None:
    """A run that failed after the card was charged: the charge is undone, and the error says what helps."""
    flow = sample(product)["id"]
    ended = product.post(f"/api/flows/{flow}/runs/", {"input": {"order_id": "A-3", "address": ""}}, wait="60s")
    opened(page, f"/flows/{flow}?run={ended['id']}&tab=timeline&h=300&step=ship")
    expect(page.get_by_test_id("node-ship")).to_have_attribute("data-status", "failed")
    in_drawer(page, "ship")


def difference(page: Page, product: Product) -> None:
    """A draft beside the version it came from, drawn as one."""
    before = {**document(product), "name": COPY}
    flow = product.publish(before)
    nodes = {node["id"]: node for node in before["nodes"]}
    nodes["charge"]["retry"]["max_attempts"] = 5
    nodes["ship"]["position"] = {"x": 560, "y": 480}
    receipt = {"id": "receipt", "type": "log", "label": "Send the receipt", "position": {"x": 840, "y": 480},
               "config": {"message": "Receipt of {{ nodes.order.id }}"}}  # fmt: skip
    kept = [node for name, node in nodes.items() if name != "refund"]
    edges = [edge for edge in before["edges"] if edge["to"] != "refund"]
    after = {**before, "nodes": [*kept, receipt], "edges": [*edges, {"from": "ship", "to": "receipt"}]}
    drafted(product, flow, after)
    opened(page, f"/flows/{flow}?side=versions")
    page.get_by_role("button", name="Compare with the draft", exact=True).first.click()
    expect(page.locator('[data-testid="node-receipt"][data-mark="added"]')).to_be_visible()
    page.keyboard.press("1")
    product.client.delete(f"/api/flows/{flow}/").raise_for_status()


def expression(page: Page, product: Product) -> None:
    """An expression while it is typed: what is there, and what it gives now."""
    flow = product.publish({**document(product), "name": COPY})
    product.post(f"/api/flows/{flow}/runs/", {"input": RUN}, wait="60s")
    opened(page, f"/flows/{flow}")
    page.get_by_test_id("node-paid").click()
    field = page.locator('[data-field="/condition"] .cm-content')
    field.click()
    page.keyboard.press("Control+a")
    page.keyboard.type("{{ nodes.charge.amount > 100 and nodes.order.")
    expect(page.locator(".cm-tooltip-autocomplete")).to_be_visible()
    product.client.delete(f"/api/flows/{flow}/").raise_for_status()


def mapping(page: Page, product: Product) -> None:
    """A node opened wide: what it may read, what it is set to do, what it gave."""
    flow = sample(product)["id"]
    ended = product.post(f"/api/flows/{flow}/runs/", {"input": RUN}, wait="60s")
    opened(page, f"/flows/{flow}?run={ended['id']}&drawer=0")
    page.get_by_test_id("node-paid").click()
    page.get_by_role("tab", name="Parameters").click()
    page.get_by_role("button", name="Open the inspector wide").click()
    expect(page.get_by_test_id("input-pane").get_by_role("tree").first).to_be_visible()
    expect(page.get_by_test_id("expression-now").first).to_be_visible()
    expect(page.get_by_test_id("output-pane").get_by_role("button", name="Copy the value")).to_be_visible()


def palette(page: Page, product: Product) -> None:
    opened(page, f"/flows/{sample(product)['id']}")
    page.get_by_test_id("node-paid").click()
    page.keyboard.press("n")
    expect(page.get_by_test_id("insert-palette").get_by_role("combobox")).to_be_focused()


def found(page: Page, product: Product) -> None:
    """Ctrl-K: commands, and what the server finds."""
    opened(page, f"/flows/{sample(product)['id']}")
    page.keyboard.press("Control+k")
    page.keyboard.type("order")
    expect(page.get_by_test_id("command-palette").get_by_role("option", name="Complete the order")).to_be_visible()


def outline(page: Page, product: Product) -> None:
    flow = sample(product)["id"]
    ended = product.post(f"/api/flows/{flow}/runs/", {"input": {**RUN, "card": "declined"}}, wait="60s")
    opened(page, f"/flows/{flow}?run={ended['id']}&drawer=0")
    expect(page.get_by_test_id("node-unpaid")).to_have_attribute("data-status", "skipped")
    page.keyboard.press("o")
    expect(page.get_by_role("treeitem").first).to_be_visible()
    page.locator('[data-row="node charge"]').click()
    expect(page.locator('[data-region="inspector"]').get_by_role("alert")).to_be_visible()


def promotion(page: Page, product: Product) -> None:
    """What is live in staging on its way to production: what changes, and what holds."""
    for environment, base in (("staging", "https://sandbox.ship.example"), ("production", "https://ship.example")):
        given = {"vars": {"carrier": base}}
        product.client.patch(f"/api/environments/{environment}/", json=given).raise_for_status()
    made = {**document(product), "name": COPY}
    made["settings"]["vars"] = {"carrier": None}
    flow = product.publish(made)
    nodes = {node["id"]: node for node in made["nodes"]}
    nodes["charge"]["retry"]["max_attempts"] = 5
    nodes["ship"]["timeout"] = "30s"
    drafted(product, flow, made)
    product.post(f"/api/flows/{flow}/publish/", {"note": "More patience with the provider", "release": False})
    product.post(f"/api/flows/{flow}/promote/", {"to": "staging", "version": 2})
    opened(page, f"/flows/{flow}?side=versions")
    page.get_by_role("button", name="Promote…").click()
    expect(page.get_by_role("dialog").get_by_role("table", name="Variables")).to_be_visible()
    expect(page.get_by_role("dialog").get_by_role("button", name="Release in production")).to_be_enabled()
    product.client.delete(f"/api/flows/{flow}/").raise_for_status()


def moving(page: Page, product: Product) -> None:
    """A run that waits, looked at before it goes on by a mended version."""
    made = document(product)
    pay = {"id": "pay", "type": "flow.signal", "label": "Await the payment", "position": {"x": 560, "y": 0},
           "config": {"name": "paid"}}  # fmt: skip
    ship = {"id": "ship", "type": "log", "label": "Ship", "position": {"x": 840, "y": 0},
            "config": {"message": "To {{ nodes.order.address }}"}}  # fmt: skip
    edges = [{"from": one, "to": two} for one, two in pairwise(("start", "order", "pay", "ship"))]
    before = {
        "dsl": 1,
        "name": COPY,
        "inputs": made["inputs"],
        "nodes": [*made["nodes"][:2], pay, ship],
        "edges": edges,
    }
    flow = product.publish(before)
    run = product.post(f"/api/flows/{flow}/runs/", {"input": RUN})["id"]
    check = {"id": "check", "type": "data.set", "label": "Check the address", "position": {"x": 700, "y": 160},
             "config": {"fields": {"address": "{{ nodes.order.address }}"}}}  # fmt: skip
    edges = [*edges[:-1], {"from": "pay", "to": "check"}, {"from": "check", "to": "ship"}]
    drafted(product, flow, {**before, "nodes": [*before["nodes"], check], "edges": edges})
    product.post(f"/api/flows/{flow}/publish/", {"note": "The address is checked first"})
    page.goto(f"/runs/{run}?tab=timeline&h=260")
    expect(page.locator('[data-testid="canvas"][data-standing]')).to_be_visible()
    expect(page.get_by_test_id("node-pay")).to_have_attribute("data-status", "waiting")
    in_drawer(page)
    page.get_by_role("button", name="Move to another version").click()
    page.get_by_role("dialog").get_by_role("combobox").click()
    page.get_by_role("option", name="v2").click()
    expect(page.get_by_test_id("move-preview")).to_contain_text("goes on waiting for the signal paid")
    product.client.delete(f"/api/flows/{flow}/").raise_for_status()


def importing(page: Page, product: Product) -> None:
    """Files on their way in: one that would change a flow, and one that would be a new one."""
    flow = product.publish({**document(product), "name": COPY})
    (text,) = (
        text
        for name, text in product.post("/api/flows/export/", {"flows": [flow], "archive": False})["files"].items()
        if name.startswith("order-")
    )
    files = {
        "order-fulfilment-reworked.yaml": text.replace("timeout: 10m", "timeout: 1h").replace(
            "concurrency: 2", "concurrency: 4"
        ),
        "order-returns.yaml": text.replace(COPY, "Order returns"),
    }
    page.goto("/")
    expect(page.get_by_role("link", name=SAMPLE, exact=True)).to_be_visible()
    given = [FilePayload(name=name, mimeType="text/yaml", buffer=said.encode()) for name, said in files.items()]
    page.locator('input[type="file"]').set_input_files(given)
    expect(page.get_by_test_id("import")).to_contain_text("concurrency")
    expect(page.get_by_test_id("import")).to_contain_text("Order returns")
    product.client.delete(f"/api/flows/{flow}/").raise_for_status()


PICTURES: Final[dict[str, Picture]] = {
    "flows": Picture(flows),
    "empty": Picture(empty),
    "editor": Picture(editor),
    "dark": Picture(editor).dark(),
    "korean": Picture(editor).korean(),
    "running": Picture(under_way),
    "running-dark": Picture(under_way).dark(),
    "failed": Picture(failed),
    "timeline": Picture(timeline),
    "timeline-dark-korean": Picture(timeline).dark().korean(),
    "difference": Picture(difference),
    "expression": Picture(expression),
    "mapping": Picture(mapping),
    "palette": Picture(palette),
    "search": Picture(found),
    "outline": Picture(outline),
    "promotion": Picture(promotion),
    "moving": Picture(moving),
    "import": Picture(importing),
    "import-korean": Picture(importing).korean(),
    "mobile": Picture(on_the_way, width=390, height=844),
    "mobile-dark": Picture(on_the_way, width=390, height=844).dark(),
}


def take(product: Product, folder: Path, wanted: list[str]) -> None:
    expect.set_options(timeout=PATIENCE)
    folder.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=shutil.which("chromium"), args=FLAGS)
        page = browser.new_page(locale="en-US")
        sign_in(page, product)
        signed_in = page.context.storage_state()
        for name in wanted:
            kept = folder / f"{name}.webp"
            kept.write_bytes(taken(browser, product, PICTURES[name], signed_in))
            print(kept, kept.stat().st_size)
        browser.close()


def taken(browser: Browser, product: Product, picture: Picture, signed_in: StorageState) -> bytes:
    """The picture as WebP, which keeps sharp what is sharp at a third of the weight of a PNG."""
    context = browser.new_context(
        base_url=product.url,
        storage_state=signed_in,
        viewport={"width": picture.width, "height": picture.height},
        locale=picture.locale,
        color_scheme="dark" if picture.theme == "dark" else "light",
        reduced_motion="reduce",
    )
    context.set_default_timeout(PATIENCE)
    page = context.new_page()
    picture.show(page, product)
    expect(page.locator(".mantine-Loader-root")).to_have_count(0)
    page.evaluate("() => document.fonts.ready.then(() => undefined)")
    page.evaluate("() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => done())))")
    shot = context.new_cdp_session(page).send("Page.captureScreenshot", {"format": "webp", "quality": 90})
    context.close()
    return base64.b64decode(shot["data"])


if __name__ == "__main__":
    chosen = sys.argv[1:] or list(PICTURES)
    with fresh_folder() as data, running(data / "data", samples=True) as product:
        take(product, FOLDER, chosen)
