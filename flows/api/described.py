"""How an address is told in OpenAPI: the models it takes and gives, and the errors any of them may answer."""

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema
from pydantic import BaseModel

from flows.api.problems import ProblemDocument
from flows.api.wire import PROBLEM

F = TypeVar("F", bound=Callable[..., Any])

_ERROR = OpenApiResponse(response=ProblemDocument, description="A problem document (RFC 9457)")


def described(
    summary: str,
    *,
    gives: Mapping[int, type[BaseModel] | None] | None = None,
    takes: type[BaseModel] | None = None,
    query: type[BaseModel] | None = None,
    headers: Mapping[str, str] | None = None,
) -> Callable[[F], F]:
    """Mark a method with what it does, takes and gives."""
    answers: dict[Any, Any] = {
        status: OpenApiResponse(response=model, description=summary) if model else OpenApiResponse(description=summary)
        for status, model in (gives or {}).items()
    }
    answers["default", PROBLEM] = _ERROR
    parameters = [*_from_query(query), *_from_headers(headers or {})]

    def mark(method: F) -> F:
        declared: F = extend_schema(
            operation_id=operation_of(method.__qualname__),
            summary=summary,
            description=summary,
            request={"application/json": takes} if takes else None,
            responses={**answers},
            parameters=parameters,
        )(method)
        return declared

    return mark


def operation_of(qualified: str) -> str:
    """`RunsOfFlow.post` -> `post_runs_of_flow`, the operation's stable name for generated clients."""
    owner, _, method = qualified.rpartition(".")
    words = "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in owner)
    return f"{method}{words}"


def _from_query(model: type[BaseModel] | None) -> list[OpenApiParameter]:
    if model is None:
        return []
    schema = model.model_json_schema()
    required = schema.get("required", [])
    return [
        OpenApiParameter(
            name,
            field,
            location=OpenApiParameter.QUERY,
            required=name in required,
            description=str(field.pop("description", "")),
        )
        for name, field in schema.get("properties", {}).items()
    ]


def _from_headers(headers: Mapping[str, str]) -> list[OpenApiParameter]:
    return [
        OpenApiParameter(name, str, location=OpenApiParameter.HEADER, description=text)
        for name, text in headers.items()
    ]
