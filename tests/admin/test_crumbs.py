"""The pages of the admin that ask something about a flow say where they stand: below the flow, which one click leads back to."""

import re
from html import unescape

import pytest
from django.test import Client

from flows.models import Workspace
from flows.operations.administering import administrator
from flows.operations.drafts import save_draft
from flows.operations.environments import change_environment
from flows.operations.flows import create_flow
from flows.operations.promoting import promote
from flows.operations.publishing import publish
from flows.operations.releases import release, start_canary
from tests.admin.test_roll_back import document, person

pytestmark = pytest.mark.django_db

CRUMB = re.compile(r'<(?:a href="([^"]*)"|span) class="align-middle[^"]*">\s*(.*?)\s*</(?:a|span)', re.DOTALL)


def crumbs(client: Client, address: str) -> list[tuple[str, str]]:
    """What leads to the page, in its headline: `(text, link)`."""
    page = client.get(address).content.decode()
    headline = re.search(r"<h1.*?</h1>", page, re.DOTALL)
    assert headline is not None
    assert "<b>" not in headline[0]
    return [(unescape(text), link) for link, text in CRUMB.findall(headline[0])]


def test_each_page_stands_below_its_flow(client: Client) -> None:
    shop = Workspace.objects.create(slug="shop", name="Shop")
    user = person("owner", shop, "admin")
    client.force_login(user)
    actor = administrator(user.pk, shop.pk)
    made = create_flow(actor, name="Orders <b>now</b>", document=document("Hello"))
    publish(actor, made.pk)
    save_draft(actor, made.pk, document=document("Good day"), revision=1)
    publish(actor, made.pk, release=False)
    release(actor, made.pk, version=2, environment="staging")
    start_canary(actor, made.pk, version=1, weight=5, guards={}, environment="staging")
    change_environment(actor, "production", needs_second=True)
    proposal = promote(actor, made.pk, to="production").proposal
    assert proposal is not None
    home = f"/admin/flows/flow/{made.pk}"
    way = crumbs(client, f"{home}/change/")
    assert way[1:] == [("Flows", "/admin/flows/flow/"), ("Orders <b>now</b>", f"{home}/change/")]
    pages = {
        f"{home}/roll-back/2/": "Release v2",
        f"{home}/roll-back/1/?environment=staging": "Roll staging back to v1",
        f"{home}/canary/2/": "Try v2 as a canary in production",
        f"{home}/canary/1/end/?environment=staging": "End the canary of v1 in staging",
        f"{home}/promote/production/": "Promote v2 to production",
        f"{home}/proposals/{proposal.pk}/": "v2 proposed for production by owner",
        f"{home}/take-out/staging/": "Take out of staging",
        f"/admin/flows/run/move/?flow={made.pk}": "Move runs to another version",
    }
    for address, title in pages.items():
        assert crumbs(client, address) == [*way, (title, "")]
