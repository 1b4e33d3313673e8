"""The differences of two documents as an answer: field by field, and of texts which part of them changed."""

from collections.abc import Iterable
from typing import Any, Final, Literal

from pydantic import BaseModel

from flows.dsl.diff import Absent, Change, Part, What
from flows.dsl.pieces import Piece

MOST_IN_PIECES: Final = 500
"""Of how many changes the pieces are told; nobody reads more of them, and each costs work."""


class PieceShape(BaseModel):
    """A part of a text that changed: what both have, what went, what came."""

    what: Literal["same", "removed", "added"]
    text: str


class ChangeShape(BaseModel):
    """One difference. `id` is a node's or note's id, `from.port>to` of an edge, a test's name; `path` is a JSON Pointer
    into that part. `absent` names the side that has nothing; `twin` the other half of an edge that was re-wired;
    `layout`: it changes nothing that runs. `pieces`: of a text that became another, and of a list as JSON, in their order.
    """

    what: What
    part: Part
    id: str
    path: str
    before: Any
    after: Any
    absent: Absent
    twin: str
    layout: bool
    pieces: list[PieceShape]


class DiffShape(BaseModel):
    """`changes` field by field; `text` says the same as a terminal or a review shows it, layout apart."""

    changes: list[ChangeShape]
    text: str


def change_shapes(changes: Iterable[Change]) -> list[ChangeShape]:
    return [_shape(change, change.pieces if place < MOST_IN_PIECES else ()) for place, change in enumerate(changes)]


def _shape(change: Change, pieces: Iterable[Piece]) -> ChangeShape:
    return ChangeShape.model_construct(
        what=change.what,
        part=change.part,
        id=change.id,
        path=change.path,
        before=change.before,
        after=change.after,
        absent=change.absent,
        twin=change.twin,
        layout=change.is_layout,
        pieces=[PieceShape.model_construct(what=piece.what, text=piece.text) for piece in pieces],
    )
