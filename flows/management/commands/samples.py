"""`manage.py samples`: put the sample flows into a workspace, published, unless it has flows already."""

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from flows.management.asked import workspace_asked
from flows.models import Flow
from flows.operations.actor import system
from flows.operations.flows import create_flow
from flows.operations.publishing import publish
from flows.operations.samples import first_samples


class Command(BaseCommand):
    help = "Loads the sample flows into a workspace that has no flows yet."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--workspace", default=None, help="its address; the oldest workspace without it")
        parser.add_argument("--again", action="store_true", help="load them although the workspace has flows")

    def handle(self, *args: Any, **options: Any) -> None:
        workspace = workspace_asked(options["workspace"])
        if Flow.objects.filter(workspace=workspace).exists() and not options["again"]:
            self.stdout.write(f"{workspace.name} has flows already; the samples were left alone.")
            return
        actor = system(workspace.pk, "samples")
        for sample in first_samples():
            name = str(sample.document["name"])
            flow = create_flow(actor, name=name, document=sample.document)
            publish(actor, flow.pk, note="A sample")
            self.stdout.write(f"Loaded the sample {name!r}.")
