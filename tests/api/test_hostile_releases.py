"""Hostile values in every field of releases, environments, moves, filters and files: one clear answer each and no 500; and
nothing of another workspace behind any id.
"""

import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode

import pytest
from django.test import Client

from flows.models import AuditEntry, Environment, Flow, Release, Run, Version
from flows.operations.drafts import save_draft
from flows.operations.environments import create_environment
from flows.operations.jobs import Order, make_job
from flows.operations.promoting import promote
from flows.operations.proposals import propose
from flows.operations.publishing import publish
from flows.operations.releases import release
from flows.operations.saved_filters import FLOWS, save_filter
from flows.operations.starting import start
from tests.cast import CHAIN, Person, flow

pytestmark = pytest.mark.django_db(transaction=True)

TEXTS = [
    "", "a\0b", "x" * 70_000, "pr\N{CYRILLIC SMALL LETTER O}duction\N{RIGHT-TO-LEFT OVERRIDE}", "production\n",
    "../{{ 9**9**9 }}%s{0}",
]  # fmt: skip
OTHERS: list[Any] = [-1, 2**31, 2**64, 1e300, True, None, [None] * 600, {"": {}}]
DEEP = "[" * 5_000 + "]" * 5_000

Call = tuple[str, str, Any]


class House:
    """A flow whose version 2 is live in staging and proposed for production, a run, a job and a kept filter."""

    def __init__(self, admin: Person, editor: Person) -> None:
        made = flow(editor.actor)
        save_draft(editor.actor, made.pk, document=CHAIN | {"description": "second"}, revision=1)
        publish(editor.actor, made.pk, release=False)
        release(editor.actor, made.pk, version=2, environment="staging")
        self.flow = f"flows/{made.pk}"
        self.run = f"runs/{start(editor.actor, made.pk).run.id}"
        create_environment(admin.actor, name="moon")
        self.proposal = f"{self.flow}/proposals/{propose(editor.actor, made.pk, version=2).pk}"
        self.filter = f"flows/filters/{save_filter(editor.actor, FLOWS, name='x', said={'q': 'x'}, is_shared=True).pk}"
        self.job = f"jobs/{make_job(editor.actor, Order(action='pause', runs=[Run.objects.get().pk])).pk}"

    def fields(self, value: Any) -> Iterator[Call]:
        """A call for each field that takes something, with this value in it."""
        yield "POST", "environments/", {"name": value}
        yield "POST", "environments/", {"name": "mars", "place": value}
        for body in (
            {"vars": value}, {"vars": {"base": value}}, {"credentials": value}, {"credentials": {"payments": value}},
            {"place": value}, {"needs_second": value}, {"releasers": value}, {"setting": value}, {"is_default": value},
            *({"releasers": {field: given}} for field in ("users", "roles", "groups") for given in (value, [value])),
        ):  # fmt: skip
            yield "PATCH", "environments/staging/", body
        yield from self._releases(value)
        for address, whole in {
            f"{self.run}/move/?preview=true": {"version": 2, "reason": ""},
            "jobs/count/": {"action": "move", "to": 2, "runs": [], "filter": {}, "reason": ""},
            "flows/filters/": {"name": "x", "filter": {}, "shared": False},
            "flows/import/?preview=1": {"files": {}, "archive": "", "publish": False},
            "flows/export/": {"flows": [], "live": False, "archive": False},
        }.items():
            yield from (("POST", address, whole | {field: value}) for field in whole)
        yield "POST", "flows/import/?preview=1", {"files": {"a.yaml": value}}
        yield "POST", "flows/import/?preview=1", {"archive": value}
        for field in ("by", "last", "days"):
            yield "PUT", f"{self.flow}/version-keeping/", {"by": "own", "last": 3, field: value}

    def _releases(self, value: Any) -> Iterator[Call]:
        for way, fields in {
            "release": ("version", "environment", "reason"),
            "rollback": ("version", "environment", "reason"),
            "canary": ("version", "environment", "weight", "steps", "guards"),
            "proposals": ("version", "environment", "reason", "canary"),
        }.items():
            for field in fields:
                yield "POST", f"{self.flow}/{way}/", {"version": 2, "environment": "dev", field: value}
        for field in ("to", "from", "version", "reason"):
            yield "POST", f"{self.flow}/promote/", {"to": "dev", field: value}
        for field in ("error_rate", "p99_ms", "min_runs", "minutes", "expression", "expression_rate"):
            canary = {"weight": 5, "guards": {field: value}}
            yield "POST", f"{self.flow}/proposals/", {"version": 2, "environment": "dev", "canary": canary}
        for verdict in ("approve", "reject"):
            yield "POST", f"{self.proposal}/{verdict}/", {"comment": value, "outcome": "approved"}

    def questions(self, value: str) -> Iterator[str]:
        """An address for each question that is asked in one."""
        for field in ("to", "from", "version"):
            yield f"{self.flow}/promote/?{urlencode({'to': 'production', field: value})}"
        for field in ("from", "to", "from_environment", "to_environment"):
            yield f"{self.flow}/diff/?{urlencode({field: value})}"
        for path, fields in {
            "deployments/": ("environment", "endpoint", "model", "cursor", "limit"),
            "runs/": ("environment",),
            f"{self.flow}/releases/": ("environment", "cursor"),
            f"{self.flow}/proposals/": ("open", "cursor", "limit"),
            f"{self.flow}/last-good/": ("environment",),
        }.items():
            yield from (f"{path}?{urlencode({field: value})}" for field in fields)


@pytest.fixture
def house(admin: Person, editor: Person) -> House:
    return House(admin, editor)


def asked(client: Client, who: Person, method: str, address: str, body: Any = None) -> Any:
    data = body if isinstance(body, str) else "" if body is None else json.dumps(body)
    told = client.generic(method, f"/api/{address}", data, content_type="application/json", headers=who.headers)
    assert told.status_code < 500, (method, address, str(body)[:200], told.content[:300])
    if told.status_code >= 400:
        assert told["Content-Type"] == "application/problem+json", (method, address)
        assert len(told.content) < 400_000, "a refusal repeats little of what it refuses"
    return told


def places(house: House) -> list[tuple[str, str]]:
    return list(dict.fromkeys((method, address) for method, address, _ in house.fields("x")))


def test_no_text_in_any_field_is_a_defect(client: Client, admin: Person, house: House) -> None:
    for value in TEXTS:
        for method, address, body in house.fields(value):
            if body != {"files": {"a.yaml": ""}}:
                asked(client, admin, method, address, body)
        for address in house.questions(value):
            asked(client, admin, "GET", address)
    names = set(Environment.objects.filter(workspace=admin.actor.workspace).values_list("name", flat=True))
    assert names <= {"dev", "staging", "production", "moon", "mars"}, "no name that looks like another"
    assert Flow.objects.count() == 1


def test_nothing_of_another_kind_in_any_field_is_a_defect(client: Client, admin: Person, house: House) -> None:
    for value in OTHERS:
        for method, address, body in house.fields(value):
            asked(client, admin, method, address, body)
    for method, address in places(house):
        assert asked(client, admin, method, address, DEEP).status_code == 422
    assert Environment.objects.filter(workspace=admin.actor.workspace, is_default=True).count() == 1
    assert set(Release.objects.values_list("version__number", flat=True)) <= {1, 2}


def test_only_json_is_read(client: Client, admin: Person, house: House) -> None:
    for method, address in places(house):
        for kind in ("text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x"):
            told = client.generic(method, f"/api/{address}", "{}", content_type=kind, headers=admin.headers)
            assert told.status_code == 415, (method, address, kind)


def test_a_stranger_finds_nothing_behind_the_ids_of_others(client: Client, stranger: Person, house: House) -> None:
    stood = Release.objects.count(), Version.objects.count(), AuditEntry.objects.count()
    calls: list[Call] = [
        ("GET", "environments/moon/", None),
        ("PATCH", "environments/moon/", {"needs_second": True}),
        ("DELETE", "environments/moon/", None),
        ("GET", f"{house.flow}/environments/", None),
        ("GET", f"{house.flow}/promote/?to=production", None),
        ("POST", f"{house.flow}/promote/", {"to": "dev", "version": 1}),
        ("GET", f"{house.flow}/proposals/", None),
        ("POST", f"{house.flow}/proposals/", {"version": 2}),
        ("POST", f"{house.proposal}/approve/", {}),
        ("POST", f"{house.proposal}/reject/", {}),
        ("GET", f"{house.flow}/diff/?from_environment=staging", None),
        ("GET", f"{house.flow}/releases/?environment=staging", None),
        ("GET", f"{house.flow}/last-good/", None),
        ("GET", f"{house.flow}/version-keeping/", None),
        ("PUT", f"{house.flow}/version-keeping/", {"by": "own", "last": 1}),
        ("POST", f"{house.flow}/canary/", {"version": 2, "weight": 5}),
        ("DELETE", f"{house.flow}/canary/?environment=staging", None),
        ("POST", f"{house.flow}/publish/", {}),
        ("POST", f"{house.run}/move/", {"version": 2}),
        ("POST", f"{house.run}/move/?preview=1", {"version": 2}),
        ("DELETE", f"{house.filter}/", None),
        ("GET", f"{house.job}/", None),
        ("POST", f"{house.job}/stop/", {}),
        ("GET", f"{house.job}/results/", None),
        ("POST", "flows/export/", {"flows": [house.flow.removeprefix("flows/")]}),
        ("GET", "runs/?environment=moon", None),
        *(
            ("POST", f"{house.flow}/{way}/", {"version": 2, "environment": "staging"})
            for way in ("release", "rollback")
        ),
    ]
    for method, address, body in calls:
        assert asked(client, stranger, method, address, body).status_code == 404, (method, address)
    for address in ("deployments/", "flows/filters/", "jobs/"):
        assert asked(client, stranger, "GET", address).json()["results"] == []
    told = asked(
        client, stranger, "POST", "jobs/count/", {"action": "move", "to": 2, "filter": {"flow": house.flow[6:]}}
    )
    assert told.json()["count"] == 0
    assert (Release.objects.count(), Version.objects.count(), AuditEntry.objects.count()) == stood


def test_a_flow_of_mine_opens_no_proposal_of_others(
    client: Client, stranger: Person, editor: Person, house: House
) -> None:
    proposal = house.proposal.rpartition("/")[2]
    own = flow(stranger.actor)
    assert asked(client, stranger, "POST", f"flows/{own.pk}/proposals/{proposal}/approve/", {}).status_code == 404
    beside = flow(editor.actor, name="Beside")
    told = asked(client, editor, "POST", f"flows/{beside.pk}/proposals/{proposal}/reject/", {})
    assert told.status_code == 404, "nor does another flow of the same workspace"


def test_every_act_leaves_its_row_in_the_audit(client: Client, admin: Person, editor: Person, house: House) -> None:
    asked(client, admin, "PATCH", "environments/moon/", {"place": 7, "vars": {"base": "s3cret-value"}})
    asked(client, admin, "PATCH", "environments/production/", {"needs_second": True})
    asked(client, admin, "POST", f"{house.proposal}/reject/", {"comment": "no"})
    promote(editor.actor, Flow.objects.get().pk, to="production")
    asked(client, editor, "POST", f"{house.flow}/promote/", {"to": "dev", "from": "staging"})
    asked(client, admin, "PUT", f"{house.flow}/version-keeping/", {"by": "own", "last": 3})
    asked(client, admin, "DELETE", "environments/moon/")
    told = [(entry.verb, entry.subject) for entry in AuditEntry.objects.order_by("pk")]
    for row in (
        ("created", "environment moon"), ("changed", "environment moon"), ("changed", "environment production"),
        ("proposed", "Chain v2"), ("rejected the release of", "Chain v2"), ("released (promote)", "Chain v2"),
        ("set which versions are kept of", "flow Chain"), ("deleted", "environment moon"),
    ):  # fmt: skip
        assert row in told
    changed = AuditEntry.objects.filter(verb="changed", subject="environment moon").get()
    assert (changed.details["place"], changed.details["setting"]["vars"]) == (7, ["base"])
    assert not any("s3cret-value" in str(entry.details) for entry in AuditEntry.objects.all())
