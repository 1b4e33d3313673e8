import gettext
from pathlib import Path

import pytest

import flows
from flows.nodes.base import NodeType
from flows.nodes.catalogue import describe, load_catalogue

COMPILED = Path(flows.__file__).parent / "locale" / "ko" / "LC_MESSAGES" / "django.mo"
SAME_IN_BOTH = {"GitHub", "Stripe", "Slack", "Python", "PostgreSQL", "JSON", "URL", "SQL", "TLS", "Cron"}


@pytest.mark.parametrize("node_type", list(load_catalogue()), ids=lambda one: one.name)
def test_every_text_of_a_node_is_there_in_korean(node_type: NodeType) -> None:
    with COMPILED.open("rb") as file:
        korean = gettext.GNUTranslations(file)
    untranslated: list[str] = []

    def translate(text: str) -> str:
        if korean.gettext(text) == text and text not in SAME_IN_BOTH:
            untranslated.append(text)
        return korean.gettext(text)

    describe(node_type, translate)
    assert untranslated == []
