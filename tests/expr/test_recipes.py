"""The common expressions that the editor offers are ones, and give what is said of them."""

import json
from pathlib import Path
from typing import Any

import pytest

from flows.expr.sandbox import Sandbox
from tests.expr.cast import opened

FILE = Path(__file__).parents[2] / "builder_ui/editor/src/inspector/expression/recipes.json"
RECIPES: list[dict[str, Any]] = json.loads(FILE.read_text(encoding="utf-8"))
NOW = "2026-01-31T09:30:00Z"


@pytest.mark.parametrize("recipe", RECIPES, ids=[one["id"] for one in RECIPES])
async def test_a_recipe_gives_what_is_said_of_it(recipe: dict[str, Any], sandbox: Sandbox) -> None:
    roots = {"input": recipe["input"], "now": NOW}
    assert await opened(f"{{{{ {recipe['text']} }}}}", sandbox, roots) == recipe["gives"]
