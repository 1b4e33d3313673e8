"""Addresses of the API that don't exist: a problem document like every other error."""

from typing import ClassVar

from rest_framework import exceptions
from rest_framework.request import Request
from rest_framework.response import Response

from flows.api.endpoint import Endpoint, Open


class Missing(Endpoint):
    authentication_classes = ()
    schema = None
    needs: ClassVar = dict.fromkeys(("get", "post", "put", "patch", "delete"), Open.ANYONE)

    def get(self, _: Request, rest: str = "") -> Response:
        raise exceptions.NotFound

    post = put = patch = delete = get
