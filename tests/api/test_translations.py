import gettext
from collections.abc import Iterator
from pathlib import Path

import pytest

import flows
from flows.api import problems
from flows.api.addresses import urlpatterns
from flows.dsl.problem import KINDS
from flows.engine.integrity import FINDINGS
from flows.errors import MulgilError

COMPILED = Path(flows.__file__).parent / "locale" / "ko" / "LC_MESSAGES" / "django.mo"
LAYERS = ("flows.errors", "flows.operations", "flows.api", "flows.live", "flows.triggers", "flows.dsl.read")


def korean() -> gettext.GNUTranslations:
    with COMPILED.open("rb") as file:
        return gettext.GNUTranslations(file)


def errors(above: type[MulgilError] = MulgilError) -> Iterator[type[MulgilError]]:
    for one in above.__subclasses__():
        yield one
        yield from errors(one)


def texts() -> list[str]:
    assert urlpatterns  # the endpoints are imported, and with them every error they raise
    found = [one for one in errors() if one.__module__.startswith(LAYERS)]
    said = [" ".join((one.__doc__ or "").split()) for one in found] + [one.hint for one in found]
    said += [text for table in (KINDS, FINDINGS) for sentence_and_mend in table.values() for text in sentence_and_mend]
    alike = {"", "{reason}", "{field}: {reason}"}
    return sorted({text for text in [*said, *problems._TITLES.values()] if text not in alike})


@pytest.mark.parametrize("text", texts())
def test_every_error_and_problem_is_told_in_korean_with_its_fields(text: str) -> None:
    told = korean().gettext(text)
    assert told != text
    names = {part.partition("}")[0] for part in text.split("{")[1:]}
    assert names == {part.partition("}")[0] for part in told.split("{")[1:]}


def test_a_flow_has_one_name_in_korean() -> None:
    # The catalogue's own keys are the English sentences; "" is its header.
    told = korean()._catalog.values()  # type: ignore[attr-defined]  # the one place that lists what was compiled
    assert [text for text in told if "플로우" in text] == []
