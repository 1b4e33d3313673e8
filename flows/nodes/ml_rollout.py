"""A deployment, go by go: what is done next with an endpoint, and when everything is put back as it was.

It decides the order: place the new variant, see it healthy, move the requests to it in steps, watch it, take the old
away. From the second go on nothing is left to the node's retries: trouble is counted here, and more than the plan
tolerates puts the weights back, so that a deployment that fails leaves the old variants serving. What it has come to
is its `Course`, journaled between the goes. How a target is spoken to, it refuses to know.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Any, Final, Literal

import orjson

from flows.dsl.instants import Instant
from flows.errors import MulgilError
from flows.nodes import ml_reasons as why
from flows.nodes.base import Again, Critical, Json, Permanent, Recoverable, Step
from flows.nodes.ml_registry import ModelVersion
from flows.nodes.ml_targets import StillMoving, Target, Variant
from flows.security.limits import LIMITS
from flows.security.masking import Masker

Phase = Literal["place", "check", "shift", "watch", "settle", "back"]
SECOND: Final = 1_000_000
LOOK: Final = 15 * SECOND
"""How long it is until the next look at a variant."""
TRIES: Final = 5
"""How many times in a row a target may be in trouble before the deployment is taken back."""
TRIES_BACK: Final = 12
"""And while it is taken back: with the growing times between them, for about an hour."""
LONGEST: Final = 600 * SECOND
MOST_SAID: Final = 1_000
"""Characters of a reason that are kept: a course that grew too large to be journaled could not be taken back."""
IN_TIME: Final = 0.9
"""The part of an attempt's own time after which a go counts as trouble: cut by it, nothing would be put back."""


class DeploymentFailed(Permanent):
    """Version {version} of {model} was not deployed to {endpoint}: {reason}. What served before serves on."""

    code = "deployment_failed"
    hint = "Look at the variant's logs at the target; a new run deploys anew."


class EndpointTaken(Permanent):
    """Version {version} of {model} was not deployed to {endpoint}: run {number} was deploying there when this one began."""

    code = "endpoint_taken"
    hint = "One endpoint takes one deployment at a time. Wait for that one or cancel it, and run this one again; a lock around the node makes them wait for each other."


class EndpointWasTaken(EndpointTaken):
    """Version {version} of {model} was not deployed to {endpoint}: another run was deploying there when this one began."""


class CourseTooLong(Permanent):
    """Version {version} of {model} was not deployed to {endpoint}: what a deployment carries from go to go would come to {size} bytes, over the limit of {limit}."""

    code = "deployment_too_long"
    hint = "Nothing was changed. Shorten the node's settings; or the registry's address of the files or the names of the variants at the endpoint are that long."


class NotPutBack(Critical):
    """Version {version} of {model} failed at {endpoint} ({reason}), and the weights before could not be put back: {trouble}."""

    code = "deployment_not_put_back"
    hint = "Look at the endpoint now: set the weights that the step's details name, and remove the new variant."


class NotSettled(Permanent):
    """Version {version} of {model} serves at {endpoint}, but {trouble}."""

    code = "deployment_not_settled"
    hint = "Nothing was taken back. Remove the old variants and set the alias by hand, or run the deployment again."


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What a deployment is to do. `shares`: the new variant's part of the requests in per cent, step by step, the last
    being 100. Times in microseconds: `hold` between two steps, `grace` with all requests before the old is taken away,
    `patience` until the new variant must be healthy."""

    endpoint: str
    shares: tuple[int, ...]
    hold: int = 0
    grace: int = 0
    patience: int = 600 * SECOND
    max_error_rate: float | None = None
    max_p99_ms: float | None = None
    min_requests: int = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Course:
    """How far a deployment is. `before`: the weights that stood when it began; `since`: when its phase began;
    `misses`: how many times in a row the target was in trouble; `reason`: why it is taken back; `moved`: the share that
    the new variant was given, in per cent, as far as is known; `is_renoted`: `before`
    was noted once more, when the endpoint was its own; `settings`: what it was begun with and ends with, whatever the flow
    or its variables say meanwhile."""

    model: ModelVersion
    variant: str
    before: Mapping[str, float]
    previous: str = ""
    phase: Phase = "place"
    at: int = 0
    since: Instant = 0
    misses: int = 0
    reason: str = ""
    moved: int = 0
    is_renoted: bool = False
    settings: Mapping[str, Any] = field(default_factory=dict)

    def kept(self) -> dict[str, Json]:
        return asdict(self)

    @classmethod
    def taken(cls, state: Mapping[str, Any]) -> "Course":
        return cls(**{**state, "model": ModelVersion(**state["model"])})


@dataclass(frozen=True, slots=True)
class Done:
    """The new variant has all requests, and the old ones are gone."""

    course: Course


Healthy = Callable[[], Awaitable[str]]
"""Why the address to be looked at says that the new variant is not well; empty where it is."""


@dataclass(frozen=True, slots=True)
class Rollout:
    """One go of a deployment."""

    plan: Plan
    target: Target
    step: Step
    healthy: Healthy
    finish: Callable[[Course], Awaitable[None]] = field(repr=False)
    """What is to be done once the new variant alone serves; raises NodeError."""

    async def begin(self, model: ModelVersion, variant: str, settings: Mapping[str, Any]) -> Again:
        """See what stands; nothing is changed before that is journaled. Raises CourseTooLong where it couldn't be."""
        course = Course(model=model, variant=variant, before={}, settings=settings)
        return self._note(course, await self.target.look())

    def _note(self, course: Course, found: Mapping[str, Variant]) -> Again:
        """Keep what stands, which is what would be put back."""
        before = _weights(course, found)
        serving = max((found[name] for name in before), key=lambda one: one.weight, default=None)
        previous = serving.version[:MOST_SAID] if serving is not None else ""
        noted = replace(course, before=before, previous=previous)
        self._require_room(noted)
        return self._go(noted, "place")

    def _require_room(self, course: Course) -> None:
        """A course that grew beyond what a journal takes could not be taken back: it must fit as long as it may become."""
        longest = replace(course, reason="\x01" * MOST_SAID, phase="settle", since=2**62, misses=99, at=99, moved=100)
        size = len(orjson.dumps(longest.kept()))
        if size > LIMITS.inline:
            raise CourseTooLong(size=size, limit=LIMITS.inline, endpoint=self.plan.endpoint, **_named(course))

    async def go(self, course: Course) -> Again | Done:
        """The next go. Raises DeploymentFailed once everything is as before, NotPutBack, NotSettled; CourseTooLong before
        anything was changed."""
        goes: dict[Phase, Callable[[Course], Awaitable[Again | Done]]] = {
            "place": self._place,
            "check": self._check,
            "shift": self._shift,
            "watch": self._watch,
            "settle": self._settle,
            "back": self._back,
        }
        try:
            async with asyncio.timeout(self._left()):
                return await goes[course.phase](course)
        except (DeploymentFailed, NotPutBack, NotSettled, CourseTooLong):
            raise
        except TimeoutError:
            return self._missed(course, Recoverable(why.LATE))
        except StillMoving as moving:
            if self.step.began - course.since < self.plan.patience:
                return self._again(course, LOOK)
            return self._missed(course, moving)
        except MulgilError as trouble:
            # The guard's and the limits' refusals too: whatever it is, what served before serves on.
            return self._missed(course, trouble)

    def left(self, course: Course) -> Course:
        """Nobody waits for it any more: it is taken back, but where the new version serves alone already."""
        if course.phase in ("settle", "back"):
            return course
        return replace(course, phase="back", reason=why.LEFT, since=self.step.began, misses=0)

    def _left(self) -> float | None:
        """Seconds for this go; None without a limit."""
        deadline = self.step.deadline
        return None if deadline is None else max(deadline - self.step.began, 0) * IN_TIME / SECOND

    async def _place(self, course: Course) -> Again:
        found = await self.target.look()
        if course.variant not in found and self._stands_otherwise(course, found):
            return self._note(replace(course, is_renoted=True), found)
        await self.target.place(course.variant, course.model)
        return self._go(course, "check")

    def _stands_otherwise(self, course: Course, found: Mapping[str, Variant]) -> bool:
        """Whether the endpoint isn't what it was at the first look any more: that may have fallen into the end of another
        deployment. A target that tells its weights a little differently each time keeps nobody."""
        before, now = course.before, _weights(course, found)
        return before.keys() != now.keys() if course.is_renoted else before != now

    async def _check(self, course: Course) -> Again:
        wrong = await self._wrong(await self._seen(course))
        if not wrong:
            return self._go(course, "shift")
        if self.step.began - course.since < self.plan.patience:
            return self._again(course, LOOK)
        return self._take_back(course, why.UNHEALTHY.format(reason=wrong))

    async def _shift(self, course: Course) -> Again:
        await self.target.weigh(shared(course, self.plan.shares[course.at]))
        self.step.log("info", "requests moved", share=self.plan.shares[course.at])
        return self._go(replace(course, moved=self.plan.shares[course.at]), "watch")

    async def _watch(self, course: Course) -> Again:
        variant = await self._seen(course)
        if variant.state == "starting":  # it takes its share of the requests up
            raise StillMoving(reason=why.VARIANT_MOVES.format(name=variant.name))
        wrong = await self._wrong(variant)
        if wrong:
            return self._take_back(course, wrong)
        is_last = course.at == len(self.plan.shares) - 1
        left = course.since + (self.plan.grace if is_last else self.plan.hold) - self.step.began
        if left > 0:
            return self._again(replace(course, misses=0), min(left, LOOK))
        return self._go(course, "settle") if is_last else self._go(replace(course, at=course.at + 1), "shift")

    async def _settle(self, course: Course) -> Done:
        await self.target.remove(tuple(course.before), by=course.variant)
        await self.finish(course)
        return Done(course)

    async def _back(self, course: Course) -> Again | Done:
        # Without a variant of its own it has moved nothing, and what moved meanwhile is not its business.
        if course.before and course.variant in await self.target.look():
            await self.target.weigh({**course.before, course.variant: 0})
        await self.target.remove((course.variant,), by=course.variant)
        raise DeploymentFailed(reason=course.reason, endpoint=self.plan.endpoint, **_named(course))

    async def _seen(self, course: Course) -> Variant:
        """The new variant. Raises Permanent where it is gone or has failed for good."""
        variant = (await self.target.look()).get(course.variant)
        if variant is None:
            raise Permanent(why.GONE)
        if variant.state == "failed":
            raise Permanent(why.FAILED.format(reason=variant.reason or why.UNSAID))
        return variant

    async def _wrong(self, variant: Variant) -> str:
        """What is wrong with the new variant; empty where it is well."""
        if variant.state == "starting":
            return why.STARTING_WITH.format(reason=variant.reason) if variant.reason else why.STARTING
        return self._over(variant) or await self.healthy()

    def _over(self, variant: Variant) -> str:
        """Which guard its figures trip."""
        plan, counted = self.plan, variant.figures
        requests = counted.get("requests", 0.0)
        if requests < max(plan.min_requests, 1):
            return ""
        rate = counted.get("errors", 0.0) / requests
        if plan.max_error_rate is not None and rate > plan.max_error_rate:
            return why.ERRORS.format(rate=f"{rate:.1%}", requests=f"{requests:.0f}", most=f"{plan.max_error_rate:.1%}")
        slow = counted.get("p99_ms", 0.0)
        if plan.max_p99_ms is not None and slow > plan.max_p99_ms:
            return why.SLOW.format(figure=f"{slow:g}", most=f"{plan.max_p99_ms:g}")
        return ""

    def _missed(self, course: Course, trouble: MulgilError) -> Again:
        """The target was in trouble: it is tried again, and after too many times or where that is of no use given up."""
        self.step.log("warning", trouble.message, phase=course.phase)
        misses = course.misses + 1
        most = TRIES_BACK if course.phase == "back" else TRIES
        if misses < most and (trouble.klass == "recoverable" or course.phase == "back"):
            return self._again(replace(course, misses=misses), min(SECOND * 2**misses, LONGEST))
        if course.phase == "back":
            raise NotPutBack(
                reason=course.reason, trouble=trouble.message.rstrip("."), endpoint=self.plan.endpoint,
                details={"weights": dict(course.before), "remove": course.variant}, **_named(course),
            )  # fmt: skip
        if course.phase == "settle":
            raise NotSettled(trouble=trouble.message.rstrip("."), endpoint=self.plan.endpoint, **_named(course))
        return self._take_back(course, trouble.message.rstrip("."))

    def _take_back(self, course: Course, reason: str) -> Again:
        said = _writable(self._masked(reason))[:MOST_SAID]
        self.step.log("error", "taken back", reason=said)
        return self._go(replace(course, reason=said), "back")

    def _masked(self, text: str) -> str:
        """Without the secrets that a target put into its words: the journal shows what a step goes on with as it is."""
        given = self.step.credential
        return text if given is None else Masker(given.secrets()).text(text)

    def _go(self, course: Course, phase: Phase) -> Again:
        return self._again(replace(course, phase=phase, since=self.step.began, misses=0), 0)

    def _again(self, course: Course, after: int) -> Again:
        return Again(self.step.began + after, course.kept(), farewell=True)


def shared(course: Course, share: int) -> dict[str, float]:
    """The weights of all variants where the new one has this share of the requests, in per cent; the others keep
    their parts of the rest. Without any that served before it has all."""
    total = sum(course.before.values())
    if not total:
        return {**dict.fromkeys(course.before, 0.0), course.variant: 100.0}
    rest = {name: round((100 - share) * weight / total, 6) for name, weight in course.before.items()}
    return {**rest, course.variant: float(share)}


def _weights(course: Course, found: Mapping[str, Variant]) -> dict[str, float]:
    """Of all variants but its own."""
    return {name: one.weight for name, one in found.items() if name != course.variant}


def _named(course: Course) -> dict[str, str]:
    return {"model": course.model.name, "version": course.model.version}


def _writable(text: str) -> str:
    """Without what no journal takes: a target's words would otherwise end the deployment where it stands."""
    return text.replace("\x00", "\ufffd").encode("utf-8", "replace").decode()
