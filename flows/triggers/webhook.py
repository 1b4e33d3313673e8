"""Webhooks: a request at /hooks/{workspace}/{path} starts a run of the flow whose live version holds the path; at
/hooks/{workspace}@{environment}/{path} it is what is live in that environment.

Decides who may call, what of the request becomes the run's input, and how it is answered. A delivery that
comes twice is answered twice and starts one run: its id is the run's key. Where no trigger is released, someone may
listen at a draft: such a delivery is kept as a sample and starts nothing.
"""

import base64
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final
from uuid import UUID

import orjson
from django.core.exceptions import RequestDataTooBig
from django.db import DatabaseError, InterfaceError
from django.http import HttpRequest, HttpResponse, QueryDict
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.csrf import csrf_exempt

from flows.errors import BodyTooLarge, MulgilError, NotFound
from flows.models import Credential, Trigger
from flows.nodes.triggers import WebhookConfig, match_path
from flows.operations.activation import WEBHOOK
from flows.operations.actor import system
from flows.operations.environments import around_of
from flows.operations.node_samples import Given, fill, listening_webhooks
from flows.operations.saying import message_of, problem_document
from flows.operations.starting import Order, Started, place
from flows.runtime.sealing import unseal
from flows.security import safejson
from flows.security.limits import LIMITS
from flows.security.safejson import Json
from flows.security.signatures import WebhookSecret, delivery_id, token_header, verify

# What would show a secret to everyone who may look at a run.
HIDDEN: Final = frozenset({"authorization", "cookie", "proxy-authorization", "x-csrftoken"})
MAX_KEY: Final = 200
ADDRESS: Final = re.compile(r"[\w-]+(?:@[\w-]+)?")


class WrongMethod(MulgilError):
    """This webhook takes {methods}."""

    code = "method_not_allowed"
    status = 405


class Unavailable(MulgilError):
    """The database doesn't answer."""

    code = "database_unavailable"
    status = 503
    hint = "Nothing was started. Send it again in a moment."


@dataclass(frozen=True, slots=True, kw_only=True)
class Match:
    """A trigger and what its path's parameters are in this request."""

    trigger: Trigger
    config: WebhookConfig
    params: dict[str, str]


class Answer(HttpResponse):
    """What a caller gets; `waits_for` is the run whose result belongs into it, None when it is whole."""

    waits_for: str | None = None


@csrf_exempt
def hook(request: HttpRequest, workspace: str, rest: str) -> HttpResponse:
    """Take a delivery. Errors are problem documents."""
    try:
        if ADDRESS.fullmatch(workspace) is None:
            raise NotFound(thing="webhook")
        match = find(workspace, rest)
        if match is None:
            return _caught(request, workspace, rest)
        started = _take(request, match)
    except MulgilError as error:
        return _problem(error)
    except (DatabaseError, InterfaceError):
        return _problem(Unavailable())
    run = started.run
    body = orjson.dumps({"run": str(run.id), "status": run.status})
    answer = Answer(body, status=202 if started.created else 200, content_type="application/json")
    if match.config.respond == "result":
        answer.waits_for = str(run.id)
    return answer


def find(workspace: str, path: str) -> Match | None:
    """The trigger at this path; of several that fit, the one with the fewest parameters."""
    slug, is_named, environment = workspace.partition("@")
    rows = Trigger.objects.filter(workspace__slug=slug, kind=WEBHOOK, active=True)
    rows = rows.filter(environment__name=environment) if is_named else rows.filter(environment__is_default=True)
    rows = rows.select_related("workspace", "environment__setting")
    fitting = []
    for trigger in rows:
        config = WebhookConfig.model_validate_json(trigger.config)
        params = match_path(config.path, path)
        if params is not None:
            fitting.append(Match(trigger=trigger, config=config, params=params))
    return min(fitting, key=lambda match: len(match.params), default=None)


def _caught(request: HttpRequest, workspace: str, path: str) -> HttpResponse:
    """A delivery to a webhook that isn't released, for the one who listens at its draft. Raises NotFound."""
    for sample, node in listening_webhooks(workspace):
        config = WebhookConfig.model_validate(node.config)
        params = match_path(config.path, path)
        if params is not None:
            given, _ = _verified(request, config, _secret(sample.workspace_id, node.credential or ""), params)
            fill(sample, Given(input=given, nodes={}))
            return HttpResponse(orjson.dumps({"caught": sample.name}), status=202, content_type="application/json")
    raise NotFound(thing="webhook")


def _verified(
    request: HttpRequest, config: WebhookConfig, secret: WebhookSecret | None, params: dict[str, str]
) -> tuple[dict[str, Json], str | None]:
    """What the request is to a run, and the id of its delivery, once its sender has shown who it is."""
    if request.method not in config.methods:
        raise WrongMethod(methods=", ".join(config.methods))
    headers = {name.lower(): value for name, value in request.headers.items()}
    body = _body(request)
    verify(config.auth, secret, headers, body, int(timezone.now().timestamp()))
    hidden = HIDDEN | {token_header(secret)} if config.auth == "header" else HIDDEN
    shown = {name: value for name, value in headers.items() if name not in hidden}
    return _input(request, params, shown, body), delivery_id(config.auth, headers)


def _take(request: HttpRequest, match: Match) -> Started:
    trigger = match.trigger
    there = around_of(trigger.environment)
    secret = _secret(trigger.workspace_id, there.credentials.get(trigger.credential, trigger.credential))
    given, delivery = _verified(request, match.config, secret, match.params)
    order = Order(
        input=given,
        trigger=trigger.node,
        key=f"hook:{trigger.pk}:{delivery[:MAX_KEY]}" if delivery else None,
    )
    where = None if there.id is None else there.name
    return place(system(trigger.workspace_id, f"webhook {trigger.path}"), trigger.flow_id, order, environment=where)


def _body(request: HttpRequest) -> bytes:
    try:
        body = request.body
    except RequestDataTooBig:
        raise BodyTooLarge(limit=LIMITS.request_body) from None
    if len(body) > LIMITS.request_body:
        raise BodyTooLarge(limit=LIMITS.request_body)
    return body


def _secret(workspace: UUID, credential: str) -> WebhookSecret | None:
    if not credential:
        return None
    row = Credential.objects.filter(workspace_id=workspace, name=credential).first()
    if row is None:
        return None
    values = unseal(row.pk, bytes(row.secret))
    return WebhookSecret(**{name: str(values[name]) for name in ("secret", "user", "header") if values.get(name)})


def _input(request: HttpRequest, params: Mapping[str, str], headers: Mapping[str, str], body: bytes) -> dict[str, Json]:
    made: dict[str, Json] = {
        "method": request.method or "",
        "path": request.path,
        "params": dict(params),
        "query": _flat(request.GET),
        "headers": dict(headers),
        "body": _content(request.content_type or "", body),
    }
    safejson.check(made)
    return made


def _content(kind: str, body: bytes) -> Json:
    if not body:
        return None
    if kind == "application/json" or kind.endswith("+json"):
        return safejson.loads(body)
    if kind == "application/x-www-form-urlencoded":
        return _flat(QueryDict(body))
    try:
        text = body.decode()
    except UnicodeDecodeError:
        text = "\x00"
    return {"base64": base64.b64encode(body).decode()} if "\x00" in text else text


def _flat(query: QueryDict) -> dict[str, Json]:
    """Names to values; a name that stands several times has the list of them."""
    return {name: values[0] if len(values) == 1 else list(values) for name, values in query.lists()}


def _problem(error: MulgilError) -> HttpResponse:
    hint = gettext(error.hint) if error.hint else ""
    body = problem_document(error.status, error.code, message_of(error), hint)
    response = HttpResponse(orjson.dumps(body), status=error.status, content_type="application/problem+json")
    if error.status == 503:
        response.headers["Retry-After"] = "2"
    if isinstance(error, WrongMethod):
        response.headers["Allow"] = str(error.fields["methods"])
    return response
