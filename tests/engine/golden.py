"""Writes the golden histories: for each capability a run as the journal keeps it, and what it must come to.

`python -m tests.engine.golden` writes those that aren't there yet; none that is there is ever written anew.
"""

import json
from pathlib import Path
from typing import Any, Final

from flows.dsl.document import Document
from flows.engine.events import (
    AttemptLost,
    BreakpointsSet,
    CancelRequested,
    ErrorInfo,
    Event,
    GivenStep,
    ItemsListed,
    PayloadRef,
    RunMoved,
    RunOverLimit,
    RunPaused,
    RunResumed,
    SignalReceived,
    StepFailed,
    StepLetGo,
    StepResolved,
    StepRetrying,
    StepSucceeded,
    StepWaiting,
    TimerSet,
)
from flows.engine.machine import Machine
from flows.engine.simulate import simulate
from flows.journal.codec import encode
from tests.engine.catalogue import CATALOGUE
from tests.engine.drafting import fails, flow
from tests.engine.expectations import VECTORS

HISTORIES: Final = Path(__file__).parent / "histories"
SECOND: Final = 1_000_000


def state_of(machine: Machine) -> dict[str, Any]:
    """What a history must come to."""
    steps = {step.key: [step.status, step.attempt, step.port, packed(step.output)] for step in machine.steps()}
    code = machine.error.code if machine.error is not None else None
    return {"status": machine.status, "output": packed(machine.output), "error": code, "steps": steps}


def packed(value: Any) -> Any:
    return {"$payload": value.hash, "size": value.size} if isinstance(value, PayloadRef) else value


def write(name: str, document: dict[str, Any], **more: Any) -> None:
    path = HISTORIES / f"{name.replace(' ', '-').replace(',', '')}.json"
    if path.exists():
        return
    versions = more.pop("versions", {})
    read = {name: Document.model_validate(version) for name, version in versions.items()}
    played = simulate(Document.model_validate(document), CATALOGUE, versions=read, **more)
    rows = [encode(event, seq) for seq, event in enumerate(played.journal, 1)]
    history = {
        "document": document,
        **({"versions": versions} if versions else {}),
        "events": [[row.kind, row.step, row.at, row.data] for row in rows],
        "state": state_of(played.machine),
    }
    path.write_text(json.dumps(history, indent=1, ensure_ascii=False) + "\n")


def write_capabilities() -> None:
    """One history for each capability the vectors don't reach."""
    loop = {"type": "flow.for_each", "config": {"items": [1, 2, 3]}}
    once = {"initial": "1s", "max_attempts": 2, "jitter": 0}
    trouble = {"l[1]/q": [fails("recoverable"), {"output": 1}]}
    saga = {"on_failure": "compensate"}
    write("a retried loop", plain(flow("start > l", "p@l > q@l", l={**loop, "retry": once})), mocks=trouble)
    undone = flow("start > l > z", "p@l", "p.compensate > u@l", l=loop, settings=saga)
    write("undone iterations", plain(undone), mocks={"z": [fails()]})
    turns = {"type": "flow.while", "config": {"condition": "{{ index < 2 }}"}}
    write("turns", plain(flow("start > w", "p@w", w=turns)))
    write("caught", plain(flow("start > t", "t.caught > c", "p@t", t={"type": "flow.try"})), mocks={"t/p": [fails()]})
    waits = {"type": "flow.signal", "config": {"name": "go", "timeout": "1h"}}
    came = [SignalReceived(at=5, name="go", payload={"x": 1}, key="k")]
    write("a signal", plain(flow("start > s", s=waits)), happenings=came)
    write("a signal too late", plain(flow("start > s", "s.timeout > z", s=waits)))
    slow = {"a": [{"after": "60s"}]}
    write("a cancel", plain(flow("start > a > b")), mocks=slow, happenings=[CancelRequested(at=5, reason="enough")])
    pause = [RunPaused(at=1, by="owner"), RunResumed(at=9, by="owner")]
    write("a pause", plain(flow("start > a > b")), mocks={"a": [{"after": "1s"}]}, happenings=pause)
    write("a take-over", plain(flow("start > a > b")), crash_after=(2, 6))
    looks = [BreakpointsSet(at=0, points={"b": "{{ nodes.a == 1 }}", "c": "", "d": "{{ nodes.a == 2 }}"}, by="editor")]
    goes = [
        StepLetGo(at=5_000, step="b", verdict="continue", edited=True, input={"x": 1}, by="editor"),
        StepLetGo(at=9_000, step="c", verdict="over", output=7, by="editor"),
    ]
    wait = {"a": [{"after": "1ms", "output": 1}]}
    write("breakpoints", plain(flow("start > a > b > c > d")), mocks=wait, happenings=[*looks, *goes])
    went = [TimerSet(at=SECOND, step="a", due=5 * SECOND, again={"looked": 1})]
    twice = {"a": [{"after": "2s"}, {"after": "1s", "output": {"looked": 2}}]}
    write("a step in two goes", plain(flow("start > a > b")), mocks=twice, happenings=went)
    moved = TimerSet(at=SECOND, step="a", due=900 * SECOND, again={"moved": 5}, farewell=True)
    back = TimerSet(at=4 * SECOND, step="a", due=6 * SECOND, again={"moved": 5, "misses": 1}, farewell=True)
    cancelled = CancelRequested(at=3 * SECOND, reason="enough")
    three = {"a": [{"after": "2s"}, {"after": "2s"}, {"after": "1s", **fails()}]}
    write("a farewell", plain(flow("start > a > b")), mocks=three, happenings=[moved, cancelled, back])
    write("a disabled node", plain(flow("start > a > b", a={"disabled": True})))
    write_people()
    write_calls()
    write_reruns()
    write_moves()
    write_trouble()


APPROVAL: Final[dict[str, Any]] = {
    "title": "Refund?",
    "assignees": {"users": ["kim"], "groups": ["board"]},
    "quorum": 2,
    "timeout": "10s",
    "escalation": [
        {"after": "2s", "assignees": {"roles": ["admin"]}},
        {"after": "5s", "assignees": {"users": ["lee"]}},
    ],
}
ASKED: Final = ("start > ask", "ask.approved > yes", "ask.rejected > no", "ask.timeout > late")


def asking(**more: Any) -> dict[str, Any]:
    return plain(flow(*ASKED, ask={"type": "flow.approval", "config": APPROVAL | more}))


def decided(at: int, port: str) -> list[Event]:
    votes = [{"by": "kim", "decision": port, "comment": "seen", "form": {"amount": 5}, "at": "2026-01-31T09:30:00Z"}]
    return [StepSucceeded(at=at, step="ask", port=port, output={"decision": port, "votes": votes})]


def write_people() -> None:
    """Signals and approvals, and what steering does to those that wait."""
    write("an approval that is approved", asking(), happenings=decided(SECOND, "approved"))
    write("an approval decided after its escalation", asking(), happenings=decided(6 * SECOND, "rejected"))
    write("an approval nobody decides", asking())
    write("an approval whose default approves", asking(on_timeout="approve"))
    write("an approval whose default rejects", asking(on_timeout="reject", escalation=[]))
    write("an approval that is cancelled", asking(), happenings=[CancelRequested(at=3 * SECOND, by="owner")])
    waits = {"type": "flow.signal", "config": {"name": "go", "timeout": "3s"}}
    late = ("start > s > came", "s.timeout > late")
    early = [SignalReceived(at=0, name="go", payload=1, key="a"), SignalReceived(at=0, name="other", payload=2)]
    write("an early signal is kept", plain(flow("start > w > s", w=wait("1s"), s=waits)), happenings=early)
    twice = [SignalReceived(at=SECOND, name="go", payload=n, key=f"k{n}") for n in (1, 2)]
    write("two signals for two steps", plain(flow("start > s", "start > z", s=waits, z=waits)), happenings=twice)
    at_once = [SignalReceived(at=3 * SECOND, name="go", payload=1)]
    write("a signal at the instant of its timeout", plain(flow(*late, s=waits)), happenings=at_once)
    behind = [SignalReceived(at=4 * SECOND, name="go", payload=1)]
    more = flow("start > s > came", "s.timeout > late > w", s=waits, w=wait("9s"))
    write("a signal behind its timeout", plain(more), happenings=behind)
    endless = {"type": "flow.signal", "config": {"name": "go"}}
    stopped = [RunPaused(at=1, by="owner"), SignalReceived(at=2, name="go", payload=1), RunResumed(at=9, by="owner")]
    write("a signal while the run is paused", plain(flow("start > s", s=endless)), happenings=stopped)
    big = [SignalReceived(at=1, name="go", payload=PayloadRef("0" * 64, 99_999))]
    write("a large signal beside the journal", plain(flow("start > s > z", s=endless)), happenings=big)


def wait(time: str) -> dict[str, Any]:
    return {"type": "flow.wait", "config": {"for": time}}


CHILD: Final = "01a1fbf2-c178-77d8-99fa-9d28b103c781"


def write_calls() -> None:
    """Sub-flows and roll-backs, as their callers tell them."""
    call = {"type": "flow.call", "config": {"flow": "Ship"}}
    document = plain(flow("start > c > z", c=call))
    slow = {"c": [{"after": "1h"}]}
    begun = StepWaiting(at=1, step="c", on="child", ref=CHILD)
    gave = StepSucceeded(at=5, step="c", output={"shipped": True})
    write("a call that succeeds", document, mocks=slow, happenings=[begun, gave])
    wrong = ErrorInfo(code="child_failed", message="The called run failed")
    write("a call that fails", document, mocks=slow, happenings=[begun, StepFailed(at=5, step="c", error=wrong)])
    write("a call that is cancelled", document, mocks=slow, happenings=[begun, CancelRequested(at=5)])
    timed = StepWaiting(at=1, step="c", on="child", ref=CHILD, due=2 * SECOND)
    write("a call beyond its time", document, mocks=slow, happenings=[timed])
    write("a call nobody waits for", document, mocks={"c": [{"output": {"run": CHILD}}]})
    back = {"type": "flow.rollback", "config": {"flow": "Ship"}}
    write("a roll-back", plain(flow("start > r", r=back)), mocks={"r": [{"output": {"live_version": 1}}]})


def write_locks() -> None:
    """A line, a wait that was too long."""
    lock = {"type": "flow.lock", "config": {"name": "x", "wait": "5s"}}
    line = flow("start > a > z", "start > b", "p@a", "q@b", a=lock, b=lock)
    write("a lock and its line", plain(line), mocks={"a": [{"after": "1s"}], "a/p": [{"after": "3s"}]})
    late = flow("start > a", "a.error > z", "p@a", a=lock | {"on_error": "route"})
    write("a lock that was not free in time", plain(late), mocks={"a": [{"after": "9s"}]})


def moved(at: int, version: int) -> RunMoved:
    """From the version before; each is called by its number."""
    was = version - 1
    return RunMoved(
        at=at, version=version, document_hash=f"v{version}", was_version=was, was_hash=f"v{was}", by="owner", reason="x"
    )


def write_moves() -> None:
    """Runs that go on by another version: while they wait, while they are paused, in a loop, with something to undo."""
    signal = {"type": "flow.signal", "config": {"name": "go"}}
    came = SignalReceived(at=9 * SECOND, name="go", payload=1)
    second = {"v2": plain(flow("start > s > b > c", "start > d", s=signal))}
    moves = [moved(SECOND, 2), came]
    write("moved while it waits", plain(flow("start > old > s > a", s=signal)), happenings=moves, versions=second)
    pause = [RunPaused(at=SECOND, by="owner"), moved(2 * SECOND, 2), RunResumed(at=3 * SECOND, by="owner")]
    slow = {"a": [{"after": "1500ms"}]}
    third = {"v2": plain(flow("start > a > c", c={"disabled": True}))}
    write("moved while it is paused", plain(flow("start > a > b")), mocks=slow, happenings=pause, versions=third)
    loop: dict[str, Any] = {"type": "flow.for_each", "config": {"items": [1, 2]}}
    inside = {"v2": plain(flow("start > l > z", "p@l > q@l", l=loop, p=wait("5s"), q={"config": {"x": 2}}))}
    first = plain(flow("start > l", "p@l > q@l", l=loop, p=wait("5s")))
    write("moved in the midst of a loop", first, happenings=[moved(2 * SECOND, 2)], versions=inside)
    saga: dict[str, Any] = {"settings": {"on_failure": "compensate"}}
    undone = plain(flow("start > a > w > z", "a.compensate > u", w=wait("5s"), **saga))
    other = {"v2": plain(flow("start > a > w > z", "a.compensate > u > v", w=wait("5s"), **saga))}
    fate = {"z": [fails()]}
    write("moved and then undone", undone, mocks=fate, happenings=[moved(SECOND, 2)], versions=other)


def write_reruns() -> None:
    """Runs that begin with what another run did."""
    given = [GivenStep(step="a", output=1), GivenStep(step="b", status="failed", port=None)]
    write("a rerun with steps taken over", plain(flow("start > a > c", "start > b > d")), given=given)
    each = {"each": {"items": [1, 2, 3, 4], "on_error": "collect"}}
    some = ItemsListed(
        at=0, step="a", count=4, items=[1, 2, 3, 4], on_error="collect", kept=((0, 1), (3, 3)), left=((1, 1),),
        outputs=["one", {"error": {"code": "no"}}, None, "four"],
    )  # fmt: skip
    more = {"a[2]": [{"output": "three"}]}
    write("a rerun of one failed item", plain(flow("start > a > b", a=each)), listed=[some], mocks=more)


def write_trouble() -> None:
    """Effects nobody is sure of, breakers, poison, corruption, limits, and what a rerun begins with."""
    once = plain(
        flow("start > o > z", o={"type": "effect.once", "timeout": "1s"}, settings={"on_failure": "compensate"})
    )
    cut = {"o": [{"after": "60s"}, {"output": 2}]}

    def says(verdict: Any, **more: Any) -> list[Event]:
        return [StepResolved(at=9 * SECOND, step="o", verdict=verdict, by="owner", **more)]

    write("an uncertain step that succeeded", once, mocks=cut, happenings=says("succeeded", output={"id": 7}))
    failed = ErrorInfo(code="resolved", message="It never arrived")
    write("an uncertain step that failed", once, mocks=cut, happenings=says("failed", error=failed))
    lost = {"o": [{"after": "500ms"}]}
    write("an uncertain step tried again", once, mocks=lost, crash_after=(2,), happenings=says("retry"))
    open_until = StepRetrying(
        at=SECOND,
        step="a",
        error=ErrorInfo(code="target_unavailable", message="Left alone", klass="recoverable"),
        due=10 * SECOND,
        counts=False,
    )
    one = plain(flow("start > a"))
    write("put off by a breaker", one, mocks={"a": [{"after": "2s", "output": 1}]}, happenings=[open_until])
    gone = [AttemptLost(at=n * SECOND, step="a", cause="vanished", alone=True) for n in (1, 2, 3)]
    write("a poisoned step", one, mocks={"a": [{"after": "60s"}] * 4}, happenings=gone)
    given_back = [AttemptLost(at=SECOND, step="a", cause="released")]
    write("an attempt given back", one, mocks={"a": [{"after": "2s", "output": 1}]}, happenings=given_back)
    broken = {"a": [fails("corruption", after="1s")]}
    mended = [RunResumed(at=2 * SECOND, by="owner"), StepSucceeded(at=2_500_000, step="a", output=1)]
    write("corruption pauses the run", one, mocks=broken, happenings=mended)
    over = [RunOverLimit(at=SECOND, limit=1_000)]
    write("a run over its limit", plain(flow("start > a > b")), mocks={"a": [{"after": "60s"}]}, happenings=over)
    saga = flow("start > a > w", "a.compensate > u", w=wait("1h"), settings={"on_failure": "compensate"})
    undone = [CancelRequested(at=SECOND, compensate=True)]
    write("a cancel that undoes", plain(saga), happenings=undone)
    cases = [{"equals": 1, "port": "one"}, {"when": "{{ input == 2 }}", "port": "two"}]
    switch = {"type": "flow.switch", "config": {"value": "{{ input }}", "cases": cases}}
    chosen = plain(flow("start > s", "s.one > a", "s.two > b", "s.fallback > c", s=switch))
    for name, value in (("the first case", 1), ("the second case", 2), ("no case", 3)):
        write(f"a switch by {name}", chosen, input=value)
    bad = [BreakpointsSet(at=0, points={"b": "{{ nodes.a.nothing }}"}, by="editor")]
    goes = [StepLetGo(at=SECOND, step="b", verdict="continue", by="editor")]
    slow = {"a": [{"after": "1ms", "output": {"x": 1}}]}
    write("a breakpoint without a value", plain(flow("start > a > b")), mocks=slow, happenings=[*bad, *goes])


def plain(document: Document) -> dict[str, Any]:
    return document.model_dump(mode="json", by_alias=True, exclude_defaults=True)


if __name__ == "__main__":
    HISTORIES.mkdir(exist_ok=True)
    for known in VECTORS:
        write(known["name"], known["document"], input=known["input"], mocks=known["mocks"])
    write_capabilities()
    write_locks()
