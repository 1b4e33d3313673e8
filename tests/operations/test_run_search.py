"""Runs found by words: by what is told of a run, by nothing that ran through it, and as far back as is said."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from itertools import combinations
from typing import Any, Final
from uuid import UUID

import orjson
import pytest

from flows.errors import BadInput
from flows.models import Flow, Run
from flows.models.base import first_id_at
from flows.operations import run_search
from flows.operations.jobs import Order, preview
from flows.operations.run_filter import RunFilter, meant
from flows.operations.runs import count_runs, list_runs
from flows.operations.starting import start
from tests.cast import Person, flow

pytestmark = pytest.mark.django_db

FIRST: Final = UUID("01999999-0000-7000-8000-000000000000")


@dataclass
class House:
    """A workspace's runs, each a second younger than the one before; what is told of each is written down here, too."""

    editor: Person
    pattern: Run

    def __post_init__(self) -> None:
        self.told: dict[UUID, list[tuple[str, Callable[[str, str], bool]]]] = {}

    def run(self, of: Flow, *, key: str | None = None, error: tuple[str, str, str] | None = None) -> UUID:
        made = replace_run(self.pattern, of, number=len(self.told) + 1, key=key, error=error)
        self.told[made.pk] = [
            (of.name.upper(), in_text),
            (f"#{made.number}", lambda word, number: word.removeprefix("#") == number[1:]),
            (key or "", lambda word, key: word == key),
            (made.pk.hex, lambda word, pk: len(word.replace("-", "")) >= 6 and pk.startswith(word.replace("-", ""))),
            *((part.upper(), in_text) for part in error or ()),
        ]
        return made.pk

    def fitting(self, text: str) -> list[UUID]:
        """Those that each word fits, by what was written down; the newest first."""
        return sorted(
            (
                pk
                for pk, told in self.told.items()
                if all(any(fits(word, said) for said, fits in told) for word in text.split())
                or any(said == text and key == 2 for key, (said, _) in enumerate(told))
            ),
            reverse=True,
        )

    def found(self, text: str, **more: Any) -> list[UUID]:
        return [run.pk for run in list_runs(self.editor.actor, RunFilter(text=text, **more), limit=200).rows]


def in_text(word: str, said: str) -> bool:
    return word.upper() in said


def made_at(run: UUID) -> datetime:
    return datetime.fromtimestamp((run.int >> 80) / 1_000, UTC)


def replace_run(pattern: Run, of: Flow, *, number: int, key: str | None, error: tuple[str, str, str] | None) -> Run:
    made = Run.objects.get(pk=pattern.pk)
    made.pk = UUID(int=FIRST.int + (number * 1_000 << 80))
    made.flow, made.number, made.idempotency_key = of, number, key
    made.status = "failed" if error else "succeeded"
    if error:
        code, message, node = error
        said = {"code": code, "class": "permanent", "message": message, "node": node or None, "step": "secretstep"}
        made.error = orjson.dumps(said | {"hint": "secrethint", "details": {"body": "secretdetail"}}).decode()
    made.input, made.output = '{"card": "secretinput"}', '"secretoutput"'
    made.save(force_insert=True)
    return made


@pytest.fixture
def house(editor: Person) -> House:
    shop = flow(editor.actor, name="Order fulfilment")
    pattern = Run.objects.get(pk=start(editor.actor, shop.pk).run.id)
    made = House(editor, pattern)
    returns = flow(editor.actor, name="Returns 100% by_hand")
    korean = flow(editor.actor, name="주문 처리")
    errors = [
        ("http_status", "The partner answered 503, order 7", "charge"),
        ("timeout", 'It said "no\nway" \\ charge', ""),
        ("missing_key", "주문 번호가 없습니다", "find_order"),
        ("bad", "a NUL \x00 within \\u0000 \\\x00", "one"),
    ]
    for of in (shop, returns, korean):
        made.run(of)
        for error in errors:
            made.run(of, error=error)
        made.run(of, key=f"order-{of.name[:2]}")
        made.run(of, key="a key with spaces")
    Run.objects.filter(pk=pattern.pk).delete()
    return made


WORDS: Final = (
    "order", "FULFIL", "100%", "by_hand", "주문", "#7", "503", "charge", '"no', "nway", "\\", "order-Or", "order-O",
    "key", "01999999-1b58", "a", "message", "\\u0000", "u0000",
)  # fmt: skip


def test_what_fits_every_word_is_found_and_nothing_else(house: House) -> None:
    asked = [*WORDS, *(" ".join(pair) for pair in combinations(WORDS, 2)), "a key with spaces", "주문 7 charge order"]
    assert {text: house.found(text) for text in asked} == {text: house.fitting(text) for text in asked}
    assert all(house.found(word) for word in ("order", "100%", "주문", "#7", "way", '"no', "order-Or", "01999999-1b58"))


@pytest.mark.parametrize(
    "word", ["secretinput", "secretoutput", "secretdetail", "secrethint", "secretstep", "permanent", "nway", "order-O"]
)
def test_nothing_that_ran_through_a_run_and_no_part_of_a_key_finds_it(house: House, word: str) -> None:
    assert house.found(word) == []


def test_another_workspaces_runs_are_not_found_by_anything(house: House, stranger: Person) -> None:
    for word in ("order", "7", "charge", "order-Or", "01999999"):
        assert house.found(word)
        assert list_runs(stranger.actor, RunFilter(text=word)).rows == []


def test_words_narrow_what_the_other_filters_mean_in_lists_counts_and_jobs_alike(house: House, admin: Person) -> None:
    actor = admin.actor
    shop = Flow.objects.get(name="Order fulfilment").pk
    since = made_at(Run.objects.get(number=10).pk)
    for more in (
        {"flow": shop}, {"code": "timeout"}, {"statuses": ("succeeded",)}, {"version": 1}, {"version": 2},
        {"is_test": True}, {"is_test": False}, {"since": since}, {"until": since}, {"environment": "production"},
    ):  # fmt: skip
        alone = {run.pk for run in list_runs(actor, RunFilter(**more), limit=200).rows}
        for text in ("order", "charge", "7", "order charge", "주문"):
            both = house.found(text, **more)
            assert both == [pk for pk in house.fitting(text) if pk in alone], (more, text)
            asked = RunFilter(text=text, **more)
            wide = replace(asked, statuses=(), code=None)
            assert sum(count_runs(actor, asked).statuses.values()) == len(list_runs(actor, wide, limit=200).rows)
            assert preview(actor, Order(action="delete", filter=asked)).count == len(both)


def test_page_after_page_all_are_found_once(house: House) -> None:
    seen, cursor = [], None
    while True:
        page = list_runs(house.editor.actor, RunFilter(text="order"), cursor=cursor, limit=3)
        seen += [run.pk for run in page.rows]
        cursor = page.next
        if cursor is None:
            break
        assert len(page.rows) == 3
    assert seen == house.fitting("order")


def test_what_was_not_looked_at_is_said(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    assert list_runs(house.editor.actor, RunFilter(text="charge 7")).looked_back_to is None
    monkeypatch.setattr(run_search, "ERRORS", 5)
    failed = sorted((run.pk for run in Run.objects.filter(status="failed")), reverse=True)
    page = list_runs(house.editor.actor, RunFilter(text="charge"))
    assert [run.pk for run in page.rows] == [pk for pk in house.fitting("charge") if pk in failed[:5]]
    assert page.looked_back_to is not None
    assert first_id_at(page.looked_back_to) <= failed[4] < first_id_at(page.looked_back_to + timedelta(milliseconds=1))
    # Names and keys and ids are found however long ago it was, and a flow's own errors further back than all flows'.
    assert house.found("fulfilment") == house.fitting("fulfilment")
    assert len(house.found("order-Or")) == 1
    shop = Flow.objects.get(name="Order fulfilment").pk
    assert list_runs(house.editor.actor, RunFilter(text="charge", flow=shop)).looked_back_to is None
    assert len(house.found("charge", flow=shop)) == 2

    monkeypatch.setattr(run_search, "NUMBERS", 5)
    assert house.found("#7") == []
    assert house.found("#20") == house.fitting("#20") != []


def test_a_number_beside_a_key_or_an_id_is_looked_for_no_further_back_and_that_is_said(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    (keyed,) = house.found("order-Or")
    number = Run.objects.get(pk=keyed).number
    shop = Flow.objects.get(name="Order fulfilment").pk
    for text in (f"#{number} order-Or", f"{number} {keyed.hex[:16]}"):
        assert house.found(text) == [keyed]
        with monkeypatch.context() as patch:
            patch.setattr(run_search, "NUMBERS", 5)
            page = list_runs(house.editor.actor, RunFilter(text=text))
            oldest = Run.objects.order_by("-pk")[4].pk
            assert (page.rows, page.looked_back_to) == ([], made_at(oldest))
            assert house.found(text, flow=shop) == [keyed]


def test_a_number_that_many_flows_have_is_told_to_be_looked_for_as_far_as_it_was(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    Run.objects.update(number=7)
    monkeypatch.setattr(run_search, "HITS", len(house.told))
    page = list_runs(house.editor.actor, RunFilter(text="#7"), limit=200)
    assert (len(page.rows), page.looked_back_to) == (len(house.told), None)
    monkeypatch.setattr(run_search, "HITS", 3)
    page = list_runs(house.editor.actor, RunFilter(text="#7"))
    assert [run.pk for run in page.rows] == sorted(house.told, reverse=True)[:3]
    assert page.looked_back_to == made_at(page.rows[-1].pk)


def test_a_key_that_very_many_flows_share_is_told_to_be_looked_for_as_far_as_it_was(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = "a key with spaces"
    keyed = sorted((run.pk for run in Run.objects.filter(idempotency_key=text)), reverse=True)
    monkeypatch.setattr(run_search, "HITS", len(keyed))
    page = list_runs(house.editor.actor, RunFilter(text=text))
    assert ([run.pk for run in page.rows], page.keys_looked_back_to) == (keyed, None)
    monkeypatch.setattr(run_search, "HITS", 2)
    page = list_runs(house.editor.actor, RunFilter(text=text))
    assert [run.pk for run in page.rows] == keyed[:2]
    assert (page.keys_looked_back_to, page.looked_back_to) == (made_at(keyed[1]), None)
    of_first = Run.objects.get(pk=keyed[2]).flow_id
    page = list_runs(house.editor.actor, RunFilter(text=text, flow=of_first))
    assert ([run.pk for run in page.rows], page.keys_looked_back_to) == ([keyed[2]], None), "its flow finds it"


def test_many_flows_of_one_name_are_asked_together(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(run_search, "FEW", 1)
    assert house.found("r") == house.fitting("r")


def test_what_is_asked_does_not_grow_with_the_flows_whose_names_hold_some_of_the_words(house: House) -> None:
    house.pattern = Run.objects.filter(status="succeeded")[0]
    words = ("north", "south", "east", "west", "stock")
    for some in range(1, 2 ** len(words)):
        name = " ".join(word for place, word in enumerate(words) if some >> place & 1)
        house.run(
            flow(house.editor.actor, name=name, published=False), error=("refused", "East of the Stock 503", "one")
        )
    text = " ".join((*words, "503"))
    _, ways = meant(house.editor.actor.workspace, RunFilter(text=text))
    assert ways is not None
    assert len(ways.ways) <= run_search.FEW
    assert len(house.found(text)) == len(house.fitting(text)) == 4
    assert house.found(text) == house.fitting(text)


@pytest.mark.parametrize("text", ["a\x00b", "\ud800", "x" * 201, " ".join(f"w{number}" for number in range(33))])
def test_what_no_run_can_hold_is_refused(editor: Person, text: str) -> None:
    with pytest.raises(BadInput):
        list_runs(editor.actor, RunFilter(text=text))


def test_blanks_ask_nothing(house: House) -> None:
    assert house.found("  \t ") == sorted(house.told, reverse=True)
