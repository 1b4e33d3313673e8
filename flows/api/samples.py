"""The sample flows over HTTP, for the gallery."""

from typing import Any, ClassVar

from django.utils.translation import gettext
from pydantic import BaseModel
from rest_framework.request import Request
from rest_framework.response import Response

from flows.api.described import described
from flows.api.endpoint import Endpoint
from flows.operations import samples
from flows.operations.access import Permission


class SampleShape(BaseModel):
    """A flow to begin with; its words are in the reader's language."""

    id: str
    name: str
    description: str
    document: dict[str, Any]


class SampleList(BaseModel):
    results: list[SampleShape]


class Samples(Endpoint):
    needs: ClassVar = {"get": Permission.FLOWS_READ}

    @described("The sample flows that come with the product", gives={200: SampleList})
    def get(self, _: Request) -> Response:
        return Response(SampleList(results=[_shape(one) for one in samples.all_samples()]))


def _shape(sample: samples.Sample) -> SampleShape:
    document = samples.told(sample, gettext)
    return SampleShape(
        id=sample.id, name=document["name"], description=document.get("description", ""), document=document
    )
