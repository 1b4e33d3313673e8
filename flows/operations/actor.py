"""Who acts, in which workspace, with which rights: handed to every verb. How one was recognised is a face's business."""

from dataclasses import dataclass
from uuid import UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class Actor:
    """A user, a program with a user's token, or the product itself (`user` is None), inside one workspace.

    `scopes` narrows what the role may; None narrows nothing.
    """

    user: int | None
    name: str
    workspace: UUID
    role: str
    scopes: frozenset[str] | None = None


def system(workspace: UUID, name: str) -> Actor:
    """The product itself acting in a workspace: a trigger, a guard, a command line."""
    return Actor(user=None, name=name, workspace=workspace, role="admin")
