"""Credentials over HTTP: values go in and never come out."""

from typing import ClassVar
from uuid import UUID

from django.utils.translation import gettext
from rest_framework.request import Request
from rest_framework.response import Response

from flows.api.access_shapes import ChangeCredential, CreateCredential, CredentialKind, CredentialShape, RateShape
from flows.api.described import described
from flows.api.endpoint import Endpoint
from flows.api.paging import Listing, ListQuery, listing
from flows.models import Credential
from flows.nodes.credential_kinds import KINDS, describe_kind
from flows.operations import credentials
from flows.operations.access import Permission


class Credentials(Endpoint):
    needs: ClassVar = {"get": Permission.CREDENTIALS_READ, "post": Permission.CREDENTIALS_WRITE}

    @described("List credentials, without their values", gives={200: Listing[CredentialShape]}, query=ListQuery)
    def get(self, request: Request) -> Response:
        asked = self.query(ListQuery)
        page = credentials.list_credentials(self.actor, cursor=asked.cursor, limit=asked.limit)
        return Response(listing(request, page, shape))

    @described("Keep a credential", takes=CreateCredential, gives={201: CredentialShape})
    def post(self, _: Request) -> Response:
        asked = self.read(CreateCredential)
        made = credentials.create_credential(
            self.actor,
            name=asked.name,
            kind=asked.kind,
            values=asked.values,
            hosts=asked.hosts,
            rate=_rate(asked.rate),
        )
        return Response(shape(made), status=201)


class CredentialKinds(Endpoint):
    needs: ClassVar = {"get": Permission.CREDENTIALS_READ}

    @described("The kinds of credentials and the forms of their values", gives={200: Listing[CredentialKind]})
    def get(self, _: Request) -> Response:
        kinds = [describe_kind(kind, gettext) for kind in KINDS]
        return Response({"results": kinds, "next": None})


class OneCredential(Endpoint):
    needs: ClassVar = {
        "get": Permission.CREDENTIALS_READ,
        "patch": Permission.CREDENTIALS_WRITE,
        "delete": Permission.CREDENTIALS_WRITE,
    }

    @described("Read what is told of a credential", gives={200: CredentialShape})
    def get(self, _: Request, credential: UUID) -> Response:
        return Response(shape(credentials.find_credential(self.actor, credential)))

    @described(
        "Rename a credential, replace its values, change its hosts",
        takes=ChangeCredential,
        gives={200: CredentialShape},
    )
    def patch(self, _: Request, credential: UUID) -> Response:
        asked = self.read(ChangeCredential)
        changed = credentials.change_credential(
            self.actor,
            credential,
            name=asked.name,
            values=asked.values,
            hosts=asked.hosts,
            rate=_rate(asked.rate),
            unpaced="rate" in asked.model_fields_set and asked.rate is None,
        )
        return Response(shape(changed))

    @described("Delete a credential", gives={204: None})
    def delete(self, _: Request, credential: UUID) -> Response:
        credentials.delete_credential(self.actor, credential)
        return Response(status=204)


def _rate(asked: RateShape | None) -> credentials.Rate | None:
    return None if asked is None else credentials.Rate(limit=asked.limit, per=asked.per)


def shape(credential: Credential) -> CredentialShape:
    rate = credentials.rate_of(credential)
    return CredentialShape(
        id=credential.pk,
        name=credential.name,
        kind=credential.kind,
        hosts=credential.hosts,
        rate=RateShape(limit=rate.limit, per=rate.per) if rate else None,
        created_at=credential.created_at,
        updated_at=credential.updated_at,
        last_used_at=credential.last_used_at,
    )
