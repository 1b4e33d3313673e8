from flows.security.tokens import PREFIX, digest, is_wellformed, make_token, matches


def test_a_token_is_told_by_its_prefix_and_kept_as_a_digest() -> None:
    token = make_token()
    assert token.text.startswith(PREFIX)
    assert is_wellformed(token.text)
    assert matches(token.text, token.digest)
    assert token.text not in repr(token)
    assert token.text[len(token.hint) :] not in token.digest
    assert token.text.startswith(token.hint)


def test_no_two_tokens_are_alike() -> None:
    assert len({make_token().text for _try in range(1_000)}) == 1_000


def test_a_typo_is_told_without_looking_anything_up() -> None:
    text = make_token().text
    for place in range(len(PREFIX), len(text)):
        other = "a" if text[place] != "a" else "b"
        assert not is_wellformed(text[:place] + other + text[place + 1 :])


def test_what_is_no_token_is_no_token() -> None:
    token = make_token()
    for text in (
        "",
        PREFIX,
        token.text + "x",
        token.text[:-1],
        token.text.upper(),
        "가" * 56,
        token.text + "\n",
        "\ud800",
    ):
        assert not is_wellformed(text)
        assert not matches(text, token.digest)
        assert len(digest(text)) == 64
