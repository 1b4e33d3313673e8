"""The samples: each can be published as it is, says what it is, and does so in Korean too."""

import pytest
from django.test import Client

from flows.dsl.read import read_document
from flows.engine.integrity.clear import check_secrets
from flows.operations.samples import Sample, all_samples, first_samples, told
from flows.operations.validation import problems_of
from tests.cast import Person, flow
from tests.korean import korean


@pytest.mark.parametrize("sample", all_samples(), ids=lambda one: one.id)
def test_a_sample_can_be_published_as_it_is(sample: Sample, editor: Person) -> None:
    assert problems_of(editor.actor, sample.document) == []
    assert flow(editor.actor, sample.document).pk
    assert sample.document["description"]


@pytest.mark.parametrize("sample", all_samples(), ids=lambda one: one.id)
def test_no_sample_is_told_to_hold_a_secret(sample: Sample) -> None:
    assert list(check_secrets(read_document(sample.document))) == []


@pytest.mark.parametrize("sample", all_samples(), ids=lambda one: one.id)
def test_every_word_of_a_sample_is_there_in_korean(sample: Sample) -> None:
    missing: list[str] = []

    def translate(text: str) -> str:
        if korean().gettext(text) == text:
            missing.append(text)
        return korean().gettext(text)

    told(sample, translate)
    assert missing == []


def test_telling_a_sample_changes_its_words_alone() -> None:
    sample = all_samples()[0]
    shouted = told(sample, str.upper)
    assert shouted["name"] == sample.document["name"].upper()
    assert [node.get("config") for node in shouted["nodes"]] == [
        node.get("config") for node in sample.document["nodes"]
    ]
    assert shouted["edges"] == sample.document["edges"]


def test_the_gallery_tells_the_samples_of_a_new_installation_first_in_the_readers_language(
    client: Client, viewer: Person
) -> None:
    english = client.get("/api/samples/", headers=viewer.headers).json()["results"]
    korean = client.get("/api/samples/", headers={**viewer.headers, "Accept-Language": "ko"}).json()["results"]
    first = [one.id for one in first_samples()]
    assert [one["id"] for one in english][: len(first)] == first
    assert len(english) > len(first)
    assert [one["id"] for one in korean] == [one["id"] for one in english]
    assert all(one["name"] != other["name"] for one, other in zip(korean, english, strict=True))
    assert client.get("/api/samples/").status_code == 401
