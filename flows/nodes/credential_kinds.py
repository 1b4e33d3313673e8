"""The kinds of credentials the built-in nodes take: their forms, and how an HTTP one is put on a request.

Other packages' nodes name kinds of their own; those have no form here and hold what their author asks for.
"""

import base64
from collections.abc import Mapping, Sequence
from functools import reduce
from typing import Annotated, Any, ClassVar, Final, Literal, Self

import httpx
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from flows.dsl.phrases import misfit_phrase
from flows.errors import BadInput, phrase
from flows.nodes.base import BadConfig, Credential, Json, _
from flows.nodes.describe import Translate, describe_form


class BadCredential(BadInput):
    """The credential does not fit its kind: {reason}"""

    code = "bad_credential"


class CredentialForm(BaseModel):
    """Its texts are secrets; the model never shows them."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)
    label: ClassVar[str] = ""
    choices: ClassVar[Mapping[str, str]] = {}

    def __repr__(self) -> str:
        return f"{type(self).__name__}(…)"

    __str__ = __repr__


def _both(fields: Sequence[str]) -> str:
    """One or two of them, in words."""
    return fields[0] if len(fields) == 1 else phrase("{one} and {other}", one=fields[0], other=fields[1])


Secret = Annotated[str, Field(min_length=1, max_length=8_192, json_schema_extra={"format": "password"})]


def _when(*schemes: Json) -> dict[str, Json]:
    """Tells a form to show the field for these schemes alone."""
    return {"x-when": {"scheme": list(schemes)}}


class HttpCredential(CredentialForm):
    """How a request says who is asking."""

    label = "HTTP"
    choices = {
        "bearer": _("Bearer token"),
        "basic": _("User and password"),
        "header": _("Token in a header"),
        "query": _("Parameter of the address"),
    }
    scheme: Literal["bearer", "basic", "header", "query"] = "bearer"
    token: Secret | None = Field(None, json_schema_extra=_when("bearer"))
    user: str | None = Field(None, max_length=1_024, json_schema_extra=_when("basic"))
    password: Secret | None = Field(None, json_schema_extra=_when("basic"))
    name: str | None = Field(
        None,
        description=_("Of the header or parameter"),
        pattern=r"^[A-Za-z0-9_.-]{1,200}$",
        json_schema_extra=_when("header", "query"),
    )
    value: Secret | None = Field(None, json_schema_extra=_when("header", "query"))

    @model_validator(mode="after")
    def _whole(self) -> Self:
        needed = {"bearer": ("token",), "basic": ("user", "password")}.get(self.scheme, ("name", "value"))
        missing = [field for field in needed if getattr(self, field) is None]
        if missing:
            raise ValueError(phrase("the scheme {scheme} needs {fields}", scheme=self.scheme, fields=_both(missing)))
        if any(text and not text.isprintable() for text in (self.token, self.user, self.password, self.value)):
            raise ValueError("a line break or control character cannot be sent")
        return self

    def onto(self, url: httpx.URL, headers: Mapping[str, str]) -> tuple[httpx.URL, dict[str, str]]:
        """The URL and headers with the credential on them; it replaces what stood there."""
        if self.scheme == "query":
            return url.copy_set_param(self.name or "", self.value), dict(headers)
        name, value = self._header()
        kept = {key: text for key, text in headers.items() if key.lower() != name.lower()}
        return url, {**kept, name: value}

    def _header(self) -> tuple[str, str]:
        if self.scheme == "bearer":
            return "Authorization", f"Bearer {self.token}"
        if self.scheme == "basic":
            pair = f"{self.user}:{self.password}".encode()
            return "Authorization", f"Basic {base64.b64encode(pair).decode()}"
        return self.name or "", self.value or ""


class PostgresCredential(CredentialForm):
    """A database and who asks it. There are no other options, and no sockets of this machine."""

    label = "PostgreSQL"
    choices = {
        "verify": _("Encrypted, certificate checked"),
        "require": _("Encrypted, certificate not checked"),
        "off": _("Not encrypted"),
    }
    host: str = Field(min_length=1, max_length=253)
    port: int = Field(5432, ge=1, le=65_535)
    database: str = Field(min_length=1, max_length=63)
    user: str = Field(min_length=1, max_length=63)
    password: Annotated[str, Field(max_length=8_192, json_schema_extra={"format": "password"})] = ""
    tls: Literal["verify", "require", "off"] = Field(
        "verify", title="TLS", description=_("verify checks the server's certificate and name")
    )


class WebhookCredential(CredentialForm):
    """What a caller of a webhook must know."""

    label = _("Webhook")
    secret: Secret = Field(description=_("The password, token or signing secret"))
    user: str = Field("", description=_("For basic"), max_length=1_024)
    header: str = Field("", description=_("Name of the header, for header and hmac"), pattern=r"^[A-Za-z0-9-]{0,200}$")


class MlCredential(CredentialForm):
    """What the registry of models and the target of deployments know us by; what isn't needed stays empty."""

    label = _("Models")
    registry_token: Secret | None = Field(None, description=_("For the registry: a bearer token"))
    registry_user: str | None = Field(
        None, max_length=1_024, description=_("For the registry: user and password instead")
    )
    registry_password: Secret | None = None
    target_token: Secret | None = Field(None, description=_("For an HTTP target: a bearer token"))
    access_key_id: str | None = Field(None, max_length=128, description=_("For SageMaker: the access key"))
    secret_access_key: Secret | None = Field(None, description=_("For SageMaker: its secret"))
    session_token: Secret | None = Field(None, description=_("For SageMaker: of temporary keys"))

    @model_validator(mode="after")
    def _sendable(self) -> Self:
        if any(text and not str(text).isprintable() for _name, text in self):
            raise ValueError("a line break or control character cannot be sent")
        return self


KINDS: Final[Mapping[str, type[CredentialForm]]] = {
    "http": HttpCredential,
    "ml": MlCredential,
    "postgres": PostgresCredential,
    "webhook": WebhookCredential,
}


def describe_kind(kind: str, translate: Translate) -> dict[str, Any]:
    """A kind as the API tells it: its label, the form of its values, and the texts of their choices."""
    form = KINDS[kind]
    return {
        "name": kind,
        "label": translate(form.label),
        "schema": describe_form(form, translate),
        "labels": {value: translate(text) for value, text in form.choices.items()},
    }


def check_credential(kind: str, values: Any) -> dict[str, Json]:
    """The values of a credential, checked against the form of its kind. Raises BadCredential, showing none of them."""
    if not isinstance(values, dict) or not all(isinstance(name, str) for name in values):
        raise BadCredential(reason="its values must be an object")
    form = KINDS.get(kind)
    if form is None:
        return values
    return _parsed(form, values, BadCredential).model_dump(exclude_unset=True)


def _parsed(
    form: type[CredentialForm], values: Mapping[str, Json], refusal: type[BadCredential] | type[BadConfig]
) -> CredentialForm:
    try:
        return form.model_validate(dict(values))
    except ValidationError as error:
        found = [misfit_phrase(one, unnamed=kind_of(form)) for one in error.errors(include_url=False)]
        raise refusal(reason=reduce(lambda some, more: phrase("{some} {more}", some=some, more=more), found)) from None


def kind_of(form: type[CredentialForm]) -> str:
    """The name a form is known by."""
    return next(kind for kind, one in KINDS.items() if one is form)


def http_credential(credential: Credential) -> HttpCredential:
    """The typed form of a decrypted credential. Raises BadConfig."""
    form = _parsed(HttpCredential, credential, BadConfig)
    assert isinstance(form, HttpCredential)
    return form


def postgres_credential(credential: Credential) -> PostgresCredential:
    """The typed form of a decrypted credential. Raises BadConfig."""
    form = _parsed(PostgresCredential, credential, BadConfig)
    assert isinstance(form, PostgresCredential)
    return form


def ml_credential(credential: Credential) -> MlCredential:
    """The typed form of a decrypted credential. Raises BadConfig."""
    form = _parsed(MlCredential, credential, BadConfig)
    assert isinstance(form, MlCredential)
    return form


def webhook_credential(credential: Credential) -> WebhookCredential:
    """The typed form of a decrypted credential. Raises BadConfig."""
    form = _parsed(WebhookCredential, credential, BadConfig)
    assert isinstance(form, WebhookCredential)
    return form
