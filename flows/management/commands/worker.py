"""`manage.py worker`: a worker host. Start as many, on as many machines, as wanted."""

import argparse
import os
import sys
from typing import Any

from django.core.management.base import BaseCommand

from flows.nodes.installed import catalogue
from flows.runtime.queues import DEFAULT, VARIABLE
from flows.runtime.supervisor import Supervisor


class Command(BaseCommand):
    help = "Runs flows: a worker host that takes runs from the database until it is told to stop."

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        # Every node type is imported before the first fork, so that the processes share it and a fork is quick.
        catalogue()

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument(
            "--queues", default=os.environ.get(VARIABLE, DEFAULT), help="named queues to serve, the first first"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        os.environ[VARIABLE] = options["queues"]
        sys.exit(Supervisor().run())
