"""The draft of a flow, and what is wrong with a document, over HTTP."""

from typing import ClassVar
from uuid import UUID

from rest_framework.request import Request
from rest_framework.response import Response

from flows.api.described import described
from flows.api.endpoint import Endpoint
from flows.api.flow_shapes import DraftShape, Problems, SaveDraft, ValidateDocument, draft_shape
from flows.api.problems import findings_of, problems_of
from flows.operations import drafts, validation
from flows.operations.access import Permission


class DraftOfFlow(Endpoint):
    needs: ClassVar = {"get": Permission.FLOWS_READ, "put": Permission.FLOWS_WRITE}

    @described("Read the draft", gives={200: DraftShape})
    def get(self, _: Request, flow: UUID) -> Response:
        return Response(draft_shape(drafts.read_draft(self.actor, flow)))

    @described("Save the draft if its revision is still the one you read", takes=SaveDraft, gives={200: DraftShape})
    def put(self, _: Request, flow: UUID) -> Response:
        asked = self.read(SaveDraft)
        saved = drafts.save_draft(self.actor, flow, document=asked.document, revision=asked.revision)
        return Response(
            draft_shape(saved.draft, saved.document, problems_of(saved.problems), findings_of(saved.findings))
        )


class Validation(Endpoint):
    needs: ClassVar = {"post": Permission.FLOWS_READ}

    @described(
        "Every problem of a document, and what a crash would do to it", takes=ValidateDocument, gives={200: Problems}
    )
    def post(self, _: Request) -> Response:
        document = self.read(ValidateDocument).document
        found = validation.validate_document(self.actor, document)
        findings = findings_of(validation.findings_of(document, found, validation.surroundings(self.actor, document)))
        return Response(Problems.model_construct(problems=problems_of(found), findings=findings))
