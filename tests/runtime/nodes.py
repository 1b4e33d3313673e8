"""Node types of the runtime's tests: what waits, fails, grows large or takes its process down with it."""

import asyncio
import os
import signal
import time
from collections.abc import Callable, Iterable
from typing import Any

from pydantic import BaseModel

from flows.nodes.base import Answer, Effect, Json, NodeConfig, NodeType, NotSent, Recoverable, Step, node
from flows.nodes.installed import catalogue


class Nothing(NodeConfig):
    pass


class Given(NodeConfig):
    value: Any = None


class Typed(BaseModel):
    doubled: int


class Catalogue:
    """The installed types and these."""

    def __init__(self, *types: NodeType) -> None:
        self._types = {one.name: one for one in types}

    def get(self, name: str) -> NodeType | None:
        return self._types.get(name) or catalogue().get(name)

    def names(self) -> Iterable[str]:
        return [*catalogue().names(), *self._types]


def make(function: Callable[..., Any], effect: Effect = Effect.PURE, name: str = "test.node") -> NodeType:
    return node(name, label=name, icon="bug", category="test", effect=effect)(function)


async def forever(config: Nothing, step: Step) -> Json:
    await asyncio.Event().wait()
    return None


async def recoverable(config: Nothing, step: Step) -> Json:
    raise Recoverable("not yet", retry_after=0.01)


async def not_sent(config: Nothing, step: Step) -> Json:
    if step.attempt == 1:
        raise NotSent("no connection")
    return {"attempt": step.attempt}


async def large(config: Nothing, step: Step) -> Json:
    return {"text": "x" * 50_000}


async def spoiled(config: Nothing, step: Step) -> Json:
    return {"deep": ["a\x00b"]}


async def raising(config: Nothing, step: Step) -> Json:
    raise ZeroDivisionError("no words\x00")


def blocking(config: Given, step: Step) -> Typed:
    time.sleep(0.001)
    return Typed(doubled=2 * config.value)


async def telling(config: Given, step: Step) -> Answer:
    step.log("info", "looked", at=1)
    step.log("warning", "again")
    return Answer({"key": step.idempotency_key, "attempt": step.attempt, "clock": step.clock, "seed": step.seed})


async def greedy(config: Given, step: Step) -> Json:
    config.value["changed"] = True
    return config.value  # type: ignore[no-any-return]  # whatever it was given


async def deadly(config: Given, step: Step) -> Json:
    """Takes its process down, wherever that is; `value` names a file that counts the deaths."""
    with open(config.value, "a") as deaths:  # noqa: ASYNC230, PTH123  # it dies at the next line
        deaths.write(f"{os.getpid()}\n")
    os.kill(os.getpid(), signal.SIGKILL)
    return None


async def betraying(config: Given, step: Step) -> Json:
    """Says what it must not: the secret of its credential, in its log and in its error."""
    assert step.credential is not None
    secret = step.credential.text("password")
    step.log("info", f"signing in with {secret}", password=secret)
    raise Recoverable(f"{secret} was refused", details={"sent": secret})
