"""The JUnit report of flows' tests."""

from xml.etree.ElementTree import Element, fromstring

import pytest

from flows.operations.junit import Suite, junit
from flows.operations.rehearsal import PlayedCase


def case(name: str, *wrong: str) -> PlayedCase:
    return PlayedCase(index=0, name=name, wrong=wrong, seconds=0.25)


def report(*suites: Suite) -> Element:
    return fromstring(junit(suites))  # what we wrote ourselves


def test_a_suite_per_flow_and_a_case_per_test() -> None:
    told = report(
        Suite(name="Orders", file="orders.yaml", cases=[case("pays"), case("refuses", "a is 1, not 2", "b is 3")]),
        Suite(name="Broken", file="broken.yaml", trouble="It lies on a cycle"),
    )
    assert (told.tag, told.attrib) == (
        "testsuites",
        {"tests": "3", "failures": "1", "errors": "1", "skipped": "0", "time": "0.500"},
    )
    orders, broken = told
    assert orders.attrib == {
        "name": "Orders",
        "file": "orders.yaml",
        "tests": "2",
        "failures": "1",
        "errors": "0",
        "skipped": "0",
        "time": "0.500",
    }
    pays, refuses = orders
    assert (pays.get("name"), pays.get("classname"), pays.get("time"), list(pays)) == ("pays", "Orders", "0.250", [])
    (failure,) = refuses
    assert (failure.tag, failure.get("message"), failure.text) == ("failure", "a is 1, not 2", "a is 1, not 2\nb is 3")
    assert [(found.tag, found.get("message")) for found in broken[0]] == [("error", "It lies on a cycle")]


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ('<a href="b">&amp; ]]>', '<a href="b">&amp; ]]>'),
        ("주문 ✓ 🙂", "주문 ✓ 🙂"),
        ("line\nbreak\tand tab\r", "line\nbreak\tand tab\r"),
        ("nul \x00, escape \x1b[31m", "nul \\u0000, escape \\u001b[31m"),
        ("half \ud83d, no letter \ufffe\uffff", "half \\ud83d, no letter \\ufffe\\uffff"),
    ],
    ids=["markup", "letters", "white", "control", "none"],
)
def test_any_text_stays_well_formed_and_readable(text: str, read: str) -> None:
    (suite,) = report(Suite(name=text, file=text, cases=[case(text, text)]))
    assert (suite.get("name"), suite[0].get("name")) == (read, read)
    # A parser reads an end of line as one newline, whichever it was.
    assert (suite[0][0].text or "").rstrip("\n") == read.rstrip("\r")
