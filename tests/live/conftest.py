"""The cast, as fixtures."""

import pytest

from tests.cast import Person, person


@pytest.fixture
def admin(db: None) -> Person:
    return person("admin", "admin")


@pytest.fixture
def editor(db: None) -> Person:
    return person("editor", "editor")


@pytest.fixture
def operator(db: None) -> Person:
    return person("operator", "operator")


@pytest.fixture
def viewer(db: None) -> Person:
    return person("viewer", "viewer")


@pytest.fixture
def stranger(db: None) -> Person:
    return person("stranger", "admin", home="elsewhere")
