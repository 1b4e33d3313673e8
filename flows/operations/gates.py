"""What keeps a version from being live in an environment: all that is looked at before a promotion is made, a release proposed
or a proposal approved, told at once.

It decides what is looked at and releases nothing; who may release there it refuses to know.
"""

from collections.abc import Iterator, Sequence

from flows.dsl.binding import laid_over, open_vars
from flows.errors import Conflict, MulgilError, phrase
from flows.models import Environment, Version
from flows.operations import documents
from flows.operations.environments import NoCredential, around_of, missing_credentials
from flows.operations.facts import NotBound, NoValue, facts_of_version
from flows.operations.fitting import NodeTypesGone, NoLongerFits, check_fit
from flows.operations.rehearsal import failed_tests


class FlowTestsFail(Conflict):
    """Of the flow's tests, {count} fail. The first: {first}"""

    code = "tests_fail"
    hint = "Mend the flow or its tests and publish again."


class NotPromotable(Conflict):
    """Version {version} can't go to {environment}. {reasons}"""

    code = "not_promotable"


def obstacles(version: Version, target: Environment) -> Iterator[MulgilError]:
    """Everything that is in the way, by what is installed and given there now; the flow's tests are played. Raises VersionPruned."""
    document = documents.document_of(version)
    try:
        check_fit(version)
    except (NodeTypesGone, NoLongerFits) as error:
        # Its tests can't be played either.
        yield error
    else:
        if wrong := failed_tests(document):
            first = wrong[0]
            yield FlowTestsFail(count=len(wrong), first=phrase(first.template, **first.params))
    yield from lacking(version, target)


def lacking(version: Version, target: Environment) -> Iterator[MulgilError]:
    """What runs of the version would need there and would not be given."""
    there, facts = around_of(target), facts_of_version(version.pk)
    if there.id is not None and (free := sorted(facts.credentials.difference(there.credentials))):
        yield NotBound(names=", ".join(free), environment=target.name)
    if missing := missing_credentials(facts, target):
        yield NoCredential(names=", ".join(missing), environment=target.name)
    if there.id is not None and (lacking := sorted(open_vars(laid_over(facts.vars, there.vars)))):
        yield NoValue(names=", ".join(lacking), environment=target.name)


def refuse(found: Sequence[MulgilError], version: Version, target: Environment) -> None:
    """Raises what was found, NotPromotable where that is more than one thing; nothing where there is nothing."""
    if len(found) == 1:
        raise found[0]
    if found:
        *before, last = [phrase(error.template, **error.fields) for error in found]
        for one in reversed(before):
            last = phrase("{one} Also: {more}", one=one, more=last)
        raise NotPromotable(version=version.number, environment=target.name, reasons=last)


def check_way(version: Version, target: Environment) -> None:
    """Raises what keeps the version from going there. It may take seconds: no row should be locked meanwhile."""
    refuse(list(obstacles(version, target)), version, target)


def check_credentials(version: Version, target: Environment) -> None:
    """Whether somebody has made the credentials that are meant there. Raises NoCredential."""
    if missing := missing_credentials(facts_of_version(version.pk), target):
        raise NoCredential(names=", ".join(missing), environment=target.name)
