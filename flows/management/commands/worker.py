"""`manage.py worker`: a worker host. Start as many, on as many machines, as wanted."""

import argparse
import os
import sys
from typing import Any

from django.core.management.base import BaseCommand

from flows.nodes.installed import catalogue
from flows.runtime.queues import DEFAULT, VARIABLE
from flows.runtime.supervisor import Supervisor, wait_for_the_word


class Command(BaseCommand):
    help = "Runs flows: a worker host that takes runs from the database until it is told to stop."

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument(
            "--queues", default=os.environ.get(VARIABLE, DEFAULT), help="named queues to serve, the first first"
        )
        parser.add_argument(
            "--standby",
            action="store_true",
            help="be ready at once, print 'ready', and begin at a line on standard input; end where it closes",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        os.environ[VARIABLE] = options["queues"]
        catalogue()  # imported before the first fork, so that every process shares it
        if options["standby"] and not wait_for_the_word():
            return
        sys.exit(Supervisor().run())
