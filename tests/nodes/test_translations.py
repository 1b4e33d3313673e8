from collections.abc import Callable

import pytest

from flows.nodes.base import NodeType
from flows.nodes.catalogue import describe, load_catalogue
from flows.nodes.credential_kinds import KINDS, describe_kind
from tests.korean import korean

SAME_IN_BOTH = {
    "GitHub",
    "Stripe",
    "Slack",
    "Python",
    "PostgreSQL",
    "JSON",
    "URL",
    "SQL",
    "TLS",
    "Cron",
    "HTTP",
    "SageMaker",
}


def untranslated(told: Callable[[Callable[[str], str]], object]) -> list[str]:
    found: list[str] = []

    def translate(text: str) -> str:
        if korean().gettext(text) == text and text not in SAME_IN_BOTH:
            found.append(text)
        return korean().gettext(text)

    told(translate)
    return found


@pytest.mark.parametrize("node_type", list(load_catalogue()), ids=lambda one: one.name)
def test_every_text_of_a_node_is_there_in_korean(node_type: NodeType) -> None:
    assert untranslated(lambda translate: describe(node_type, translate)) == []


@pytest.mark.parametrize("kind", KINDS)
def test_every_text_of_a_kind_of_credential_is_there_in_korean(kind: str) -> None:
    assert untranslated(lambda translate: describe_kind(kind, translate)) == []
