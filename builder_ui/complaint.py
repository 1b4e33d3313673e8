"""The one error of the site's own commands: a sentence for the person at the terminal."""


class Complaint(Exception):
    """What is wrong and how to mend it, in one sentence; printed without a traceback."""

    exit_code = 1
