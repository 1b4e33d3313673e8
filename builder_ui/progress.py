"""Lines for the person at the terminal: what is going on, one line each, at once."""

import sys


def say(sentence: str) -> None:
    """Print `sentence` with a mark; flushed, so that a pipe shows it too."""
    print(f"  · {sentence}", flush=True)


def tell(sentence: str) -> None:
    """Print `sentence` as it is."""
    print(sentence, flush=True)


def complain(sentence: str) -> None:
    """Print `sentence` on stderr."""
    print(sentence, file=sys.stderr, flush=True)
