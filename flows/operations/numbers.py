"""The numbers of a flow's runs: 1, 2, 3, … from a sequence of the database per flow.

A counter in the flow's row would make every start wait for the commit of the one before. A sequence takes no
lock that lasts; the price is a gap where a start was rolled back or the server crashed.
"""

from uuid import UUID

from django.db import connection


def sequence_of(flow: UUID) -> str:
    """The name of the flow's sequence."""
    return f"flows_number_{flow.hex}"


def begin(flow: UUID) -> None:
    """Make the sequence of a new flow, within its transaction."""
    with connection.cursor() as cursor:
        cursor.execute(f'CREATE SEQUENCE "{sequence_of(flow)}"')


def end(flow: UUID) -> None:
    """Drop the sequence of a flow that is deleted."""
    with connection.cursor() as cursor:
        cursor.execute(f'DROP SEQUENCE IF EXISTS "{sequence_of(flow)}"')
