"""Python of the user's own, in the sandbox."""

from typing import Final

from pydantic import Field

from flows.nodes.base import Effect, Example, Json, NodeConfig, Step, Value, Verbatim, _, node

START: Final = "def run(input):\n    return input\n"


class PythonConfig(NodeConfig):
    input: Value = Field(None, description=_("What run is called with"))
    code: Verbatim = Field(
        START,
        description=_("Python that defines run(input); it holds no expressions"),
        max_length=262_144,
        json_schema_extra={"format": "mulgil-python"},
    )


@node(
    "code.python",
    label=_("Python"),
    icon="brand-python",
    category="code",
    effect=Effect.PURE,
    description=_("Runs Python code in a sandbox."),
    summary="{code}",
    example=Example(
        config={
            "input": {"prices": "{{ input.prices }}"},
            "code": "def run(input):\n    print('adding', len(input['prices']))\n    return sum(input['prices'])\n",
        },
        input={"prices": [2, 3]},
        output=5,
    ),
)
async def python(config: PythonConfig, step: Step) -> Json:
    """Calls `run(input)` of the code; what it returns is the output, what it prints goes to the log.

    The code runs in a process of its own without files, network or environment, within limits of
    time and memory; its clock stands still and its random numbers repeat on a retry of the same
    attempt. `raise Recoverable("…")` asks for another try, any other exception fails the step.
    """
    result = await step.sandbox.run_code(config.code, config.input, clock=step.clock, seed=step.seed)
    for line in result.prints.splitlines():
        step.log("info", line)
    return result.output
