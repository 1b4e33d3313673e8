"""What one window knows of the others, counted on a clock that stands, and what a client's rate is held to."""

import pytest

from flows.live.presence import BURST, GONE_AFTER, MAX_PEERS, Pace, Peer, Peers, initials


def _peer(key: str, *selected: str) -> Peer:
    return Peer(key=key, person=1, name="n", initials="N", colour=1, writes=True, selected=list(selected), pointer=None)


def test_only_what_changed_is_told_and_only_once() -> None:
    peers = Peers(lambda: 0.0)
    peers.hear(_peer("a"))
    assert peers.news() == {"here": [_peer("a")], "gone": []}
    peers.hear(_peer("a"))
    assert peers.news() is None
    peers.hear(_peer("a", "one"))
    peers.leave("a")
    peers.leave("never here")
    assert peers.news() == {"here": [], "gone": ["a"]}
    peers.hear(_peer("a"))
    assert peers.news() == {"here": [_peer("a")], "gone": []}


def test_silence_is_counted_from_the_last_sign_of_life() -> None:
    now = 0.0
    peers = Peers(lambda: now)
    peers.hear(_peer("a"))
    peers.hear(_peer("b"))
    now = GONE_AFTER - 1
    peers.hear(_peer("b"))
    peers.news()
    now = GONE_AFTER
    peers.forget_silent()
    assert peers.news() == {"here": [], "gone": ["a"]}


def test_a_crowd_is_cut_and_a_newcomer_gets_the_place_of_who_left() -> None:
    peers = Peers(lambda: 0.0)
    for at in range(MAX_PEERS + 1):
        peers.hear(_peer(f"p{at}"))
    told = peers.news()
    assert told is not None
    assert len(told["here"]) == MAX_PEERS
    peers.leave("p0")
    peers.hear(_peer(f"p{MAX_PEERS}"))
    assert peers.news() == {"here": [_peer(f"p{MAX_PEERS}")], "gone": ["p0"]}


def test_a_purse_fills_by_the_second() -> None:
    pace = Pace(0.0)
    for _ in range(int(BURST)):
        pace.spend(0.0)
    assert not pace.is_over
    pace.spend(0.0)
    assert pace.is_over
    assert not pace.is_flood
    pace.spend(1.0)
    assert not pace.is_over


@pytest.mark.parametrize(
    ("name", "short"),
    [
        ("admin", "AD"),
        ("kim min-su", "KM"),
        ("김민수", "김민"),
        ("a", "A"),
        ("<i>", "I"),
        ("…", "?"),
        ("jo.b@x.kr", "JB"),
    ],
)
def test_initials_stand_for_a_name(name: str, short: str) -> None:
    assert initials(name) == short
