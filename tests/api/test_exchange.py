import base64
import io
import re
import stat
import zipfile
from typing import Any

import pytest
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


def test_why_a_file_is_refused_is_said_in_the_readers_language(client: Client, editor: Person) -> None:
    files = {
        "../bad.yaml": "nodes: []",
        "bomb.yaml": "a: &a [1]\nb: [*a, *a]",
        "list.yaml": "[1]",
        "shape.yaml": "layout: 1",
        "twice.yaml": "a: 1\na: 2",
    }
    at, headers = f"{IMPORT}?preview=1", editor.headers | {"Accept-Language": "ko"}
    told = client.post(at, {"files": files}, content_type="application/json", headers=headers).json()["refused"]
    assert len(told) == len(files)
    assert [one["reason"] for one in told if not re.search("[가-힣]", one["reason"].rpartition(": ")[2])] == []
    response = client.post(IMPORT, {"files": files}, content_type="application/json", headers=headers).json()
    assert [one["message"] for one in response["problems"]] == [one["reason"] for one in told]
    assert told[0]["reason"] in response["title"]


def test_who_may_read_may_export_and_not_import_nor_see_anothers(
    client: Client, editor: Person, viewer: Person, stranger: Person
) -> None:
    made = flow(editor.actor, CHAIN, name="Orders")
    files = exported(client, viewer)
    assert post(client, viewer, IMPORT, {"files": files}).status_code == 403
    assert post(client, stranger, EXPORT, {"flows": [str(made.pk)]}).status_code == 404
    assert sorted(exported(client, stranger)) == ["manifest.yaml"]


def zipped(**files: bytes) -> str:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(name.replace("__", "."), data)
    return base64.b64encode(made.getvalue()).decode()


def linked() -> str:
    row = zipfile.ZipInfo("link.yaml")
    row.create_system, row.external_attr = 3, (stat.S_IFLNK | 0o777) << 16
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        archive.writestr(row, "/etc/passwd")
    return base64.b64encode(made.getvalue()).decode()


def test_several_flows_go_out_as_one_archive_and_come_in_as_the_same(
    client: Client, editor: Person, stranger: Person
) -> None:
    made = [flow(editor.actor, name=name) for name in ("Orders", "주문 접수", "Left")][:2]
    body = {"flows": [str(one.pk) for one in made], "archive": True}
    answer = post(client, editor, EXPORT, body).json()
    assert sorted(answer["files"]) == ["manifest.yaml", "orders.yaml", "주문-접수.yaml"]
    archive = answer["archive"]
    assert post(client, editor, f"{IMPORT}?preview=1", {"archive": archive}).json()["changes"] == 0
    taken = post(client, stranger, IMPORT, {"archive": archive}).json()
    assert [(one["what"], one["name"]) for one in taken["flows"]] == [("new", "Orders"), ("new", "주문 접수")]
    again = post(client, stranger, EXPORT, {}).json()
    assert again["archive"] is None
    hashes = [re.findall("hash: (.+)", files["manifest.yaml"]) for files in (answer["files"], again["files"])]
    assert hashes[0] == hashes[1]
    assert len(hashes[0]) == 2


MANY = b"nodes:\n" + b"".join(b"- {id: n%d, type: log}\n" % n for n in range(10_001))


@pytest.mark.parametrize(
    "refused",
    [
        ({"archive": zipped(many__yaml=MANY)}, "import_refused", "10001"),
        ({"archive": zipped(bomb__yaml=b"a: &a [x, x]\nb: &b [*a, *a]\nc: [*b, *b]\n")}, "import_refused", "bomb"),
        ({"archive": zipped(big__yaml=b"x" * (2**20 * 11))}, "limit_exceeded", "bytes"),
        ({"archive": linked()}, "not_an_archive", "link.yaml is a link"),
        ({"archive": "%%%"}, "not_an_archive", "base64"),
        ({"archive": "bm9kZXM6IFtd"}, "not_an_archive", "zip"),
        ({"archive": zipped(readme__txt=b"x")}, "not_an_archive", "no file of a flow"),
        ({"files": {}, "archive": ""}, "bad_input", "either files"),
        ({}, "bad_input", "either files"),
        ({"files": {"a.yaml": "nodes: [{id: start, type: trigger.manual}]", "b.yaml": "nodes: [{id: x, type: acme.send}]"}, "publish": True},
         "import_refused", "acme.send"),
    ],
    ids=["many nodes", "bomb of yaml", "bomb of zip", "link", "no base64", "no zip", "no flow", "both", "neither",
         "unknown type"],
)  # fmt: skip
@pytest.mark.parametrize("preview", [False, True])
def test_bad_input_is_one_clear_answer_and_nothing_is_half_done(
    client: Client, editor: Person, refused: tuple[dict[str, Any], str, str], preview: bool
) -> None:
    body, code, said = refused
    answer = post(client, editor, f"{IMPORT}?preview=1" if preview else IMPORT, body)
    if preview and code == "import_refused":
        (fault,) = answer.json()["refused"]
        assert said in f"{fault['file']} {fault['reason']}"
    else:
        assert (answer.status_code, answer.json()["code"]) == (422, code)
        assert said in answer.content.decode()
    assert not Flow.objects.exists()


def test_a_file_that_is_not_what_the_manifest_says_is_refused(client: Client, editor: Person, stranger: Person) -> None:
    flow(editor.actor, name="Orders")
    flow(editor.actor, name="Sales")
    files = exported(client, editor)
    files["orders.yaml"] = files["orders.yaml"].replace("x + 1", "x + 2")
    answer = post(client, stranger, IMPORT, {"files": files})
    assert answer.status_code == 422
    assert [one["path"] for one in answer.json()["problems"]] == ["/files/orders.yaml"]
    assert "its hash is" in answer.content.decode()
    assert not Flow.objects.filter(workspace_id=stranger.actor.workspace).exists()


def test_what_is_not_installed_and_what_is_not_bound_is_told_before(client: Client, editor: Person) -> None:
    text = (
        "name: Pay\nnodes:\n- {id: start, type: trigger.manual}\n- {id: ask, type: http.request, credential: bank, "
        "config: {method: GET, url: 'https://bank.example/'}}\n- {id: odd, type: acme.send}\n"
        "edges: [{from: start, to: ask}, {from: ask, to: odd}]\n"
    )
    (planned,) = post(client, editor, f"{IMPORT}?preview=1", {"files": {"pay.yaml": text}}).json()["flows"]
    assert (planned["unknown_types"], planned["unbound"]) == (["acme.send"], ["bank"])
    assert post(client, editor, IMPORT, {"files": {"pay.yaml": text}}).status_code == 200
    assert Flow.objects.get().live is None, "it came in as a draft, to be mended there"
