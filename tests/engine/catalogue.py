"""A small catalogue for the machine's tests: the control nodes, and a plain node per effect class."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel, ConfigDict

from flows.dsl import control
from flows.dsl.catalogue import Role
from flows.dsl.effects import Effect


class AnyConfig(BaseModel):
    model_config = ConfigDict(extra="allow")


@dataclass(frozen=True)
class PlainType:
    name: str
    role: Role = "task"
    config: type[BaseModel] = AnyConfig
    credential: str | None = None
    needs_credential: bool = False
    leaves_by: tuple[str, ...] = ("out",)
    has_effect: Effect = Effect.PURE

    def ports(self, config: dict[str, Any]) -> tuple[str, ...]:
        return control.switch_ports(config) if self.name == "flow.switch" else self.leaves_by

    def repeats_safely(self, config: dict[str, Any]) -> bool:
        return config.get("safe") is True

    def effect(self, config: dict[str, Any]) -> Effect:
        return self.has_effect


class PlainCatalogue:
    def __init__(self, types: Iterable[PlainType]) -> None:
        self._types = {node_type.name: node_type for node_type in types}

    def get(self, name: str) -> PlainType | None:
        return self._types.get(name)

    def names(self) -> Iterable[str]:
        return self._types


CATALOGUE = PlainCatalogue(
    [
        PlainType("trigger.manual", "trigger"),
        PlainType("trigger.webhook", "trigger"),
        PlainType("log"),
        PlainType("data.transform"),
        *(PlainType(f"effect.{effect.value}", has_effect=effect) for effect in Effect),
        PlainType("flow.if", config=control.IfConfig, leaves_by=("true", "false")),
        PlainType("flow.switch", config=control.SwitchConfig),
        PlainType("flow.wait", config=control.WaitConfig),
        PlainType("flow.stop", config=control.StopConfig),
        PlainType("flow.signal", config=control.SignalConfig, leaves_by=("out", "timeout")),
        PlainType("flow.approval", config=control.ApprovalConfig, leaves_by=("approved", "rejected", "timeout")),
        PlainType("flow.call", config=control.CallConfig, has_effect=Effect.TRANSACTIONAL),
        PlainType("flow.rollback", has_effect=Effect.TRANSACTIONAL),
        PlainType("flow.for_each", "container", config=control.ForEachConfig),
        PlainType("flow.while", "container", config=control.WhileConfig),
        PlainType("flow.try", "container", config=control.TryConfig, leaves_by=("out", "caught")),
        PlainType("flow.lock", "container", config=control.LockConfig),
    ]
)
