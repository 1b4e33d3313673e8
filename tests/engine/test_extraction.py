"""A part taken out to a sub-flow: the flow that calls it ends as the whole one did, with the same outputs.

The flows are drawn and taken apart by the editor's own code, which is held to the same file.
"""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from flows.dsl.document import Document
from flows.dsl.read import read_document
from flows.dsl.validate import validate
from flows.engine.commands import StartAttempt
from flows.engine.compile import compile_plan
from flows.engine.events import RunStarted
from flows.engine.outcomes import Failed, Outcome, Succeeded
from flows.engine.simulate import Simulation, Simulator
from flows.nodes.catalogue import load_catalogue

CATALOGUE = load_catalogue()
CASES = json.loads((Path(__file__).parents[1] / "shared" / "extract.json").read_text())
INPUTS = ({"a": 0}, {"a": 1, "b": 5}, {"a": 150, "b": None})
CALLED = "Ship it"


def pure(start: StartAttempt, config: Any, _: int) -> Outcome | None:
    """What the pure nodes of these flows do."""
    match start.node.type.name:
        case "data.set":
            return Succeeded(config["fields"])
        case "data.transform":
            return Succeeded(config["value"])
    return None


def play(document: Document, given: Any, flows: Mapping[str, Document], name: str = "Whole") -> Simulation:
    """Run it in memory; a call plays the flow it names, and every effect answers with what it was told."""

    def answer(start: StartAttempt, config: Any, _: int) -> tuple[Outcome, int]:
        if start.node.type.name != "flow.call":
            return Succeeded({"told": config}), 1_000
        child = play(flows[config["flow"]], config["input"], flows, config["flow"])
        if child.error is not None:
            return Failed(child.error), 1_000
        return Succeeded(child.output_json), 1_000

    simulator = Simulator(
        plan=compile_plan(document, CATALOGUE),
        perform=pure,
        answer=answer,
        flow={"id": "1", "name": name, "version": 1},
    )
    return simulator.go(RunStarted(at=0, input=given, trigger="start"))


def outcome(played: Simulation, only: frozenset[str]) -> dict[str, Any]:
    """How it ended, and what those of its steps gave that stand in both."""
    steps = {
        key: (entry.status, entry.output)
        for key, entry in played.ledger.steps.items()
        if all(part.split("[")[0] in only for part in key.split("/"))
    }
    code = played.error.code if played.error is not None else None
    return {"status": played.status, "code": code, "output": played.output_json if code is None else None,
            "steps": steps if code is None else None}  # fmt: skip


@pytest.mark.parametrize("case", CASES, ids=range(len(CASES)))
def test_the_two_together_do_what_the_one_did(case: dict[str, Any]) -> None:
    whole, parent, child = (read_document(case[part]) for part in ("document", "parent", "child"))
    outside = frozenset(node.id for node in whole.nodes) & frozenset(node.id for node in parent.nodes)
    stays = outside - {case["call"]}
    for given in INPUTS:
        alone = play(whole, given, {})
        together = play(parent, given, {CALLED: child})
        assert outcome(together, stays) == outcome(alone, stays)


@pytest.mark.parametrize("case", CASES, ids=range(len(CASES)))
def test_neither_has_a_problem_that_the_whole_had_not(case: dict[str, Any]) -> None:
    known = {problem.code for problem in validate(case["document"], CATALOGUE)}
    for part in ("parent", "child"):
        found = validate(case[part], CATALOGUE)
        assert [problem.message for problem in found if problem.code not in known] == []


def test_most_of_them_run_to_a_good_end() -> None:
    """Flows that all fail would be alike whatever was taken out of them."""
    good = sum(
        play(read_document(case["document"]), given, {}).status == "succeeded" for case in CASES for given in INPUTS
    )
    assert good > len(CASES) * len(INPUTS) * 0.6
