"""A run in the middle of a deployment is moved to another version only where that goes on as it began."""

import asyncio
from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest

from flows.models import Alert, Deployment, Flow, Run
from flows.operations import moving, steering
from flows.operations.drafts import save_draft
from flows.operations.environments import change_environment
from flows.operations.moving import CannotMove, move, preview_move
from flows.operations.publishing import publish
from flows.operations.releases import release
from flows.operations.starting import start
from flows.runtime.clock import VirtualClock
from tests.cast import Person, flow, person, with_nodes
from tests.nodes.models_server import Models, serving
from tests.operations.parked import START, goes_by, says
from tests.runtime.house import executing, kinds
from tests.runtime.test_deployments import HOUR, _near, apart  # noqa: F401  # a fixture
from tests.security.http_server import Server, http_server

pytestmark = pytest.mark.django_db(transaction=True)

ELSEWHERE, LONGER, SAME = 2, 3, 4
"""The versions: to another endpoint by a variable, with another config, and the same but for a node behind it."""


@pytest.fixture
def editor() -> Person:
    return person("editor", "editor")


@pytest.fixture
def operator() -> Person:
    return person("operator", "operator")


def document(server: Server, *behind: dict[str, Any], endpoint: str = "churn", hold: str = "1h") -> dict[str, Any]:
    url = server.url("")
    config = {
        "registry": url, "model": "churn", "value": "candidate", "url": url, "endpoint": "{{ vars.endpoint }}",
        "strategy": "canary", "steps": [5], "hold": hold,
    }  # fmt: skip
    deploy = {"id": "deploy", "type": "ml.deploy", "config": config}
    return with_nodes(START, deploy, *behind, settings={"vars": {"endpoint": endpoint}})


def versions(editor: Person, server: Server) -> Flow:
    made = flow(editor.actor, document(server))
    later = (
        document(server, endpoint="other"),
        document(server, hold="2h"),
        document(server, says("behind", "done"), endpoint="churn"),
    )
    for revision, one in enumerate(later, 1):
        save_draft(editor.actor, made.pk, document=one, revision=revision)
        publish(editor.actor, made.pk)
    return made


def amid(models: Models, editor: Person, given: str | None, then: Callable[[UUID], object]) -> Run:
    """The run of a canary that has moved its 5 %; `given`: its environment. Then this, and three hours more."""

    async def play() -> UUID:
        async with http_server(models) as server:
            run = await apart(lambda: begun(server))
            for hour in range(4):
                async with executing(clock=VirtualClock(start=(10 + hour) * HOUR)) as executor:
                    await executor.turn()
                if hour == 0:
                    await apart(lambda: then(run))
            return run

    def begun(server: Server) -> UUID:
        made = versions(editor, server)
        release(editor.actor, made.pk, version=1, environment="staging")
        return start(editor.actor, made.pk, version=1, environment=given).run.id

    return Run.objects.get(pk=asyncio.run(play()))


@pytest.mark.parametrize("number", [ELSEWHERE, LONGER])
def test_it_is_not_moved_to_where_it_would_go_on_otherwise(editor: Person, operator: Person, number: int) -> None:
    def refused(run: UUID) -> None:
        found = preview_move(operator.actor, run, number).fit.obstacles
        assert [(one.why, one.node) for one in found] == [("between_goes", "deploy")]
        with pytest.raises(CannotMove, match="deploy is in the middle of its work"):
            move(operator.actor, run, number)
        way = moving._way(operator.actor, run, number)
        letter = {"version": number, "version_id": str(way.version.pk), "hash": way.version.hash, "by": "operator"}
        steering.send(operator.actor, way.run, "move", letter)  # as if it had fitted when it was looked at

    models = serving()
    run = amid(models, editor, None, refused)
    assert goes_by(run) == (1, "succeeded")
    assert "run_moved" not in kinds(run)
    assert Alert.objects.filter(run_id=run.pk).values_list("code", flat=True).get() == "not_moved"
    told = Deployment.objects.get()
    assert (told.endpoint, told.state, told.share) == ("churn", "succeeded", 100)
    assert list(models.variants) == [told.variant], "it went to its end where it had begun"


def test_it_is_moved_where_it_goes_on_as_it_began(editor: Person, operator: Person) -> None:
    models = serving()
    run = amid(models, editor, None, lambda run: move(operator.actor, run, SAME))
    assert goes_by(run) == (SAME, "succeeded")
    assert [list(sent.values()) for sent in models.weights] == [[95, 5], [0, 100]], "each weight was moved once"
    assert list(models.variants) == [Deployment.objects.get().variant]


def test_what_its_environment_gives_is_what_it_goes_on_with(editor: Person, operator: Person) -> None:
    admin = person("admin", "admin")
    change_environment(admin.actor, "staging", vars={"endpoint": "churn"})
    run = amid(serving(), editor, "staging", lambda run: move(operator.actor, run, ELSEWHERE))
    assert goes_by(run) == (ELSEWHERE, "succeeded")
    assert Deployment.objects.get().endpoint == "churn"
