"""Keys of steps in patterns of PostgreSQL."""

import re


def escaped(key: str) -> str:
    """The key as a pattern that matches nothing but itself."""
    # A backslash before a letter, of whatever script, would be a command to PostgreSQL.
    return re.sub(r"([!-/:-@\[-^`{-~])", r"\\\1", key)
