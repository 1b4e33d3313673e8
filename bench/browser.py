"""Event to eye: from the instant an event carries to the change of its node in a real browser's page."""

import time
from datetime import datetime
from typing import Any, Final

from playwright.sync_api import Browser, Page, Playwright, sync_playwright

from bench import database, documents
from bench.figures import spread
from bench.product import Product

FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]

# Notes the wall clock at which each node first shows each status.
WATCH = """() => {
  window.seen = {};
  const note = element => {
    const node = element.getAttribute('data-testid')?.replace('node-', ''), status = element.getAttribute('data-status');
    if (node && status) window.seen[`${node} ${status}`] ??= performance.timeOrigin + performance.now();
  };
  new MutationObserver(changes => changes.forEach(change => note(change.target)))
    .observe(document.body, {subtree: true, attributes: true, attributeFilter: ['data-status']});
}"""


OPENING: Final = 6
"""Steps that pass while the page is opened."""


def launched(play: Playwright) -> Browser:
    return play.chromium.launch(executable_path="/usr/bin/chromium", args=FLAGS)


def sign_in(page: Page, product: Product) -> None:
    page.goto(f"{product.url}/")
    page.get_by_label("Username").fill("admin")
    page.get_by_label("Password", exact=True).fill(product.password)
    page.get_by_role("button", name="Sign in").click()
    page.get_by_role("button", name="New flow", exact=True).wait_for()


def event_to_browser(product: Product, *, steps: int) -> dict[str, Any]:
    """Milliseconds from an event's own instant (before its commit) to its node's change on the canvas.

    What happens while the page is still being opened waits for its programs: it is told apart.
    """
    flow = product.publish(documents.slow_chain(OPENING + steps, "300ms"))
    taken: list[float] = []
    while_opening: list[float] = []
    with sync_playwright() as play:
        browser = launched(play)
        page = browser.new_page(viewport={"width": 1280, "height": 800})
        sign_in(page, product)
        run = product.post(f"/api/flows/{flow}/runs/", {"input": {}})
        page.goto(f"{product.url}/flows/{flow}?run={run['id']}")
        page.wait_for_selector("[data-testid^=node-]")
        page.keyboard.press("1")  # the whole of it: only what is in sight is drawn
        page.evaluate(WATCH)
        page.wait_for_load_state("networkidle")
        opened = time.time() * 1000
        deadline = time.perf_counter() + 60 + steps
        with product.database() as connection:
            # Whoever asked the product meanwhile would stand before the events on their way.
            while database.is_open(connection, flow):
                if time.perf_counter() > deadline:
                    raise RuntimeError("the run that was watched did not end")
                page.wait_for_timeout(1_000)
        page.wait_for_timeout(500)
        seen = page.evaluate("() => window.seen")
        browser.close()
    for event in product.get(f"/api/runs/{run['id']}/events/", after=0)["results"]:
        shown = seen.get(f"{event['step']} succeeded") if event["kind"] == "step_succeeded" else None
        if shown is not None:
            at = datetime.fromisoformat(event["at"]).timestamp() * 1000
            (taken if at >= opened else while_opening).append(shown - at)
    if len(taken) < steps:
        raise RuntimeError(f"only {len(taken)} steps of {2 * steps} were seen to change on the canvas")
    return {"events": len(taken), **spread(taken), "while_opening": round(max(while_opening, default=0.0), 2)}
