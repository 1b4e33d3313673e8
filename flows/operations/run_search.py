"""Runs found by words: every word stands in the name of the run's flow, in its error, or is its number, id or key.

It decides what a run is found by and how far is looked; it refuses to know the filters that stand beside the words.
Never looked at is what ran through a run: its input, its outputs, an error's details.

Names, ids and keys are found among all runs; a key that runs of very many flows share, in the newest of these. Numbers and
the texts of errors have no index: they are looked for in the newest runs alone. What is left out is told
(`looked_back_to`, `keys_looked_back_to`).
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import reduce
from operator import and_, or_
from typing import Final
from uuid import UUID

import orjson
from django.contrib.postgres.fields import ArrayField
from django.db import connection
from django.db.models import BooleanField, Case, Func, Q, QuerySet, TextField, Value, When
from django.db.models.functions import Upper

from flows.errors import BadInput, phrase
from flows.models import Flow, Run

MAX_TEXT: Final = 200
MAX_WORDS: Final = 32
# Of the newest runs that did not succeed so many are looked through for the text of an error, of all for a number.
ERRORS: Final = 25_000
NUMBERS: Final = 100_000
HITS: Final = 1_000
# Where a name fits so few flows each is asked for its newest runs by itself: one that long nobody started costs nothing then.
FEW: Final = 20
# From so many digits on a text may be the beginning of an id.
SHORTEST_ID: Final = 6
_ID: Final = re.compile(r"[0-9a-f]{6,32}")
_NUMBER: Final = re.compile(r"#?([0-9]{1,18})")
# NUL and lone surrogates: no text in the database holds one.
_UNHEARD_OF: Final = re.compile("[\x00\ud800-\udfff]")


class _Said(Func):
    """What an error's text says to people: its code, its message and its node, a line each.

    PostgreSQL reads no JSON with a NUL in it: it is left out, once all backslashes that stand for themselves are away.
    """

    output_field = TextField()
    _JSON: Final = (
        r"(CASE WHEN strpos(%(expressions)s, '\u0000') = 0 THEN NULLIF(%(expressions)s, '') ELSE replace(replace(replace("
        r"%(expressions)s, E'\\\\', E'\x01'), '\u0000', ''), E'\x01', E'\\\\') END)::json"
    )
    template = f"concat_ws(E'\\n', {_JSON}->>'code', {_JSON}->>'message', {_JSON}->>'node')"


class _Patterns(Func):
    output_field = ArrayField(TextField())
    template = "ARRAY[%(expressions)s]"


class _HoldsAll(Func):
    """The text is like each of the patterns, in any case. It is made once for all of them."""

    output_field = BooleanField()
    template = "(UPPER(%(expressions)s))"
    arg_joiner = ") LIKE ALL ("


@dataclass(frozen=True, slots=True, kw_only=True)
class Ways:
    """A run is found where one of them holds. Numbers and errors of runs made before `looked_back_to` were not looked
    at, nor keys of those made before `keys_looked_back_to`; None where all were."""

    ways: Sequence[Q]
    looked_back_to: datetime | None
    keys_looked_back_to: datetime | None

    def any(self) -> Q:
        return reduce(or_, self.ways)

    def newest(self, rows: QuerySet[Run], count: int) -> list[UUID]:
        """The ids of the newest of these rows that are found. Each way is asked by itself, along an index of its own."""
        first, *others = [rows.filter(way).order_by("-pk").values_list("pk", flat=True)[:count] for way in self.ways]
        found = first.union(*others).order_by("-id")[:count] if others else first
        return list(found)


def number_of(word: str) -> int | None:
    """The number of a run that the word may be: `12`, `#12`."""
    found = _NUMBER.fullmatch(word)
    return int(found[1]) if found is not None else None


def ids_of(word: str) -> tuple[UUID, UUID] | None:
    """The first and the last id that begin with these digits, None where it is no beginning of an id."""
    digits = word.lower().replace("-", "")
    if len(digits) < SHORTEST_ID or _ID.fullmatch(digits) is None:
        return None
    return UUID(digits.ljust(32, "0")), UUID(digits.ljust(32, "f"))


def ways_to(workspace: UUID, flow: UUID | None, rows: QuerySet[Run], text: str) -> Ways | None:
    """How the words find runs; None for no words. `rows` is what is looked back through: the runs of the workspace, or of
    `flow`, of some time. Raises BadInput for what no run can hold."""
    words = list(dict.fromkeys(text.split()))
    if not words:
        return None
    if len(text) > MAX_TEXT or len(words) > MAX_WORDS or _UNHEARD_OF.search(text):
        said = "what is looked for has at most {words} words and {most} characters, and none that no text holds"
        raise BadInput(reason=phrase(said, words=MAX_WORDS, most=MAX_TEXT))
    return _Search(workspace, flow, rows, words).ways(" ".join(text.split()))


class _Search:
    """One search: what can be found out beforehand is, each thing once."""

    def __init__(self, workspace: UUID, flow: UUID | None, rows: QuerySet[Run], words: list[str]) -> None:
        flows = Flow.objects.filter(workspace_id=workspace)
        self.flows = flows if flow is None else flows.filter(pk=flow)
        self.rows = rows
        # The longest is mostly the rarest: an error is read no further than to the first word it lacks.
        self.words = sorted(words, key=len, reverse=True)
        self.errors_from = _floor(rows.exclude(status="succeeded"), ERRORS)
        self.numbers_from: UUID | None = None
        self.keys_from: UUID | None = None
        self.hits: dict[str, list[UUID]] = defaultdict(list)

    def ways(self, text: str) -> Ways:
        self._find_numbers()
        keys = self._find_keys(text)
        found = [*self._by_name(), *self._by_mark(), self._by_error()]
        if len(self.words) > 1 and keys:
            found.append(Q(pk__in=keys))
        from_ = [floor for floor in (self.errors_from, self.numbers_from) if floor is not None]
        return Ways(
            ways=found,
            looked_back_to=_made_at(max(from_)) if from_ else None,
            keys_looked_back_to=_made_at(self.keys_from) if self.keys_from is not None else None,
        )

    def _by_name(self) -> list[Q]:
        """Every word stands in the name of the run's flow."""
        named = self.flows.filter(reduce(and_, (Q(name__icontains=word) for word in self.words)))
        flows = list(named.values_list("pk", flat=True))
        return [Q(flow_id=flow) for flow in flows] if len(flows) <= FEW else [Q(flow_id__in=flows)]

    def _by_mark(self) -> list[Q]:
        """One word is the run's number or key, or begins its id; each of the others is such a mark, or stands in the name."""
        hits = {pk for found in self.hits.values() for pk in found}
        marks = [Q(pk__in=hits)] if hits else []
        marks += [_between(*span) for word in self.words if (span := ids_of(word)) is not None]
        return [mark & self._beside_errors() for mark in marks]

    def _by_error(self) -> Q:
        """What every word leaves to be found stands in the error: first in its text as it is, so that only few are read."""
        from_ = Q() if self.errors_from is None else Q(pk__gte=self.errors_from)
        written = [orjson.dumps(word).decode()[1:-1] for word in self.words]
        as_it_is, said = (
            _HoldsAll(text, self._patterns(words)) for text, words in (("error", written), (_Said("error"), self.words))
        )
        return Q(status="failed") & from_ & Q(as_it_is) & Q(said)

    def _patterns(self, texts: Sequence[str]) -> Func:
        """What an error has to be like, word by word: like anything, where the word fits without it."""
        like = [Upper(Value(f"%{connection.ops.prep_for_like_query(text)}%")) for text in texts]
        if len(self.words) == 1:
            return _Patterns(*like)
        anything = Value("%")
        return _Patterns(
            *(
                Case(When(self._fits(word), then=anything), default=one)
                for word, one in zip(self.words, like, strict=True)
            )
        )

    def _beside_errors(self) -> Q:
        """Every word fits without a look at the error's text."""
        return reduce(and_, map(self._fits, self.words))

    def _fits(self, word: str) -> Q:
        # The names are asked for within: a letter may stand in those of thousands of flows.
        named = Q(flow_id__in=self.flows.filter(name__icontains=word).values("pk"))
        span = ids_of(word)
        directly = [Q(pk__in=self.hits[word])] if word in self.hits else []
        directly += [_between(*span)] if span is not None else []
        return reduce(or_, directly, named)

    def _find_numbers(self) -> None:
        asked = {word: number for word in self.words if (number := number_of(word)) is not None}
        if not asked:
            return
        self.numbers_from = _floor(self.rows, NUMBERS)
        rows = self.rows if self.numbers_from is None else self.rows.filter(pk__gte=self.numbers_from)
        numbered = rows.filter(number__in=set(asked.values())).order_by("-pk").values_list("pk", "number")
        found = list(numbered[: HITS + 1])
        if len(found) > HITS:
            found.pop()
            self.numbers_from = found[-1][0]
        for pk, number in found:
            for word, meant in asked.items():
                if meant == number:
                    self.hits[word].append(pk)

    def _find_keys(self, text: str) -> list[UUID]:
        """The runs started with one of the words for a key; those whose key is all of the text."""
        keyed = Run.objects.filter(flow_id__in=self.flows.values("pk"), idempotency_key__in=[*self.words, text])
        found = list(keyed.order_by("-pk").values_list("pk", "idempotency_key")[: HITS + 1])
        if len(found) > HITS:
            found.pop()
            self.keys_from = found[-1][0]
        whole = []
        for pk, key in found:
            self.hits[key or ""].append(pk)
            if key == text:
                whole.append(pk)
        return whole


def _between(first: UUID, last: UUID) -> Q:
    return Q(pk__gte=first, pk__lte=last)


def _floor(rows: QuerySet[Run], most: int) -> UUID | None:
    """The last of so many of the newest; None where there are no more than that."""
    last: Iterable[UUID] = rows.order_by("-pk").values_list("pk", flat=True)[most - 1 : most + 1]
    found = list(last)
    return found[0] if len(found) > 1 else None


def _made_at(pk: UUID) -> datetime:
    return datetime.fromtimestamp((pk.int >> 80) / 1_000, UTC)
