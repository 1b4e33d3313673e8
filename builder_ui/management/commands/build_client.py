"""`build_client`: what the API answers with, as types of the editor.

Decides: that they are made of the product's own OpenAPI document, and that the file says which one it is made of.
Refuses to know what any of the types mean.
"""

import hashlib
import json
import tempfile
from pathlib import Path
from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand

from builder_ui.editor_build import EDITOR, install, run_npm

SHAPES = EDITOR / "src" / "api" / "shapes.generated.d.ts"


def digest(document: dict[str, Any]) -> str:
    """What tells one OpenAPI document from another, however its keys are ordered."""
    return hashlib.sha256(json.dumps(document, sort_keys=True, default=str).encode()).hexdigest()


class Command(BaseCommand):
    help = "Writes the types of the API's answers for the editor, made of the OpenAPI document."
    requires_system_checks: list[str] = []

    def handle(self, *args: Any, **options: Any) -> None:
        install()
        with tempfile.TemporaryDirectory(prefix="mulgil-openapi-") as folder:
            document = Path(folder) / "openapi.json"
            call_command("spectacular", format="openapi-json", file=str(document))
            made = Path(folder) / "made.d.ts"
            run_npm("exec", "--offline", "--", "openapi-typescript", str(document), "--output", str(made))
            mark = digest(json.loads(document.read_text(encoding="utf-8")))
            SHAPES.write_text(
                f"// Made by manage.py build_client of OpenAPI {mark}\n{made.read_text(encoding='utf-8')}"
            )
        self.stdout.write(f"{SHAPES.relative_to(EDITOR)} is up to date")
