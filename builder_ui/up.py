"""`manage.py up`: the whole product on one machine, with one command.

Decides: the order in which the parts start and stop, and what the person at the terminal is told. Refuses to
import Django: its children do, side by side, while the database starts.
"""

import argparse
import os
import signal
import sys
from collections.abc import Sequence

from builder_ui.environment import Environment, environment_for
from builder_ui.folder_option import offer_folder
from builder_ui.site import Options, Site

DESCRIPTION = "Start everything: database, tables, editor, web and workers. Ctrl-C stops it all."


def main(arguments: Sequence[str]) -> int:
    """Run until told to stop; the exit code."""
    options, environment = read_options(arguments)
    for received in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(received, signal.default_int_handler)
    site = Site(options, environment)
    try:
        site.start()
        site.tend()
    except KeyboardInterrupt:
        site.was_asked = True
    finally:
        site.stop()
    return 0


def read_options(arguments: Sequence[str]) -> tuple[Options, Environment]:
    """The command line and the environment as one; what the command line says is told to the children too."""
    parser = argparse.ArgumentParser(prog="manage.py up", description=DESCRIPTION)
    parser.add_argument("--host", default="127.0.0.1", help="the address to listen on (default: this machine only)")
    parser.add_argument("--port", type=_port, default=8000, help="the port to listen on (default: 8000)")
    parser.add_argument("--workers", type=int, help="worker processes (default: one per processor, from 2 to 8)")
    offer_folder(parser)
    parser.add_argument("--no-samples", action="store_true", help="don't load the sample flows on the first start")
    given = parser.parse_args(arguments)
    if given.workers is not None:
        os.environ["MULGIL_WORKERS"] = str(given.workers)
    os.environ.setdefault("PYTHONUNBUFFERED", "1")
    environment = environment_for(given.data)
    options = Options(host=given.host, port=given.port, samples=not given.no_samples)
    return options, environment


def _port(text: str) -> int:
    if not text.isdigit() or not 1 <= int(text) <= 65535:
        raise argparse.ArgumentTypeError(f"{text!r} is no port from 1 to 65535")
    return int(text)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
