"""A real browser against the product as `up` starts it: nothing here is simulated."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from bench.browser import FLAGS
from bench.product import Product, fresh_folder, running
from tests.crash.effects import World
from tests.e2e.hands import sign_in, window

ARTIFACTS = Path(__file__).resolve().parents[2] / "test-artifacts"


@pytest.hookimpl(tryfirst=True)  # before xdist reads the marks
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """One product serves all browser tests of a worker. Halves of the files, so that two share the work: one alone is the last by minutes."""
    ours = [item for item in items if "e2e" in item.path.parts]
    files = sorted({item.path for item in ours})
    for item in ours:
        item.add_marker(pytest.mark.xdist_group(f"browser{files.index(item.path) % 2}"))


@pytest.fixture(scope="session")
def world() -> Iterator[World]:
    """A server outside, which the product may reach although it stands on this machine."""
    made = World()
    yield made
    made.close()


@pytest.fixture(scope="session")
def product(world: World) -> Iterator[Product]:
    with pytest.MonkeyPatch.context() as patch, fresh_folder() as folder:
        patch.setenv("MULGIL_EGRESS_ALLOW", world.address)
        with running(folder / "data", samples=True) as started:
            yield started


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """A browser for the tests of one file: its driver keeps an event loop, which other files' tests can't bear."""
    system = shutil.which("chromium")
    with sync_playwright() as play:
        started = play.chromium.launch(executable_path=system, args=FLAGS)
        yield started
        started.close()


@pytest.fixture
def page(product: Product, browser: Browser, request: pytest.FixtureRequest) -> Iterator[Page]:
    """A signed-in page of the default size; what the browser complains about fails the test."""
    opened = window(browser, product, viewport={"width": 1280, "height": 800})
    complaints: list[str] = []
    opened.on("pageerror", lambda error: complaints.append(str(error)))
    opened.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    sign_in(opened, product)
    yield opened
    ARTIFACTS.mkdir(exist_ok=True)
    opened.screenshot(path=ARTIFACTS / f"{request.node.name}-last.png")
    opened.context.close()
    assert not complaints, f"the browser complained: {complaints}"


@pytest.fixture
def picture(request: pytest.FixtureRequest) -> Callable[[Page, str], None]:
    """Keep a screenshot of a step of the story among the test's artifacts."""
    taken = iter(range(1, 1000))

    def keep(page: Page, name: str) -> None:
        ARTIFACTS.mkdir(exist_ok=True)
        page.screenshot(path=ARTIFACTS / f"{request.node.name}-{next(taken):02d}-{name}.png")

    return keep
