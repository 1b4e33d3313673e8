"""`manage.py bench`: measure the product as `up` starts it and print one JSON line per workload."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from bench import browser, processes, product, workloads
from bench.figures import line

OTHERS = ("boot", "memory", "event-to-browser")


class Command(BaseCommand):
    help = "Measures the product on this machine and prints one JSON line per workload."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("workloads", nargs="*", help="which to run; all without it")
        parser.add_argument("--scale", type=float, default=1.0, help="how many runs, as a share of the usual")
        parser.add_argument("--workers", type=int, default=None, help="worker processes, as for `up`")
        parser.add_argument("--keep", type=Path, default=None, help="append the lines to this file too")

    def handle(self, *args: Any, **options: Any) -> None:
        known = [*OTHERS, *workloads.WORKLOADS, *workloads.CROWDED]
        chosen = options["workloads"] or known
        if unknown := [name for name in chosen if name not in known]:
            raise CommandError(f"There is no workload {unknown[0]!r}; there are: {', '.join(known)}")
        with product.fresh_folder() as folder:
            for text in _lines(folder, chosen, scale=options["scale"], workers=options["workers"]):
                self.stdout.write(text)
                self.stdout.flush()  # a pipe would keep the lines until the end
                if options["keep"]:
                    with options["keep"].open("a") as kept:
                        kept.write(text + "\n")


def _lines(folder: Path, chosen: list[str], *, scale: float, workers: int | None) -> Iterator[str]:
    data = folder / "data"
    if "boot" in chosen:
        # A folder of its own: the first start of a folder decides its administrator's password.
        booted = data.with_name("boot")
        process, _, first = product.boot(booted, password="bench-only", workers=workers)
        product.stop(process)
        process, _, second = product.boot(booted, password="bench-only", workers=workers)
        product.stop(process)
        yield line("boot", "s", {"first": round(first, 2), "second": round(second, 2)})
    if set(chosen) & {"memory", "event-to-browser", *workloads.WORKLOADS}:
        with product.running(data, workers=workers) as running:
            yield from _ordinary(running, chosen, scale)
    for name, (unit, workload) in workloads.CROWDED.items():
        if name in chosen:
            with product.running(folder / name, workers=workers) as running:
                yield line(name, unit, workload(running, scale))


def _ordinary(running: product.Product, chosen: list[str], scale: float) -> Iterator[str]:
    if "memory" in chosen:
        yield line("memory", "MiB PSS at rest", processes.resident(running.process.pid))
    for name, (unit, workload) in workloads.WORKLOADS.items():
        if name in chosen:
            figures = workload(running, scale)
            yield line(name, unit, {**figures, "pss_mib": processes.resident(running.process.pid)})
    if "event-to-browser" in chosen:
        yield line("event-to-browser", "ms", browser.event_to_browser(running, steps=round(30 * scale)))
