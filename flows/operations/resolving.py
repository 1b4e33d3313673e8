"""What a step's node says of the step: what its config gave it, and which output it could have given.

What a person says an uncertain step came to is held against that, for nodes after it read the output as if the step
itself had given it. It refuses to know what becomes of it.
"""

from collections.abc import Sequence
from typing import Any

from pydantic import BaseModel, ValidationError

from flows.dsl.configs import told
from flows.dsl.fields import field_rules
from flows.dsl.phrases import misfit_phrase, misfit_problem
from flows.dsl.problem import Problem
from flows.errors import BadInput
from flows.expr.template import has_expression
from flows.journal.steps_seen import node_of
from flows.nodes.installed import catalogue
from flows.security.safejson import Json


class OutputRefused(BadInput):
    """{node} could not have given this: {reason}"""

    code = "output_refused"
    hint = "Give what the node's documentation says of its output, or none."

    def __init__(self, problems: Sequence[Problem], *, node: str, reason: str) -> None:
        super().__init__(node=node, reason=reason)
        self.problems = problems


class PortRefused(BadInput):
    """{node} has no port {port}; it has: {ports}"""

    code = "port_refused"


def check_output(document: dict[str, Any], step: str, *, output: Json, port: str) -> None:
    """Raises OutputRefused with every problem at its place below `/output`, and PortRefused.

    No output (null) fits everywhere: what the nodes after it read of null is null.
    """
    name = node_of(step)
    node = next((one for one in document.get("nodes", ()) if one.get("id") == name), None)
    known = catalogue().get(str(node.get("type"))) if node is not None else None
    if node is None or known is None:
        return  # what can't be known refuses nothing: a type may have been put away since
    ports = known.ports(node.get("config") or {})
    # What follows an item hangs on the step whose item it is.
    if port not in ports and not step.endswith("]"):
        raise PortRefused(node=name, port=port, ports=", ".join(ports))
    model = known.output
    if output is not None and model is not None:
        _check_shape(model, name, output)


def written_input(document: dict[str, Any], step: str) -> Json:
    """What a step got whose config holds no expression: it stands in the document alone. Null where it holds one."""
    name = node_of(step)
    node: dict[str, Any] = next((one for one in document.get("nodes", ()) if one.get("id") == name), {})
    known = catalogue().get(str(node.get("type")))
    if known is None:
        return None
    verbatim = field_rules(known.config).verbatim
    config: dict[str, Json] = node.get("config") or {}
    return None if any(field not in verbatim and _holds(value) for field, value in config.items()) else config


def _holds(value: Json) -> bool:
    """Whether an expression stands anywhere in it."""
    if isinstance(value, str):
        return has_expression(value)
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return any(map(_holds, inner))


def _check_shape(model: type[BaseModel], node: str, output: Json) -> None:
    try:
        model.model_validate(output)
    except ValidationError as error:
        found = error.errors(include_url=False)
        misfits = [told(detail, detail["loc"], unnamed="output") for detail in found]
        problems = [misfit_problem("bad_config", misfit, "/output", node) for misfit in misfits]
        raise OutputRefused(problems, node=node, reason=misfit_phrase(found[0], unnamed="output")) from None
