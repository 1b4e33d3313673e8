"""A canvas of a thousand nodes in a real browser: opened, panned, zoomed, dragged, and watched while a run streams.

Beside it an ordinary flow, the largest of the samples: how long it takes until the editor answers the first key.

Each phase is traced by itself, with frames asked for all the time, so that those that are lost are seen to be. Beside
them stands the floor of the same minutes: a bare page that is panned, zoomed and dragged about by the same hand, and a
canvas of one node that is panned. It decides what hands do; what came of it is read from the trace alone.
"""

import json
from collections.abc import Callable
from functools import partial
from statistics import median
from typing import Any, Final

from playwright.sync_api import Browser, Page, sync_playwright

from bench import bundle, documents, trace
from bench.browser import launched, sign_in
from bench.product import Product

PATIENCE: Final = 120_000
STANDING: Final = '[data-testid="canvas"][data-standing] [data-testid^=node-]'
ANSWERED: Final = '[data-testid="insert-palette"] input:focus'
# Milliseconds since the navigation began at which what is looked for stood, seen at the frame after it did.
STOOD: Final = """selector => new Promise(done => {
  const look = () => document.querySelector(selector) ? requestAnimationFrame(() => done(performance.now())) : requestAnimationFrame(look);
  look();
})"""
# Asks for every frame until it is told to stop.
BEATING: Final = """() => {
  window.isBeating = true;
  const beat = () => window.isBeating && requestAnimationFrame(beat);
  beat();
}"""
# A page with nothing of the product: a sheet of plain boxes that one transform moves and scales; a box that is held goes
# with the hand, and at the edge the sheet goes on beneath it, as fast as the canvas's does.
BARE: Final = """<!doctype html><style>
  body { margin: 0; overflow: hidden; height: 100vh; touch-action: none; user-select: none }
  main { position: absolute; transform-origin: 0 0; will-change: transform }
  i { position: absolute; width: 136px; height: 54px; border: 1px solid; background: #eee }
  i.held { will-change: transform }
</style><main></main><script>
  const sheet = document.querySelector("main");
  const [EDGE, SPEED] = [40, 15];
  let [x, y, zoom] = [0, 0, 1];
  let held = null, at = null, grip = null;
  const place = (box, left, top) => { box.style.transform = `translate(${left}px, ${top}px)` };
  const moved = () => { sheet.style.transform = `translate(${x}px, ${y}px) scale(${zoom})` };
  const carried = () => place(held, (at.x - x) / zoom - grip.x, (at.y - y) / zoom - grip.y);
  for (let box = 0; box < 1000; box += 1) {
    const made = sheet.appendChild(document.createElement("i"));
    made.dataset.testid = `node-${box}`;
    place(made, (1 + Math.floor(box / 25)) * 174, (box % 25) * 80);
  }
  addEventListener("wheel", event => {
    event.preventDefault();
    if (event.ctrlKey) {
      const next = Math.min(2, Math.max(0.1, zoom * 2 ** (-event.deltaY * 0.002)));
      x = event.clientX - (event.clientX - x) * next / zoom;
      y = event.clientY - (event.clientY - y) * next / zoom;
      zoom = next;
    } else {
      x -= event.deltaX;
      y -= event.deltaY;
    }
    moved();
  }, { passive: false });
  const beyond = (where, size) => Math.max(0, Math.min(EDGE, EDGE - where)) / EDGE - Math.max(0, Math.min(EDGE, where - size + EDGE)) / EDGE;
  const pan = () => {
    if (held === null) return;
    const [right, down] = [beyond(at.x, innerWidth) * SPEED, beyond(at.y, innerHeight) * SPEED];
    if (right !== 0 || down !== 0) {
      [x, y] = [x + right, y + down];
      moved();
      carried();
    }
    requestAnimationFrame(pan);
  };
  addEventListener("pointerdown", event => {
    const { left, top } = event.target.getBoundingClientRect();
    held = event.target;
    held.classList.add("held");
    at = { x: event.clientX, y: event.clientY };
    grip = { x: at.x - left, y: at.y - top };
    requestAnimationFrame(pan);
  });
  addEventListener("pointermove", event => {
    if (held === null) return;
    at = { x: event.clientX, y: event.clientY };
    carried();
  });
  addEventListener("pointerup", () => {
    held?.classList.remove("held");
    held = null;
  });
</script>"""
# Where the lowest card is that a hand finds at this place and has room around.
WITHIN_REACH: Final = """() => {
  const places = [...document.querySelectorAll("[data-testid^=node-]")].map(card => {
    const { left, top, width } = card.getBoundingClientRect();
    return { card, x: left + width / 2, y: top + 20 };
  });
  const within = ({ card, x, y }) => x > 150 && x < 600 && y > 100 && y < 700 && card.contains(document.elementFromPoint(x, y));
  const { x, y } = places.filter(within).sort((one, other) => other.y - one.y)[0];
  return [x, y];
}"""
# The middle of the button that runs the flow.
RUN: Final = """() => {
  const { left, top, width, height } = document.querySelector('[data-testid="run"]').getBoundingClientRect();
  return [left + width / 2, top + height / 2];
}"""
# The run of this number has ended as the header tells it. Looked at now and then: who looks at every frame takes part in it.
ENDED: Final = """number => new Promise(done => {
  const look = () => {
    const chip = document.querySelector('[data-testid="run-chip"][data-status="succeeded"]');
    if (chip?.textContent.includes(number)) done();
    else setTimeout(look, 200);
  };
  look();
})"""
# Nothing moves and nothing comes any more: for a while the canvas is as it was.
SETTLED: Final = """() => new Promise(done => {
  let before = "", since = 0;
  const look = at => {
    const now = document.querySelector(".react-flow__viewport").style.transform + document.querySelectorAll("[data-testid^=node-]").length;
    if (now !== before) [before, since] = [now, at];
    if (at - since > 400) done();
    else requestAnimationFrame(look);
  };
  requestAnimationFrame(look);
})"""


def canvas(product: Product, scale: float) -> dict[str, Any]:
    """Milliseconds until it stood, and of each phase frames and long tasks; the sizes of what was loaded beside."""
    made = documents.streaming(round(1_000 * scale))
    flow = product.publish(made)
    with sync_playwright() as play:
        browser = launched(play)
        page = browser.new_page(viewport={"width": 1280, "height": 800})
        page.set_default_timeout(PATIENCE)
        sign_in(page, product)
        opened = [_open(page, f"{product.url}/flows/{flow}") for _ in range(3)]
        figures: dict[str, Any] = {"nodes": len(made["nodes"]), "open_ms": round(min(opened[1:]))}
        figures["usable_ms"] = usable_ms(page, product)
        figures["floor"] = _floor(browser, page, product)
        _open(page, f"{product.url}/flows/{flow}")
        figures["pan"] = _traced(browser, page, lambda: _pan(page))
        figures["drag"] = _traced(browser, page, lambda: _drag(page))
        figures["zoom"] = _traced(browser, page, lambda: _zoom(page))
        page.keyboard.press("1")
        page.evaluate(SETTLED)
        figures["pan_far"] = _traced(browser, page, lambda: _pan(page))
        _open(page, f"{product.url}/flows/{flow}")
        # Opening is a phase of its own: what is fetched late belongs to it.
        page.wait_for_load_state("networkidle")
        figures["run"] = _traced(browser, page, lambda: _run(page))
        page.keyboard.press("1")
        page.evaluate(SETTLED)
        figures["run_far"] = _traced(browser, page, lambda: _run(page))
        browser.close()
    moved = [figures[phase] for phase in ("pan", "pan_far")]
    figures["pan_frames_per_s"] = min(phase["frames_per_s"] for phase in moved)
    figures["pan_of_the_floor"] = round(figures["pan_frames_per_s"] / figures["floor"]["bare"]["frames_per_s"], 2)
    traced = [figures[phase] for phase in ("pan", "pan_far", "drag", "zoom", "run", "run_far")]
    figures["least_frames_per_s"] = min(phase["frames_per_s"] for phase in traced)
    figures["longest_task_ms"] = max(phase["longest_task_ms"] for phase in traced)
    return {**figures, "bundle": bundle.figures()}


def _open(page: Page, address: str) -> float:
    page.goto("about:blank")
    page.goto(address, wait_until="commit")
    stood: float = page.evaluate(STOOD, STANDING)
    return stood


def usable_ms(page: Page, product: Product) -> int:
    """From the beginning of the navigation to the palette of nodes, opened by its key: the first that is asked of an ordinary flow.

    The median of four on a warm server, in a browser that has the programs since the first one.
    """
    samples = [sample["document"] for sample in product.get("/api/samples/")["results"]]
    address = f"{product.url}/flows/{product.publish(max(samples, key=lambda document: len(document['nodes'])))}"
    taken: list[float] = []
    for _ in range(5):
        _open(page, address)
        page.keyboard.press("n")
        taken.append(page.evaluate(STOOD, ANSWERED))
    return round(median(taken[1:]))


def _floor(browser: Browser, page: Page, product: Product) -> dict[str, Any]:
    """What this browser on this machine makes of the same gestures where nothing is drawn, or next to nothing."""
    bare = {}
    for gesture, does in (("bare", _pan), ("bare_drag", _drag), ("bare_zoom", _zoom)):
        page.goto("about:blank")
        page.set_content(BARE)
        bare[gesture] = _traced(browser, page, partial(does, page))
    _open(page, f"{product.url}/flows/{product.publish(documents.streaming(1))}")
    return {**bare, "one_node": _traced(browser, page, lambda: _pan(page))}


def _traced(browser: Browser, page: Page, does: Callable[[], None]) -> dict[str, Any]:
    page.evaluate(BEATING)
    browser.start_tracing(page=page, categories=list(trace.CATEGORIES))
    does()
    events = json.loads(browser.stop_tracing())["traceEvents"]
    page.evaluate("() => { window.isBeating = false }")
    return trace.figures(events)


def _pan(page: Page) -> None:
    """Two fingers on the pad, there and back, as fast as the browser's own gestures go."""
    session = page.context.new_cdp_session(page)
    for across, down in ((-3_000, -600), (3_000, 600), (-1_500, -1_500), (1_500, 1_500)):
        gesture = {"x": 500, "y": 400, "xDistance": across, "yDistance": down, "speed": 1_500}
        session.send("Input.synthesizeScrollGesture", {**gesture, "gestureSourceType": "mouse", "preventFling": True})
    session.detach()


def _zoom(page: Page) -> None:
    """The wheel with Ctrl, out until all is seen and in again."""
    page.mouse.move(500, 400)
    page.keyboard.down("Control")
    for turn in (60, -60):
        for _ in range(40):
            page.mouse.wheel(0, turn)
    page.keyboard.up("Control")


def _drag(page: Page) -> None:
    """A card taken around in a circle of many small moves, by the edge too, and let go where it was."""
    x, y = page.evaluate(WITHIN_REACH)
    page.mouse.move(x, y)
    page.mouse.down()
    for to in ((x + 200, y + 40), (x + 240, y + 240), (x - 40, y + 200), (x, y)):
        page.mouse.move(*to, steps=40)
    if page.locator(".dragging, .held").count() == 0:
        raise RuntimeError("no card went with the hand")
    page.mouse.up()


def _run(page: Page) -> None:
    """A run of every node, begun by its button and watched to its end, with its line of time below."""
    x, y = page.evaluate(RUN)
    with page.expect_response(
        lambda answer: answer.request.method == "POST" and answer.url.endswith("/runs/")
    ) as started:
        page.mouse.click(x, y)
    page.evaluate(ENDED, f"#{started.value.json()['number']} ")
