"""The state of a run as JSON and back, so that a long run loads without its whole journal.

Steps and scopes refer to each other in circles, so each gets a number and is written once; the state's lists
hold numbers, in their order. Plans and regions aren't written: they are looked up in the plan by node id.
"""

from collections import deque
from collections.abc import Iterable
from heapq import heapify
from typing import Any, Final

from flows.engine.fold import new_state
from flows.engine.marks import pack, unpack, unpack_value
from flows.engine.outputs import Outputs
from flows.engine.packing import (
    pack_cause,
    pack_ending,
    pack_error,
    pack_footing,
    pack_listed,
    unpack_cause,
    unpack_ending,
    unpack_error,
    unpack_footing,
    unpack_listed,
)
from flows.engine.plan import Plan, Region
from flows.engine.ranges import places, ranges_of
from flows.engine.state import Scope, State, Step, Window
from flows.engine.timing import is_timer
from flows.errors import MulgilError
from flows.security.safejson import Json

FORMAT: Final = 2

_COUNTS: Final = ("left", "taken", "attempt", "base", "seed", "losses", "alone_losses", "stage")
_MARKS: Final = ("passed", "checking", "stepped_over", "farewell", "leaving")
_OPTIONS: Final = (
    "status",
    "verdict",
    "started_at",
    "tried_since",
    "finished_at",
    "due",
    "default",
    "deadline",
    "port",
    "index",
    "token",
)
_SCOPE_FIELDS: Final = ("kind", "name", "prefix", "index", "open", "dead", "keep", "killed")
_STATE_FIELDS: Final = (
    "compensates", "seq", "begun", "started_at", "deadline", "result", "paused", "root_over", "compensating", "held",
)  # fmt: skip
_STEP_LISTS: Final = ("verdicts", "gathers", "flights", "uncertain")


class StaleSnapshot(MulgilError):
    """The snapshot has the format {found}; this version reads {known}."""

    code = "stale_snapshot"
    hint = "Fold the run from its journal; a new snapshot is kept then."


# --- writing ---------------------------------------------------------------------------------------------


class _Writer:
    """Gives every step and scope that can be reached a number, and writes each once."""

    def __init__(self) -> None:
        self.steps: list[Json] = []
        self.scopes: list[Json] = []
        self._steps: dict[int, int] = {}
        self._scopes: dict[int, int] = {}
        self._ahead: deque[Step | Scope] = deque()

    def step(self, step: Step | None) -> int | None:
        if step is None:
            return None
        if id(step) not in self._steps:
            self._steps[id(step)] = len(self.steps)
            self.steps.append(None)
            self._ahead.append(step)
        return self._steps[id(step)]

    def scope(self, scope: Scope | None) -> int | None:
        if scope is None:
            return None
        if id(scope) not in self._scopes:
            self._scopes[id(scope)] = len(self.scopes)
            self.scopes.append(None)
            self._ahead.append(scope)
        return self._scopes[id(scope)]

    def all(self, steps: Iterable[Step]) -> list[Json]:
        return [self.step(step) for step in steps]

    def either(self, thing: Step | Scope) -> Json:
        return ["scope", self.scope(thing)] if isinstance(thing, Scope) else ["step", self.step(thing)]

    def write_all(self) -> None:
        while self._ahead:
            thing = self._ahead.popleft()
            if isinstance(thing, Scope):
                self.scopes[self._scopes[id(thing)]] = self._write_scope(thing)
            else:
                self.steps[self._steps[id(thing)]] = self._write_step(thing)

    def _write_step(self, step: Step) -> Json:
        row: dict[str, Json] = {"key": step.key, "node": step.plan.id, "scope": self.scope(step.scope)}
        row |= {name: count for name in _COUNTS if (count := getattr(step, name))}
        row |= {name: True for name in _MARKS if getattr(step, name)}
        row |= {name: value for name in _OPTIONS if (value := getattr(step, name)) is not None}
        if step.owner is not None:
            row["owner"] = self.step(step.owner)
        if step.output is not None:
            row["output"] = pack(step.output)
        if step.error is not None:
            row["error"] = pack_error(step.error)
        if step.wait is not None:
            row["wait"] = list(step.wait)
        if step.stages:
            row["stages"] = list(step.stages)
        if step.given is not None:
            row["given"] = pack(step.given[0])
        if step.again is not None:
            row["again"] = step.again
        if step.footing is not None:
            row["footing"] = pack_footing(step.footing)
        if step.inner is not None:
            row["inner"] = self.scope(step.inner)
        if step.window is not None:
            row["window"] = self._write_window(step.window)
        return row

    def _write_window(self, window: Window) -> Json:
        return {
            "items": pack(window.items),
            "count": window.count,
            "concurrency": window.concurrency,
            "collect": window.collect,
            "tolerate": window.tolerate,
            "next": window.next,
            "resume": window.resume,
            "live": [[index, self.either(live)] for index, live in window.live.items()],
            "outputs": window.outputs.packed(),
            "failed": [[index, pack_cause(cause)] for index, cause in window.failed.items()],
            "again": list(window.again),
            "cut": list(window.cut),
            "unsure": [[index, self.step(step)] for index, step in window.unsure.items()],
            "spent": [[index, attempts] for index, attempts in window.spent.items()],
            "footings": [[index, pack_footing(footing)] for index, footing in window.footings.items()],
            "came_to": [[index, again] for index, again in window.came_to.items()],
            "cause": pack_cause(window.cause),
            "last": pack(window.last),
            "kept": [[*one] for one in ranges_of(window.kept)],
            "left": [[*one] for one in ranges_of(window.left)],
            "base": pack(window.base),
        }

    def _write_scope(self, scope: Scope) -> Json:
        row: dict[str, Json] = {name: getattr(scope, name) for name in _SCOPE_FIELDS}
        row["parent"] = self.scope(scope.parent)
        row["owner"] = self.step(scope.owner)
        row["failure"] = pack_cause(scope.failure)
        if scope.owner is not None:
            row["steps"] = self.all(scope.steps.values())
        return row


def dump_state(state: State) -> Json:
    """The state as JSON; `load_state` of the same plan gives it back."""
    writer = _Writer()
    data: dict[str, Json] = {"format": FORMAT}
    data |= {name: getattr(state, name) for name in _STATE_FIELDS}
    data["root"] = writer.scope(state.root)
    data["by_key"] = writer.all(state.steps.values())
    data["by_name"] = [writer.scope(scope) for scope in state.scopes.values()]
    data["ready"] = writer.all(step for step in state.ready if step.status == "ready")
    data |= {name: writer.all(getattr(state, name).values()) for name in _STEP_LISTS}
    data["closing"] = [[name, writer.either(closed)] for name, closed in state.closing.items()]
    data["timers"] = [[due, key] for due, key in sorted(state.timers) if is_timer(state, due, key)]
    data["alerts"] = [[key, pack_error(error), reason] for key, error, reason in state.alerts]
    data["corrupt"] = writer.step(state.corrupt)
    data["mail"] = {name: [pack(payload) for payload in mail] for name, mail in state.mail.items()}
    data["awaiting"] = {name: writer.all(steps.values()) for name, steps in state.awaiting.items()}
    data["matched"] = list(state.matched)
    data["breakpoints"] = dict(state.breakpoints)
    data["locks"] = writer.all(state.locks.values())
    data["completed"] = writer.all(state.completed)
    data["undoing"] = writer.scope(state.undoing)
    data["undone"] = writer.step(state.undone)
    data["input"], data["output"] = pack(state.input), pack(state.output)
    data["failure"] = pack_error(state.failure)
    data["ending"] = pack_ending(state.ending)
    data["given"] = {name: pack(value) for name, value in state.given.items()}
    data["listed"] = [pack_listed(listed) for listed in state.listed.values()]
    data["retired"] = list(state.retired)
    writer.write_all()
    data["steps"], data["scopes"] = writer.steps, writer.scopes
    return data


# --- reading ---------------------------------------------------------------------------------------------


class _Reader:
    """Makes all steps and scopes first, then ties them together."""

    def __init__(self, plan: Plan, data: Any) -> None:
        self._plan = plan
        self._step_rows = data["steps"]
        self._scope_rows = data["scopes"]
        self._steps: dict[int, Step] = {}
        self._scopes: dict[int, Scope] = {}

    def read_all(self) -> None:
        for number, row in enumerate(self._step_rows):
            self._finish_step(self.step(number), row)
        for number, row in enumerate(self._scope_rows):
            scope = self.scope(number)
            if row["owner"] is not None:
                scope.steps = {step.plan.id: step for step in map(self.step, row["steps"])}

    def step(self, number: int) -> Step:
        found = self._steps.get(number)
        if found is None:
            row = self._step_rows[number]
            found = Step(row["key"], self._plan.nodes[row["node"]], self.scope(row["scope"]))
            self._steps[number] = found
        return found

    def scope(self, number: int) -> Scope:
        found = self._scopes.get(number)
        if found is None:
            found = self._make_scope(number)
        return found

    def _make_scope(self, number: int) -> Scope:
        row = self._scope_rows[number]
        parent = self.scope(row["parent"]) if row["parent"] is not None else None
        owner = self.step(row["owner"]) if row["owner"] is not None else None
        scope = Scope(row["kind"], row["name"], row["prefix"], self._region(row, owner), parent=parent, owner=owner)
        self._scopes[number] = scope
        for name in _SCOPE_FIELDS:
            setattr(scope, name, row[name])
        scope.failure = unpack_cause(row["failure"])
        return scope

    def _region(self, row: Any, owner: Step | None) -> Region:
        if owner is None:
            return self._plan.root
        region = owner.plan.undo if row["kind"] == "undo" else owner.plan.inner
        if region is None:
            raise ValueError(f"{owner.key} holds nothing in this version")
        return region

    def _finish_step(self, step: Step, row: Any) -> None:
        for name in _COUNTS:
            setattr(step, name, row.get(name, 0))
        for name in _MARKS:
            setattr(step, name, name in row)
        for name in _OPTIONS:
            setattr(step, name, row.get(name))
        step.owner = self.step(row["owner"]) if "owner" in row else None
        step.output = unpack_value(row["output"]) if "output" in row else None
        step.error = unpack_error(row.get("error"))
        step.wait = tuple(row["wait"]) if "wait" in row else None
        step.stages = tuple(row.get("stages", ()))
        step.given = (unpack_value(row["given"]),) if "given" in row else None
        step.again = row.get("again")
        step.footing = unpack_footing(row["footing"]) if "footing" in row else None
        step.inner = self.scope(row["inner"]) if "inner" in row else None
        step.window = self._window(row["window"]) if "window" in row else None

    def _window(self, row: Any) -> Window:
        tolerate = row.get("tolerate", 1.0)
        window = Window(unpack_value(row["items"]), 0, row["concurrency"], collect=row["collect"], tolerate=tolerate)
        window.count, window.next, window.resume = row["count"], row["next"], row["resume"]
        window.live = {index: self.either(live) for index, live in row["live"]}
        window.outputs = Outputs.unpacked(row["outputs"])
        window.failed = {index: cause for index, packed in row["failed"] if (cause := unpack_cause(packed))}
        window.again = deque(row["again"])
        window.cut = dict.fromkeys(row["cut"])
        window.unsure = {index: self.step(number) for index, number in row.get("unsure", ())}
        window.spent = dict(row["spent"])
        window.footings = {index: unpack_footing(packed) for index, packed in row.get("footings", ())}
        window.came_to = dict(row.get("came_to", ()))
        window.cause = unpack_cause(row["cause"])
        window.last = unpack(row["last"])
        window.kept, window.left = places(row.get("kept", ())), places(row.get("left", ()))
        window.base = unpack_value(row.get("base", ["json", None]))
        return window

    def either(self, mark: Any) -> Step | Scope:
        return self.scope(mark[1]) if mark[0] == "scope" else self.step(mark[1])

    def by_key(self, numbers: Iterable[int]) -> dict[str, Step]:
        return {step.key: step for step in map(self.step, numbers)}


def load_state(plan: Plan, data: Any) -> State:
    """The state that `dump_state` wrote, for the same plan. Raises StaleSnapshot for another format."""
    if data.get("format") != FORMAT:
        raise StaleSnapshot(found=data.get("format"), known=FORMAT)
    reader = _Reader(plan, data)
    reader.read_all()
    state = new_state(plan)
    for name in _STATE_FIELDS:
        setattr(state, name, data[name])
    state.root = reader.scope(data["root"])
    state.steps.update(reader.by_key(data["by_key"]))
    state.root.steps = state.steps
    state.scopes = {scope.name: scope for scope in map(reader.scope, data["by_name"])}
    state.ready.extend(map(reader.step, data["ready"]))
    for name in _STEP_LISTS:
        getattr(state, name).update(reader.by_key(data[name]))
    state.closing = {name: reader.either(closed) for name, closed in data["closing"]}
    state.timers = [(due, key) for due, key in data["timers"]]
    heapify(state.timers)
    _load_lists(state, reader, data)
    state.input, state.output = unpack_value(data["input"]), unpack_value(data["output"])
    state.failure = unpack_error(data["failure"])
    state.ending = unpack_ending(data["ending"])
    state.given = {name: unpack_value(value) for name, value in data["given"].items()}
    listed = map(unpack_listed, data.get("listed", ()))
    state.listed = {one.step: one for one in listed if one.step is not None}
    state.retired = dict.fromkeys(data.get("retired", ()))
    return state


def _load_lists(state: State, reader: _Reader, data: Any) -> None:
    for key, packed, reason in data["alerts"]:
        error = unpack_error(packed)
        if error is not None:
            state.alerts.append((key, error, reason))
    state.corrupt = reader.step(data["corrupt"]) if data["corrupt"] is not None else None
    state.mail = {name: deque(map(unpack_value, mail)) for name, mail in data["mail"].items()}
    state.awaiting = {name: reader.by_key(steps) for name, steps in data["awaiting"].items()}
    state.matched = dict.fromkeys(data["matched"])
    state.breakpoints = dict(data.get("breakpoints", {}))
    state.locks = reader.by_key(data.get("locks", ()))
    state.completed = [reader.step(number) for number in data["completed"]]
    state.undoing = reader.scope(data["undoing"]) if data["undoing"] is not None else None
    state.undone = reader.step(data["undone"]) if data["undone"] is not None else None
