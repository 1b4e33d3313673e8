"""A child of `up` that is warm before it is wanted.

Decides: that Django and the part's modules are loaded first and the part begins when the gate opens (a byte
on the pipe); a gate that closes without it means nobody wants the part any more. Refuses to know the parts.
Run as `python -m builder_ui.child GATE[,REPORT] PART ARGUMENT…`.
"""

import gc
import os
import sys
from collections.abc import Callable, Sequence
from importlib import import_module

import django
from django.core.management import call_command, load_command_class
from django.db.utils import OperationalError

from builder_ui.complaint import Complaint
from builder_ui.progress import complain


def main(arguments: Sequence[str]) -> int:
    """Warm up, wait, run; the exit code."""
    gate, *report = [int(descriptor) for descriptor in arguments[0].split(",")]
    part, rest = arguments[1], arguments[2:]
    try:
        run = _loaded(part)
        if report and not _prepares(gate, report[0], rest):
            return 0
        return run(rest) if _opens(gate) else 0
    except (Complaint, OperationalError) as error:
        complain(" ".join(str(error).split()))
        return 1


def _loaded(part: str) -> Callable[[Sequence[str]], int]:
    # What is loaded stays; looking through it for garbage again and again would take a tenth of the time, and later
    # would copy memory that forked workers share.
    gc.disable()
    for name in NEVER_USED[part]:
        sys.modules[name] = None  # type: ignore[assignment]  # how Python is told that a module can't be imported
    run = PARTS[part]()
    gc.freeze()
    # Where all that is old is frozen, Python looks through the rest after every few hundred new objects: a quarter of
    # an executor's time. What it makes are trees that go when they are let go of; circles are few.
    gc.set_threshold(50_000, 20, 50)
    gc.enable()
    return run


def _prepares(gate: int, report: int, arguments: Sequence[str]) -> bool:
    # One process less to load: the worker host is warm first and has nothing to do until the tables stand.
    if not _opens(gate):
        return False
    import_module("builder_ui.prepare").main(arguments)
    os.write(report, b"+")
    os.close(report)
    return True


def _opens(gate: int) -> bool:
    return os.read(gate, 1) == b"+"


def _module(name: str) -> Callable[[], Callable[[Sequence[str]], int]]:
    def load() -> Callable[[Sequence[str]], int]:
        os.environ.setdefault("DJANGO_SETTINGS_MODULE", "builder_ui.settings")
        django.setup()
        run: Callable[[Sequence[str]], int] = import_module(name).main
        return run

    return load


def _worker() -> Callable[[Sequence[str]], int]:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "builder_ui.settings")
    django.setup()
    command = load_command_class("flows", "worker")

    def run(_: Sequence[str]) -> int:
        call_command(command)
        return 0

    return run


PARTS: dict[str, Callable[[], Callable[[Sequence[str]], int]]] = {
    "web": _module("builder_ui.web"),
    "worker": _worker,
}
# Optional parts of libraries that load half a second of others: httpx's command line, and TLS in a server that
# leaves TLS to the proxy in front of it.
NEVER_USED = {"web": ("httpx._main", "OpenSSL"), "worker": ("httpx._main",)}

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
