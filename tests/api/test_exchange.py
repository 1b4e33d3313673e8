from typing import Any

from django.test import Client

from flows.models import Flow
from tests.api.test_flows import post
from tests.cast import CHAIN, Person, flow

EXPORT = "/api/flows/export/"
IMPORT = "/api/flows/import/"


def exported(client: Client, person: Person, **body: Any) -> dict[str, str]:
    response = post(client, person, EXPORT, body)
    assert response.status_code == 200
    files: dict[str, str] = response.json()["files"]
    return files


def test_files_are_previewed_and_taken_in(client: Client, editor: Person, stranger: Person) -> None:
    made = flow(editor.actor, name="Orders")
    files = exported(client, editor, flows=[str(made.pk)], live=True)
    assert sorted(files) == ["manifest.yaml", "orders.yaml"]
    body = {"files": files, "publish": True}
    preview = post(client, stranger, f"{IMPORT}?preview=1", body).json()
    assert preview["changes"] == 1
    assert preview["flows"][0].items() >= {"what": "new", "name": "Orders", "publishes": True, "flow": None}.items()
    assert Flow.objects.count() == 1, "a preview writes nothing"
    taken = post(client, stranger, IMPORT, body).json()
    assert taken["flows"][0]["version"] == 1
    assert str(Flow.objects.get(workspace_id=stranger.actor.workspace).pk) == taken["flows"][0]["flow"]
    assert post(client, stranger, IMPORT, body).json()["changes"] == 0


def test_what_differs_is_told_in_words(client: Client, editor: Person) -> None:
    flow(editor.actor, name="Orders")
    text = exported(client, editor)["orders.yaml"].replace("x + 1", "x + 2")
    preview = post(client, editor, f"{IMPORT}?preview=1", {"files": {"orders.yaml": text}}).json()
    assert preview["flows"][0]["text"].splitlines() == [
        "~ config.value of node two was changed",
        "    {{ nodes.one.x + [-1-]{+2+} }}",
    ]


def test_a_refused_file_is_named_and_nothing_is_taken_in(client: Client, editor: Person) -> None:
    files = {"good.yaml": "nodes: []", "../bad.yaml": "nodes: []", "bomb.yaml": "a: &a [1]\nb: [*a, *a]"}
    refused = post(client, editor, f"{IMPORT}?preview=1", {"files": files}).json()["refused"]
    assert [one["file"] for one in refused] == ["../bad.yaml", "bomb.yaml"]
    response = post(client, editor, IMPORT, {"files": files})
    assert (response.status_code, response.json()["code"]) == (422, "import_refused")
    assert [one["path"] for one in response.json()["problems"]] == ["/files/..~1bad.yaml", "/files/bomb.yaml"]
    assert not Flow.objects.exists()


def test_who_may_read_may_export_and_not_import_nor_see_anothers(
    client: Client, editor: Person, viewer: Person, stranger: Person
) -> None:
    made = flow(editor.actor, CHAIN, name="Orders")
    files = exported(client, viewer)
    assert post(client, viewer, IMPORT, {"files": files}).status_code == 403
    assert post(client, stranger, EXPORT, {"flows": [str(made.pk)]}).status_code == 404
    assert sorted(exported(client, stranger)) == ["manifest.yaml"]
