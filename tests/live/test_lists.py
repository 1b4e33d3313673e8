from collections.abc import Callable
from typing import Any

from channels.db import database_sync_to_async

from flows.models import Flow, Run
from flows.operations.drafts import save_draft
from flows.operations.proposals import propose, reject
from flows.operations.releases import release, take_out
from flows.operations.starting import start
from tests.cast import CHAIN, Person
from tests.live.conftest import Open, appended


async def test_the_runs_of_a_workspace_come_as_they_change(editor: Person, run: Run, open_socket: Open) -> None:
    socket = open_socket("/ws/runs/", editor)
    assert (await socket.connect(timeout=5))[0]
    first = await socket.receive_json_from(timeout=5)
    assert (first["type"], [mark["id"] for mark in first["runs"]]) == ("snapshot", [str(run.pk)])
    await appended(run.pk, 1, status="succeeded")
    told = await socket.receive_json_from(timeout=5)
    assert (told["type"], told["run"]["status"], told["seq"]) == ("run", "succeeded", first["seq"] + 1)
    await socket.disconnect()


async def test_a_run_that_only_goes_on_is_not_told_of_again(editor: Person, run: Run, open_socket: Open) -> None:
    socket = open_socket("/ws/runs/", editor)
    assert (await socket.connect(timeout=5))[0]
    assert (await socket.receive_json_from(timeout=5))["type"] == "snapshot"
    await appended(run.pk, 2, status="running")
    assert (await socket.receive_json_from(timeout=5))["run"]["status"] == "running"
    await appended(run.pk, 3, status="running")
    assert await socket.receive_nothing(timeout=0.5)
    await appended(run.pk, 1, status="succeeded")
    assert (await socket.receive_json_from(timeout=5))["run"]["status"] == "succeeded"
    await socket.disconnect()


async def test_another_workspaces_runs_are_never_told(stranger: Person, run: Run, open_socket: Open) -> None:
    socket = open_socket("/ws/runs/", stranger)
    await socket.connect(timeout=5)
    assert (await socket.receive_json_from(timeout=5))["runs"] == []
    await appended(run.pk, 1)
    assert await socket.receive_nothing(timeout=0.3)
    await socket.disconnect()


async def test_a_flow_tells_of_its_draft_and_its_runs(editor: Person, chain: Flow, run: Run, open_socket: Open) -> None:
    socket = open_socket(f"/ws/flows/{chain.pk}/", editor)
    assert (await socket.connect(timeout=5))[0]
    assert (await socket.receive_json_from(timeout=5))["flow"]["draft"]["revision"] == 1
    assert (await socket.receive_json_from(timeout=5))["type"] == "snapshot"
    await database_sync_to_async(save_draft)(editor.actor, chain.pk, document=CHAIN, revision=1)
    assert (await socket.receive_json_from(timeout=5))["flow"]["draft"]["revision"] == 2
    other = await database_sync_to_async(start)(editor.actor, chain.pk)
    await appended(other.run.id, 1)
    assert (await socket.receive_json_from(timeout=5))["run"]["id"] == str(other.run.id)
    await socket.disconnect()


async def test_a_flow_tells_when_its_releases_or_proposals_changed_and_only_then(
    editor: Person, chain: Flow, open_socket: Open
) -> None:
    socket = open_socket(f"/ws/flows/{chain.pk}/", editor)
    assert (await socket.connect(timeout=5))[0]
    known = (await socket.receive_json_from(timeout=5))["releases"]
    assert (await socket.receive_json_from(timeout=5))["type"] == "snapshot"

    async def told_after(verb: Callable[..., Any], *args: Any, **named: Any) -> tuple[str, Any]:
        done = await database_sync_to_async(verb)(editor.actor, chain.pk, *args, **named)
        told: str = (await socket.receive_json_from(timeout=5))["releases"]
        return told, done

    saved, _ = await told_after(save_draft, document=CHAIN | {"description": "second"}, revision=1)
    assert saved == known, "a draft is no release"
    proposed, asked = await told_after(propose, version=1, environment="staging")
    decided, _ = await told_after(reject, asked.pk)
    released, _ = await told_after(release, version=1, environment="staging")
    ended, _ = await told_after(take_out, environment="staging")
    assert len({known, proposed, decided, released, ended}) == 5
    await socket.disconnect()


async def test_a_path_that_leads_nowhere_is_refused_like_a_strangers(editor: Person, open_socket: Open) -> None:
    for address in ("/ws/runs/None/", "/ws/", "/ws/flows/1/"):
        assert not (await open_socket(address, editor).connect(timeout=5))[0]
