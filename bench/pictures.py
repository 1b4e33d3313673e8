"""The pictures of the README, taken of the product as a new user has it: `python -m bench.pictures`.

It decides what is shown and at which size; what the pages look like is theirs alone.
"""

import shutil
import sys
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Page, expect, sync_playwright

from bench.browser import FLAGS
from bench.product import ROOT, Product, fresh_folder, running

FOLDER = ROOT / "docs" / "images"
PATIENCE = 60_000
SAMPLE = "Order fulfilment"

Picture = Callable[[Page, Product], None]


def sample(product: Product) -> str:
    found = product.get("/api/flows/")["results"]
    return str(next(flow["id"] for flow in found if flow["name"] == SAMPLE))


def opened(page: Page, address: str) -> None:
    page.goto(address)
    expect(page.locator('[data-testid="canvas"][data-standing]')).to_be_visible()
    expect(page.get_by_test_id("node-charge")).to_be_visible()


def flows(page: Page, _: Product) -> None:
    page.goto("/")
    expect(page.get_by_role("link", name=SAMPLE, exact=True)).to_be_visible()


def editor(page: Page, product: Product) -> None:
    opened(page, f"/flows/{sample(product)}")
    page.get_by_test_id("node-charge").click()
    expect(page.locator(".cm-content").first).to_be_visible()


def run(page: Page, product: Product) -> None:
    """A finished run, with the step that was tried three times opened."""
    flow = sample(product)
    ended = product.post(f"/api/flows/{flow}/runs/", {"input": {"order_id": "A-1042"}}, wait="60s")
    opened(page, f"/flows/{flow}?run={ended['id']}&tab=timeline&h=300&step=charge")
    expect(page.get_by_test_id("node-ship")).to_have_attribute("data-status", "succeeded")
    expect(page.get_by_role("slider")).to_be_visible()


def failed(page: Page, product: Product) -> None:
    flow = sample(product)
    ended = product.post(f"/api/flows/{flow}/runs/", {"input": {"order_id": "A-3", "address": ""}}, wait="60s")
    opened(page, f"/flows/{flow}?run={ended['id']}&tab=timeline&h=300")
    expect(page.get_by_test_id("node-ship")).to_have_attribute("data-status", "failed")
    expect(page.get_by_role("slider")).to_be_visible()


def palette(page: Page, product: Product) -> None:
    opened(page, f"/flows/{sample(product)}")
    page.get_by_test_id("node-paid").click()
    page.keyboard.press("n")
    expect(page.get_by_test_id("insert-palette").get_by_role("combobox")).to_be_focused()


PICTURES: dict[str, tuple[str, Picture]] = {
    "flows": ("light", flows),
    "editor": ("light", editor),
    "dark": ("dark", editor),
    "run": ("light", run),
    "timeline": ("dark", run),
    "failed": ("light", failed),
    "palette": ("light", palette),
}


def sign_in(page: Page, product: Product) -> None:
    page.goto("/")
    page.get_by_label("Username").fill("admin")
    page.get_by_label("Password", exact=True).fill(product.password)
    page.get_by_role("button", name="Sign in").click()
    expect(page.locator('nav a[href="/runs"]')).to_be_visible()


def take(product: Product, folder: Path, wanted: list[str]) -> None:
    expect.set_options(timeout=PATIENCE)
    folder.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=shutil.which("chromium"), args=FLAGS)
        size = {"width": 1440, "height": 900}
        context = browser.new_context(base_url=product.url, viewport=size, locale="en-US", reduced_motion="reduce")
        context.set_default_timeout(PATIENCE)
        page = context.new_page()
        sign_in(page, product)
        for name in wanted:
            scheme, show = PICTURES[name]
            page.emulate_media(color_scheme="dark" if scheme == "dark" else "light", reduced_motion="reduce")
            show(page, product)
            expect(page.locator(".mantine-Loader-root").or_(page.get_by_text("Loading…"))).to_have_count(0)
            page.screenshot(path=folder / f"{name}.png")
            print(folder / f"{name}.png")
        browser.close()


if __name__ == "__main__":
    chosen = sys.argv[1:] or list(PICTURES)
    with fresh_folder() as data, running(data / "data", samples=True) as product:
        take(product, FOLDER, chosen)
