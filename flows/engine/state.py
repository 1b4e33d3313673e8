"""The state of a run: what folding its journal gives. Only the machine's fold changes it."""


class State:
    """Everything known about a run."""
