"""The node that writes a version of a model into the registry. How the registry is asked is known by `ml_registry`."""

from typing import Annotated

from pydantic import BaseModel, Field

from flows.nodes.base import Effect, Example, NodeConfig, Step, _, node
from flows.nodes.ml_registry import Registry

CATEGORY = "ml"
Text = Annotated[str, Field(max_length=5_000)]


class RegisterConfig(NodeConfig):
    registry: str = Field(
        min_length=1, max_length=2_000, description=_("Address of the MLflow server, such as https://mlflow.example")
    )
    model: str = Field(
        min_length=1, max_length=250, description=_("Its name in the registry; made where it isn't there")
    )
    source: str = Field(
        min_length=1, max_length=2_000, description=_("Where the model's files are, such as s3://models/churn/7")
    )
    run_id: str = Field("", max_length=64, description=_("The MLflow run that trained it"))
    description: str = Field("", max_length=5_000, description=_("What people read beside the version"))
    tags: dict[Annotated[str, Field(min_length=1, max_length=250)], Text] = Field(
        default_factory=dict, max_length=50, description=_("Written on the version")
    )
    alias: str = Field(
        "", max_length=100, description=_("Given to the version, such as candidate; taken from the one before")
    )


class RegisterResult(BaseModel):
    model: str
    version: str
    uri: str
    run_id: str
    alias: str
    created: bool


@node(
    "model.register",
    label=_("Register a model"),
    icon="box",
    category=CATEGORY,
    effect=Effect.KEYED,
    credential="ml",
    description=_("Writes a version of a model into MLflow's registry."),
    summary="{model}",
    output=RegisterResult,
    example=Example(
        config={
            "registry": "{{ vars.registry }}",
            "model": "churn",
            "source": "{{ input.files }}",
            "tags": {"trained_by": "nightly"},
            "alias": "candidate",
        },
        input={"files": "s3://models/churn/7"},
        vars={"registry": "https://mlflow.example"},
    ),
)
async def register(config: RegisterConfig, step: Step) -> RegisterResult:
    """Makes a new version of the model, with its source, run and tags, and gives it the alias.

    The version carries the step's key in the tag `mulgil.key`: a second try finds what the first has written instead
    of writing it again, and `created` is then false. The model itself is made where the registry doesn't know it. The
    output is `{model, version, uri, run_id, alias, created}`; `uri` is where the registry says the files are.
    """
    registry = Registry(config.registry, step)
    found, is_new = await registry.register(
        config.model,
        config.source,
        run_id=config.run_id,
        description=config.description,
        tags=config.tags,
        key=step.idempotency_key,
    )
    if config.alias:
        await registry.set_alias(config.model, config.alias, found.version)
    step.log("info", "registered", version=found.version, created=is_new)
    return RegisterResult(
        model=found.name, version=found.version, uri=found.uri, run_id=found.run_id, alias=config.alias, created=is_new
    )
