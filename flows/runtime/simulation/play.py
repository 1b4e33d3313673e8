"""Playing the history of a seed, telling it as a story, and finding the shortest one that still goes wrong.

It decides that a history stands alone: the chance that the product draws from is that of the seed, and what it logs is not heard.
"""

import contextlib
import gc
import logging
import random
from collections.abc import Iterator

from flows.engine.failures import CorruptHistory
from flows.runtime.simulation.judging import judged
from flows.runtime.simulation.world import SECOND, World


@contextlib.contextmanager
def on_its_own(seed: int) -> Iterator[None]:
    """Chance is the seed's, and silence."""
    before, disabled, collects = random.getstate(), logging.root.manager.disable, gc.isenabled()
    random.seed(seed)
    logging.disable(logging.CRITICAL)
    # A history is soon over, and is all let go of at once; nothing that was there before it is to be gone through then.
    gc.disable()
    gc.freeze()
    try:
        yield
    finally:
        gc.unfreeze()
        random.setstate(before)
        logging.disable(disabled)
        if collects:
            gc.enable()


def played(seed: int, without: frozenset[int] = frozenset()) -> tuple[World, list[str]]:
    """The world after the history of a seed, and what is wrong with it."""
    with on_its_own(seed):
        world = World(seed, without)
        try:
            world.go()
            world.end()
            return world, judged(world)
        except CorruptHistory as error:
            return world, [f"a journal that can't be folded: {error.message} [fold]"]
        finally:
            world.end()


def play(seed: int) -> list[str]:
    """What is wrong with the history of a seed, in sentences; nothing, where all holds."""
    return played(seed)[1]


def shortest(seed: int) -> frozenset[int]:
    """The mishaps that a history that goes wrong can do without."""
    without: frozenset[int] = frozenset()
    for place in range(len(played(seed)[0].mishaps)):
        fewer = without | {place}
        if played(seed, fewer)[1]:
            without = fewer
    return without


def story(seed: int, without: frozenset[int] = frozenset()) -> Iterator[str]:
    """The history in lines: what befell whom, what was committed, what reached the world."""
    world, wrong = played(seed, without)
    told = [(at, f"{who}: {what}") for at, who, what in world.story]
    for at, line in sorted(told, key=lambda one: one[0]):
        yield f"{at / SECOND:10.3f} s  {line}"
    for name, (flow, version, digest) in world.flows.items():
        yield f"{name} ({flow.int}): {world.server.versions[version, digest]}"
    yield from wrong
