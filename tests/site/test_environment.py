"""The environment: every variable has a meaning, a bad one names itself."""

from pathlib import Path

import pytest

from builder_ui.environment import BadEnvironment, read_environment


def test_nothing_set_gives_the_defaults() -> None:
    environment = read_environment({})
    assert environment.database is None
    assert environment.log_level == "warning"
    assert environment.data.is_absolute()


def test_an_empty_variable_counts_as_unset() -> None:
    assert read_environment({"DATABASE_URL": "", "MULGIL_WORKERS": " "}).workers is None


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("DATABASE_URL", "mysql://host/name"),
        ("DATABASE_URL", "postgresql://host"),
        ("DATABASE_URL", "postgresql://host:none/name"),
        ("REDIS_URL", "localhost:6379"),
        ("MULGIL_SECRET_KEY", "short"),
        ("MULGIL_CREDENTIAL_KEY", "short"),
        ("MULGIL_EGRESS_ALLOW", "10.2.0.0/99"),
        ("MULGIL_PUBLIC_URL", "flows.example.com"),
        ("MULGIL_PUBLIC_URL", "https://flows.example.com/path"),
        ("MULGIL_TRUSTED_PROXIES", "proxy"),
        ("MULGIL_EMAIL_URL", "mail.example.com"),
        ("MULGIL_WORKERS", "0"),
        ("MULGIL_WORKERS", "many"),
        ("MULGIL_CANCEL_GRACE", "601"),
        ("MULGIL_CANCEL_GRACE", "soon"),
        ("MULGIL_LOG_LEVEL", "loud"),
    ],
)
def test_a_bad_value_names_its_variable(name: str, value: str) -> None:
    with pytest.raises(BadEnvironment, match=f"^{name} is not usable: .+"):
        read_environment({name: value})


def test_a_cancel_that_cuts_at_once_is_not_one_that_says_nothing() -> None:
    assert read_environment({"MULGIL_CANCEL_GRACE": "0"}).cancel_grace == 0
    assert read_environment({}).cancel_grace is None


def test_large_values_may_have_days_of_their_own() -> None:
    assert read_environment({"MULGIL_PAYLOAD_DAYS": "7"}).payload_days == 7
    assert read_environment({}).payload_days is None
    for wrong in ("0", "-1", "a week", "40000"):
        with pytest.raises(BadEnvironment, match="MULGIL_PAYLOAD_DAYS"):
            read_environment({"MULGIL_PAYLOAD_DAYS": wrong})


def test_a_key_never_stands_in_the_complaint() -> None:
    with pytest.raises(BadEnvironment) as caught:
        read_environment({"MULGIL_SECRET_KEY": "hunter2"})
    assert "hunter2" not in str(caught.value)


def test_a_database_address_is_taken_apart_and_unquoted() -> None:
    database = read_environment({"DATABASE_URL": "postgresql://me:p%40ss@db:5433/flows?sslmode=require"}).database
    assert database is not None
    assert (database.user, database.password, database.host, database.port, database.name) == (
        "me",
        "p@ss",
        "db",
        "5433",
        "flows",
    )
    assert database.options == {"sslmode": "require"}


def test_a_socket_folder_may_stand_in_the_query() -> None:
    database = read_environment({"DATABASE_URL": "postgresql://me@/flows?host=/run/db&port=5"}).database
    assert database is not None
    assert (database.host, database.port) == ("/run/db", "5")


def test_the_public_address_gives_the_host() -> None:
    environment = read_environment({"MULGIL_PUBLIC_URL": "https://flows.example.com:8443/"})
    assert environment.public_url == "https://flows.example.com:8443"
    assert environment.public_host == "flows.example.com"


def test_several_credential_keys_are_kept_in_order() -> None:
    first, second = "a" * 40, "b" * 40
    assert read_environment({"MULGIL_CREDENTIAL_KEY": f"{first}, {second}"}).credential_keys == (first, second)


def test_the_data_folder_is_absolute() -> None:
    assert read_environment({"MULGIL_DATA": "here"}).data == Path.cwd() / "here"


def test_mail_knows_its_port_and_its_kind_of_encryption() -> None:
    mail = read_environment({"MULGIL_EMAIL_URL": "smtp+tls://u:p@mail.example.com?from=flows@example.com"}).mail
    assert mail is not None
    assert (mail.port, mail.use_tls, mail.use_ssl, mail.sender) == (587, True, False, "flows@example.com")
