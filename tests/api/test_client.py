"""The editor's types are made of the API as it is now."""

from django.utils import translation

from builder_ui.management.commands.build_client import SHAPES, digest
from flows.api.schema import openapi


def test_the_editors_shapes_are_made_of_the_present_api() -> None:
    with translation.override(None):
        wanted = digest(openapi())
    first = SHAPES.read_text(encoding="utf-8").partition("\n")[0]
    assert first.endswith(wanted), "run manage.py build_client"
