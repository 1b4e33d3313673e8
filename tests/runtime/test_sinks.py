"""Sinks that a project brings: they get each message, say what becomes of it, and the guide's own works."""

import re
import sys
from collections.abc import Mapping
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from builder_ui.environment import PROJECT
from flows.models import Delivery, Outbox
from flows.runtime.sinks import Later, Outgoing, Refused, UnknownSink, sink_named
from flows.security.credentials import Credential
from tests.runtime.post import a_run, destination, due, message, published, receiving, relay, states

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def reachable(settings: Any) -> None:
    settings.MULGIL = settings.MULGIL | {"egress_allow": ("127.0.0.0/8",)}


class Remembering:
    """A sink that keeps what it gets, and fails as the settings of its destination say."""

    got: list[tuple[str, str, Any]] = []

    def deliver(self, outgoing: Outgoing, config: Mapping[str, Any], credential: Credential | None) -> None:
        match config.get("mood"):
            case "later":
                raise Later("the broker is away", retry_after=50)
            case "never":
                raise Refused(reason="too large")
            case "broken":
                raise KeyError("whatever")
        self.got.append((outgoing.topic, outgoing.key, outgoing.payload))


@pytest.fixture
def remembering(settings: Any) -> list[tuple[str, str, Any]]:
    settings.MULGIL = settings.MULGIL | {"sinks": {"memory": f"{__name__}.Remembering"}}
    Remembering.got.clear()
    return Remembering.got


def test_a_project_brings_its_own_sink(remembering: list[Any]) -> None:
    with receiving() as server:
        destination(server, kind="memory", config={})
        published(a_run(), message("pay", "k", '{"n":1}'))
        relay()
    assert remembering == [("orders.paid", "k", {"n": 1})]
    assert states() == ["sent"]


@pytest.mark.parametrize(
    ("mood", "state", "error"),
    [("later", "waiting", "the broker is away"), ("never", "dead", "too large"), ("broken", "waiting", "'whatever'")],
)
def test_a_sink_says_what_becomes_of_a_message(remembering: list[Any], mood: str, state: str, error: str) -> None:
    with receiving() as server:
        destination(server, kind="memory", config={"mood": mood})
        published(a_run(), message("pay"))
        relay()
    found = Delivery.objects.get()
    assert (found.state, found.last_error) == (state, error)


def test_a_sink_that_is_not_there_is_told() -> None:
    with pytest.raises(UnknownSink, match="known are http"):
        sink_named("carrier-pigeon")


def test_the_sink_of_the_guide_works_as_it_is_printed(
    tmp_path: Path, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    guide = (PROJECT / "docs" / "operations.md").read_text(encoding="utf-8")
    (printed,) = re.findall(r"```python\n# shop/sinks.py\n(.*?)```", guide, re.DOTALL)
    module = ModuleType("shop_of_the_guide")
    exec(compile(printed, "docs/operations.md", "exec"), vars(module))  # our own page
    monkeypatch.setitem(sys.modules, "shop_of_the_guide", module)
    settings.MULGIL = settings.MULGIL | {"sinks": {"folder": "shop_of_the_guide.Folder"}}
    folder = tmp_path / "messages"
    with receiving() as server:
        destination(server, kind="folder", config={"folder": str(folder)})
        published(a_run(), message("pay", payload='{"n":1}'), message("big", payload='"' + "x" * 100_001 + '"'))
        relay()
        assert states() == ["waiting", "dead"]
        folder.mkdir()
        due()
        relay()
    told = Outbox.objects.get(step="pay")
    assert [(one.name, one.read_text()) for one in folder.iterdir()] == [(f"{told.pk}.json", '{"n":1}')]
