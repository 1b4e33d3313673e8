"""The node that deploys a model: its form, and what it hands to the rollout. The order of things stands there."""

import hashlib
import re
from dataclasses import replace
from typing import Annotated, Any, Final, Literal, Self

from pydantic import BaseModel, Field, model_validator

from flows.dsl.durations import Duration, parse_duration
from flows.errors import MulgilError
from flows.nodes import ml_reasons as why
from flows.nodes.base import Again, Answer, Effect, Example, Json, NodeConfig, NodeError, Step, Value, _, node
from flows.nodes.http_exchange import parse_url, shown
from flows.nodes.ml_exchange import Asking
from flows.nodes.ml_registry import Registry
from flows.nodes.ml_rollout import (
    Course,
    DeploymentFailed,
    Done,
    EndpointTaken,
    EndpointWasTaken,
    NotPutBack,
    Plan,
    Rollout,
)
from flows.nodes.ml_sagemaker import Hosting, SageMakerTarget
from flows.nodes.ml_targets import HttpTarget, Target
from flows.nodes.registering import CATEGORY
from flows.nodes.results import Deployed

Strategy = Literal["all_at_once", "canary", "blue_green"]
ENVIRONMENT: Final = re.compile(r"[a-z][a-z0-9_-]{0,62}")
MOST_SETTINGS: Final = 16 * 2**10
"""Bytes of all settings together: they are journaled with each go, beside what is to be put back, and must leave room for it."""


class DeployConfig(NodeConfig):
    registry: str = Field(
        min_length=1, max_length=2_000, description=_("Address of the MLflow server, such as https://mlflow.example")
    )
    model: str = Field(min_length=1, max_length=250, description=_("Its name in the registry"))
    by: Literal["alias", "version", "stage"] = Field("alias", description=_("What names the version"))
    value: str = Field(
        min_length=1, max_length=100, description=_("The alias, the number or the stage, such as champion or 7")
    )
    target: Literal["http", "sagemaker"] = Field("http", description=_("What serves it"))
    url: str = Field(min_length=1, max_length=2_000, title="URL", description=_("Address of the target"))
    endpoint: str = Field(min_length=1, max_length=250, description=_("The endpoint at the target that is to serve it"))
    environment: str = Field(
        "production", max_length=63, description=_("Such as dev, staging or production; told to the target")
    )
    strategy: Strategy = Field("all_at_once", description=_("How the requests move to the new version"))
    steps: list[Annotated[int, Field(ge=1, le=99)]] = Field(
        default_factory=lambda: [5, 25, 50],
        max_length=20,
        description=_("Canary: per cent of the requests, step by step"),
    )
    hold: Duration = Field("10m", description=_("Canary: how long each step is watched"))
    grace: Duration = Field("10m", description=_("Blue-green: how long the old version stays beside the new one"))
    patience: Duration = Field("10m", description=_("How long the new version may take until it is healthy"))
    health_url: str = Field(
        "", max_length=2_000, description=_("Must answer with a status below 300 while the new version is looked at")
    )
    max_error_rate: float | None = Field(None, ge=0, le=1, description=_("More failures take the deployment back"))
    max_p99_ms: float | None = Field(None, gt=0, description=_("A slower p99 takes the deployment back"))
    min_requests: int = Field(20, ge=1, description=_("With fewer requests the figures say nothing"))
    region: str = Field("", max_length=63, description=_("SageMaker: such as eu-central-1"))
    role: str = Field("", max_length=2_000, description=_("SageMaker: the role that the model runs with"))
    image: str = Field("", max_length=2_000, description=_("SageMaker: the container image that serves it"))
    instance_type: str = Field("ml.m5.large", max_length=63, description=_("SageMaker: what it runs on"))
    instances: int = Field(1, ge=1, le=1_000, description=_("SageMaker: on how many"))
    set_alias: str = Field("", max_length=100, description=_("Given to the version once it alone serves"))

    @model_validator(mode="after")
    def _sensible(self) -> Self:
        if self.strategy == "canary" and (not self.steps or self.steps != sorted(set(self.steps))):
            raise ValueError(why.STEPS)
        if self.target == "sagemaker" and not (self.region and self.role and self.image):
            raise ValueError(why.HOSTING)
        if self.target == "sagemaker" and (self.max_error_rate is not None or self.max_p99_ms is not None):
            raise ValueError(why.FIGURELESS)
        if "{{" not in self.environment and not ENVIRONMENT.fullmatch(self.environment):
            raise ValueError(why.ENVIRONMENT)
        if len(self.model_dump_json().encode()) > MOST_SETTINGS:
            raise ValueError(why.TOO_LONG)
        return self

    def plan(self) -> Plan:
        is_canary = self.strategy == "canary"
        return Plan(
            endpoint=self.endpoint,
            shares=(*self.steps, 100) if is_canary else (100,),
            hold=parse_duration(self.hold),
            grace=parse_duration(self.grace) if self.strategy == "blue_green" else 0,
            patience=parse_duration(self.patience),
            max_error_rate=self.max_error_rate,
            max_p99_ms=self.max_p99_ms,
            min_requests=self.min_requests,
        )


class DeployResult(BaseModel):
    model: str
    version: str
    uri: str
    endpoint: str
    environment: str
    variant: str
    strategy: str
    previous: str
    replaced: Value
    alias: str


@node(
    "ml.deploy",
    label=_("Deploy a model"),
    icon="stack-2",
    category=CATEGORY,
    effect=Effect.KEYED,
    credential="ml",
    description=_("Puts a version of a model into service, and takes it back when it is not well."),
    summary="{model}",
    labels={
        "http": "HTTP",
        "sagemaker": "SageMaker",
        "alias": _("an alias"),
        "version": _("a version"),
        "stage": _("a stage"),
        "all_at_once": _("All at once"),
        "canary": _("Canary: step by step"),
        "blue_green": _("Blue-green: switch, and keep the old for a while"),
    },
    output=DeployResult,
    example=Example(
        config={
            "registry": "{{ vars.registry }}",
            "model": "churn",
            "by": "alias",
            "value": "candidate",
            "url": "{{ vars.target }}",
            "endpoint": "churn",
            "strategy": "canary",
            "steps": [5, 50],
            "hold": "30m",
            "max_error_rate": 0.02,
            "set_alias": "champion",
        },
        vars={"registry": "https://mlflow.example", "target": "https://models.example"},
    ),
)
async def deploy(config: DeployConfig, step: Step) -> Deployed:
    """Asks MLflow's registry once which version is meant, places it at the target as a new variant without requests,
    waits until it is healthy, moves the requests to it and takes the old variants away.

    *All at once* gives it every request; *canary* gives it a share, step by step, and watches each for `hold`;
    *blue-green* gives it every request and keeps the old for the time of `grace`. Between two looks the run is parked,
    for days if need be, and survives any crash. The variant is not well when the target says so, when `health_url`
    doesn't answer well, or when its figures are over a limit. Then, and when the target is in trouble five times in a
    row, the old weights are put back, the new variant is removed and the step fails: what served before serves on. So
    too where the run is cancelled or ends otherwise before the new version alone serves. A failure to put them back is
    critical and names the weights. What a deployment began with counts to its end: a run in the midst of it is moved to no
    version in which it would go on otherwise. A second deployment to an endpoint fails while the first is under way.
    """
    course = Course.taken(step.state) if step.state is not None else None
    if course is not None and course.settings:
        config = DeployConfig.model_construct(**course.settings)  # looked at when it began, by the rules of then
    registry = Registry(config.registry, step)
    target = _target(config, step)

    async def finish(course: Course) -> None:
        if config.set_alias:
            await registry.set_alias(course.model.name, config.set_alias, course.model.version)

    rollout = Rollout(config.plan(), target, step, lambda: _health(config, step), finish)
    if course is None:
        found = await registry.find(config.model, config.by, config.value)
        # A step that begins once more, in a container that is tried again, is another deployment to the target.
        name = variant_name(found.name, found.version, f"{step.idempotency_key}-{step.began}")
        begun = await rollout.begin(found, name, config.model_dump(mode="json"))
        return Deployed(begun, _told(config, Course.taken(begun.state)))
    try:
        if step.leaving:
            course = rollout.left(course)
        elif course.phase == "place":
            await _require_alone(config, course, step)
        done = await rollout.go(course)
    except NodeError as error:
        ended = replace(course, moved=0) if isinstance(error, DeploymentFailed) else course
        state = "abandoned" if isinstance(error, NotPutBack) else "failed"
        error.deployment = _told(config, ended, state=state, reason=error.message)
        raise
    if isinstance(done, Again):
        return Deployed(done, _told(config, Course.taken(done.state)))
    answer = Answer(_result(config, done).model_dump(mode="json"))
    return Deployed(answer, _told(config, done.course, state="succeeded"))


async def _require_alone(config: DeployConfig, course: Course, step: Step) -> None:
    """Nothing is changed yet, and the record of this deployment would be there. Raises EndpointTaken."""
    number = await step.rival(target=_address(config), endpoint=config.endpoint)
    if number is not None:
        named = {"model": course.model.name, "version": course.model.version, "endpoint": config.endpoint}
        raise EndpointTaken(number=number, **named) if number else EndpointWasTaken(**named)


def _told(config: DeployConfig, course: Course, *, state: str = "under_way", reason: str = "") -> dict[str, Json]:
    """What people look up of it later."""
    return {
        "environment": config.environment,
        "endpoint": config.endpoint,
        "target": _address(config),
        "model": course.model.name,
        "version": course.model.version,
        "previous": course.previous,
        "strategy": config.strategy,
        "variant": course.variant,
        "share": course.moved,
        "state": state,
        "reason": reason or course.reason,
    }


def _address(config: DeployConfig) -> str:
    """Of the target, written in one way: deployments to one endpoint find each other by it."""
    return shown(parse_url(config.url.rstrip("/")))


def _target(config: DeployConfig, step: Step) -> Target:
    if config.target == "http":
        return HttpTarget(config.url, config.endpoint, config.environment, step)
    hosting = Hosting(
        region=config.region,
        role=config.role,
        image=config.image,
        instance_type=config.instance_type,
        instances=config.instances,
        variables={"MULGIL_ENVIRONMENT": config.environment},
    )
    return SageMakerTarget(config.url, config.endpoint, hosting, step)


def variant_name(model: str, version: str, key: str) -> str:
    """Of this deployment alone, and the same in all its goes: letters, digits and hyphens, at most 63."""
    plain = re.sub(r"[^A-Za-z0-9]+", "-", model).strip("-")[:40] or "model"
    return f"{plain}-v{version[:8]}-{hashlib.sha256(key.encode()).hexdigest()[:8]}"


async def _health(config: DeployConfig, step: Step) -> str:
    if not config.health_url:
        return ""
    try:
        told = await Asking(why.HEALTH, config.health_url, {}).ask(step, "GET", "")
    except MulgilError as error:
        return error.message.rstrip(".")
    return "" if told.is_good else told.refusal().message.rstrip(".")


def _result(config: DeployConfig, done: Done) -> DeployResult:
    course = done.course
    replaced: list[Any] = sorted(course.before)
    return DeployResult(
        model=course.model.name,
        version=course.model.version,
        uri=course.model.uri,
        endpoint=config.endpoint,
        environment=config.environment,
        variant=course.variant,
        strategy=config.strategy,
        previous=course.previous,
        replaced=replaced,
        alias=config.set_alias,
    )
