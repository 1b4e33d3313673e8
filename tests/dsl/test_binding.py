from flows.dsl.binding import bound, credentials_of, laid_over, open_vars
from flows.dsl.document import Document, Node, Settings

DOCUMENT = Document(
    settings=Settings(vars={"base": "http://here", "open": None}),
    nodes=[
        Node(id="call", type="http.request", credential="payments"),
        Node(id="other", type="http.request", credential="mail", disabled=True),
        Node(id="say", type="log"),
    ],
)


def test_values_are_laid_over_what_is_declared_and_nothing_is_added() -> None:
    assert laid_over({"a": 1, "b": 2}, {"b": 3, "c": 4}) == {"a": 1, "b": 3}


def test_a_document_is_bound_without_being_changed() -> None:
    there = bound(DOCUMENT, {"base": "http://there", "unknown": 1}, {"payments": "payments-test"})
    assert there.settings.vars == {"base": "http://there", "open": None}
    assert [node.credential for node in there.nodes] == ["payments-test", "mail", None]
    assert DOCUMENT.settings.vars["base"] == "http://here"
    assert DOCUMENT.nodes[0].credential == "payments"


def test_what_it_leaves_for_others_to_say() -> None:
    assert credentials_of(DOCUMENT) == {"payments"}, "what is disabled asks for nothing"
    assert open_vars(DOCUMENT.settings.vars) == {"open"}
