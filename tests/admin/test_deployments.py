"""A deployment that failed says why in the admin, in the reader's language; so does its run."""

import json
import re

import pytest
from django.test import Client
from django.utils import timezone
from uuid_utils.compat import uuid7

from flows.models import Deployment, Run, Workspace
from flows.nodes.ml_rollout import EndpointTaken
from flows.runtime.beside import CANCELLED
from tests.admin.test_promoting import owner, signed_in
from tests.runtime.house import publish, start

pytestmark = pytest.mark.django_db

TAKEN = EndpointTaken(number="12", version="8", model="churn", endpoint="live")
SAID = "churn 버전 8 모델을 live에 배포하지 못했습니다: 이 배포를 시작할 때 12번 실행이 그곳에 배포하고 있었습니다."


def failed(home: Workspace, reason: str) -> Deployment:
    now = timezone.now()
    told = {
        "step": "deploy", "environment": "production", "endpoint": "live", "target": "https://models.example",
        "model": "churn", "version": "8", "previous": "7", "strategy": "canary", "variant": "v", "state": "failed",
    }  # fmt: skip
    return Deployment.objects.create(
        workspace=home, run=uuid7(), number=3, share=0, reason=reason, created_at=now, changed_at=now, **told
    )


def test_a_deployment_and_its_run_say_why_in_the_readers_language(client: Client) -> None:
    shop = Workspace.objects.create(slug="shop", name="Shop")
    row = failed(shop, TAKEN.message)
    nodes = [{"id": "start", "type": "trigger.manual"}]
    error = {"code": TAKEN.code, "class": "permanent", "message": TAKEN.message, "hint": TAKEN.hint}
    run = start(publish({"dsl": 1, "nodes": nodes, "edges": []}, home=shop))
    Run.objects.filter(pk=run.pk).update(status="failed", error=json.dumps(error))
    reader = signed_in(client, owner(shop))
    for page in (f"/admin/flows/deployment/{row.pk}/change/", f"/admin/flows/run/{run.pk}/change/"):
        korean = reader.get(page, headers={"Accept-Language": "ko"}).content.decode()
        assert SAID in korean
        assert TAKEN.message in reader.get(page, headers={"Accept-Language": "en"}).content.decode()
    assert "한 엔드포인트에는 한 번에 한 배포만 할 수 있습니다." in korean


def test_a_reason_begins_with_a_capital_there(client: Client) -> None:
    shop = Workspace.objects.create(slug="shop", name="Shop")
    row = failed(shop, CANCELLED)
    page = f"/admin/flows/deployment/{row.pk}/change/"
    shown = signed_in(client, owner(shop)).get(page).content.decode()
    assert "Its step was cancelled before it was through" in shown


def test_the_way_of_a_deployment_is_a_word_and_the_list_is_narrowed_by_it(client: Client) -> None:
    shop = Workspace.objects.create(slug="shop", name="Shop")
    failed(shop, CANCELLED)
    reader, korean = signed_in(client, owner(shop)), {"Accept-Language": "ko"}
    pages = {
        way: reader.get(f"/admin/flows/deployment/?strategy={way}", headers=korean).content.decode()
        for way in ("canary", "blue_green")
    }
    assert ["churn" in pages[way] for way in ("canary", "blue_green")] == [True, False]
    assert ">카나리<" in re.sub(r"\s+", "", pages["canary"])
    assert "blue_green</" not in pages["canary"]
