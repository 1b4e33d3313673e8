"""The conformance vectors, for every driver that plays them."""

import json
from pathlib import Path
from typing import Any

from flows.engine.cases import Played, disappointments

__all__ = ["VECTORS", "Played", "disappointments"]

VECTORS: list[dict[str, Any]] = json.loads((Path(__file__).parent / "vectors" / "vectors.json").read_text())
