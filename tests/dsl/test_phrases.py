from string import Formatter
from typing import Annotated, Any, Literal

import pytest
from pydantic import BaseModel, ConfigDict, Field

from flows.dsl.configs import misfits
from flows.dsl.phrases import SENTENCES, misfit_problem
from flows.dsl.problem import KINDS


class Form(BaseModel):
    model_config = ConfigDict(extra="forbid")

    number: Annotated[int, Field(ge=1, le=9)] = 1
    share: Annotated[float, Field(gt=0, lt=1)] = 0.5
    text: Annotated[str, Field(min_length=2, max_length=3)] = "ab"
    name: Annotated[str, Field(pattern="^a$")] = "a"
    kind: Literal["x", "y"] = "x"
    rows: Annotated[list[int], Field(min_length=1, max_length=2)] = Field(default_factory=lambda: [1])
    flag: bool = False
    thing: dict[str, int] = Field(default_factory=dict)


@pytest.mark.parametrize(
    ("config", "sentence"),
    [
        ({"number": "x"}, "number must be a whole number."),
        ({"number": 1.5}, "number must be a whole number."),
        ({"number": 0}, "number must be at least 1."),
        ({"number": 10}, "number must be at most 9."),
        ({"share": []}, "share must be a number."),
        ({"share": 0}, "share must be more than 0.0."),
        ({"share": 1}, "share must be less than 1.0."),
        ({"text": 1}, "text must be text."),
        ({"text": "a"}, "text must have at least 2 characters."),
        ({"text": "abcd"}, "text must have at most 3 characters."),
        ({"name": "b"}, "name must match ^a$."),
        ({"kind": "z"}, "kind must be 'x' or 'y'."),
        ({"rows": "x"}, "rows must be a list."),
        ({"rows": []}, "rows must have at least 1 items."),
        ({"rows": [1, 2, 3]}, "rows must have at most 2 items."),
        ({"flag": "perhaps"}, "flag must be true or false."),
        ({"thing": 1}, "thing must be an object."),
        ({"thing": {"a": "x"}}, "thing.a must be a whole number."),
        ({"other": 1}, "other is not known here."),
    ],
)
def test_a_misfit_is_told_in_a_sentence_of_ours(config: dict[str, Any], sentence: str) -> None:
    (misfit,) = misfits(Form, config)
    assert misfit_problem("bad_config", misfit, "").message == sentence


@pytest.mark.parametrize("template", [*SENTENCES.values(), *(one for one, _ in KINDS.values())])
def test_a_sentence_names_its_parts_by_name(template: str) -> None:
    assert all(name is None or name.isidentifier() for _, name, _, _ in Formatter().parse(template))


def test_every_mend_is_a_sentence_without_gaps() -> None:
    assert all("{" not in hint for _, hint in KINDS.values())
