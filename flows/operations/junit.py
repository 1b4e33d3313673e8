"""The results of flows' tests as a JUnit report, the XML that build servers read.

Decided here: the shape of the report, and that it is well-formed whatever text the tests hold. What was played, and
where the report goes, is the caller's business.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final
from xml.etree.ElementTree import Element, SubElement, tostring

from flows.operations.rehearsal import PlayedCase
from flows.operations.saying import said

# What XML 1.0 can't hold, not even escaped (https://www.w3.org/TR/xml/#charsets).
_NO_XML: Final = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Suite:
    """The tests of one flow; `trouble`: why they couldn't be played at all, empty if they were."""

    name: str
    file: str
    cases: Sequence[PlayedCase] = ()
    trouble: str = ""


def junit(suites: Sequence[Suite]) -> bytes:
    """One suite per flow, one case per test, the sentences of what is wrong in its `failure`. UTF-8."""
    root = Element("testsuites", _counts(suites))
    for suite in suites:
        told = SubElement(root, "testsuite", {"name": _text(suite.name), "file": _text(suite.file)} | _counts([suite]))
        for case in suite.cases:
            _add(told, suite, case.name, case.seconds, failure=[said(sentence) for sentence in case.wrong])
        if suite.trouble:
            _add(told, suite, "the tests can be played", 0.0, error=suite.trouble)
    report: bytes = tostring(root, encoding="utf-8", xml_declaration=True)
    return report


def _add(
    told: Element, suite: Suite, name: str, seconds: float, *, failure: Sequence[str] = (), error: str = ""
) -> None:
    case = SubElement(
        told,
        "testcase",
        {"name": _text(name), "classname": _text(suite.name), "file": _text(suite.file), "time": f"{seconds:.3f}"},
    )
    for kind, sentences in (("failure", failure), ("error", [error] if error else [])):
        if sentences:
            SubElement(case, kind, {"message": _text(sentences[0])}).text = _text("\n".join(sentences))


def _counts(suites: Sequence[Suite]) -> dict[str, str]:
    cases = [case for suite in suites for case in suite.cases]
    troubles = sum(bool(suite.trouble) for suite in suites)
    return {
        "tests": str(len(cases) + troubles),
        "failures": str(sum(bool(case.wrong) for case in cases)),
        "errors": str(troubles),
        "skipped": "0",
        "time": f"{sum(case.seconds for case in cases):.3f}",
    }


def _text(text: str) -> str:
    """What XML can't hold is written as JSON would write it."""
    return _NO_XML.sub(lambda found: f"\\u{ord(found[0]):04x}", text)
