import asyncio
from typing import Any

import psycopg
import pytest

from flows.dsl.effects import Effect
from flows.errors import MulgilError
from flows.nodes.base import Answer, BadConfig, Credential, NotSent
from flows.nodes.postgres import QueryBusy, QueryFailed, TooManyRows, postgres
from flows.nodes.postgres_values import column_value
from flows.security.credentials import CredentialRefused
from flows.security.egress import EgressRefused
from tests.nodes.conftest import PASSWORD, Postgres
from tests.nodes.stage import perform, stage


def shop(server: Postgres, *hosts: str, **values: Any) -> Credential:
    fields = {
        "host": "127.0.0.1",
        "port": server.port,
        "database": "shop",
        "user": "shop",
        "password": PASSWORD,
        "tls": "off",
    }
    return Credential("shop", "postgres", {**fields, **values}, hosts)


async def query(server: Postgres, sql: str, params: Any = (), mode: str = "rows", **given: Any) -> Any:
    credential = given.pop("credential", None) or shop(server)
    async with stage(credential=credential, **given) as on:
        answer = await perform(
            postgres, {"sql": sql, "params": list(params) if params == () else params, "mode": mode}, on
        )
    assert isinstance(answer, Answer)
    return answer.output


async def admin(server: Postgres, sql: str) -> Any:
    async with await psycopg.AsyncConnection.connect(
        host="127.0.0.1", port=server.port, dbname="shop", user="shop", password=PASSWORD, autocommit=True
    ) as connection:
        cursor = await connection.execute(sql.encode())
        return await cursor.fetchall() if cursor.description else []


@pytest.fixture
async def orders(postgres_server: Postgres) -> Postgres:
    await admin(
        postgres_server,
        "drop table if exists orders; create table orders (id int primary key, who text, at timestamptz)",
    )
    await admin(postgres_server, "insert into orders values (1, 'Min', '2026-02-02T12:40:00+09:00'), (2, 'Seo', null)")
    return postgres_server


async def test_rows_are_given_as_objects(orders: Postgres) -> None:
    output = await query(orders, "SELECT * FROM orders ORDER BY id")
    assert output == {
        "rows": [{"id": 1, "who": "Min", "at": "2026-02-02T03:40:00Z"}, {"id": 2, "who": "Seo", "at": None}],
        "count": 2,
    }


async def test_one_gives_the_first_row_and_no_more(orders: Postgres) -> None:
    assert await query(orders, "SELECT id FROM orders ORDER BY id", mode="one") == {"rows": [{"id": 1}], "count": 1}
    assert await query(orders, "SELECT id FROM orders WHERE false", mode="one") == {"rows": [], "count": 0}
    assert (await query(orders, "SELECT generate_series(1, 100000000) AS n", mode="one"))["count"] == 1


EVIL = "x'; DROP TABLE orders; --"


@pytest.mark.parametrize(
    ("sql", "params"),
    [("SELECT $1::text AS v", [EVIL]), ("SELECT %s::text AS v", [EVIL]), ("SELECT %(a)s::text AS v", {"a": EVIL}),
     ("SELECT $1::text AS v, '100%' AS p", [EVIL])],
)  # fmt: skip
async def test_a_parameter_is_bound_and_never_part_of_the_sql(orders: Postgres, sql: str, params: Any) -> None:
    assert (await query(orders, sql, params))["rows"][0]["v"] == EVIL
    assert len(await admin(orders, "SELECT * FROM orders")) == 2


async def test_an_expression_in_the_sql_is_text_and_no_expression(orders: Postgres) -> None:
    output = await query(orders, "SELECT '{{ input.evil }}' AS v", input={"evil": EVIL})
    assert output["rows"] == [{"v": "{{ input.evil }}"}]


async def test_parameters_and_columns_keep_their_types(postgres_server: Postgres) -> None:
    sql = """SELECT $1::jsonb AS j, $2::int[] AS a, $3::numeric AS n, $4::boolean AS b, $5::jsonb AS l, $6::text AS z,
             1.5::float8 AS f, 10::numeric AS whole, 123456789012345678901.5::numeric AS wide, '\\x00ff'::bytea AS bytes,
             interval '90 s' AS i, date '2026-02-02' AS d, 'NaN'::float8 AS nan, '1e400'::numeric > 1 AS large,
             '6f9619ff-8b86-d011-b42d-00c04fc964ff'::uuid AS u, timestamp '2026-02-02 03:04:05' AS t, 9223372036854775807 AS big"""
    output = await query(postgres_server, sql, [{"k": [1, None]}, [1, 2], 0.1, True, [{"x": 1}], None])
    row = output["rows"][0]
    assert str(row.pop("nan")) == "nan"
    assert row == {
        "j": {"k": [1, None]}, "a": [1, 2], "n": 0.1, "b": True, "l": [{"x": 1}], "z": None, "f": 1.5, "whole": 10,
        "wide": "123456789012345678901.5", "bytes": "AP8=", "i": 90.0, "d": "2026-02-02", "large": True,
        "u": "6f9619ff-8b86-d011-b42d-00c04fc964ff", "t": "2026-02-02T03:04:05", "big": 9223372036854775807,
    }  # fmt: skip
    assert column_value(2**63) == str(2**63)


async def test_execute_changes_data_and_counts_it(orders: Postgres) -> None:
    assert await query(orders, "INSERT INTO orders VALUES ($1, $2)", [3, "Kim"], "execute") == {"rows": [], "count": 1}
    output = await query(orders, "UPDATE orders SET who = who || '!' RETURNING id", mode="execute")
    assert output == {"rows": [{"id": 1}, {"id": 2}, {"id": 3}], "count": 3}
    assert await query(orders, "CREATE TABLE IF NOT EXISTS more (id int)", mode="execute") == {"rows": [], "count": 0}


@pytest.mark.parametrize("mode", ["rows", "one"])
@pytest.mark.parametrize(
    "sql",
    [
        "INSERT INTO orders VALUES (9) RETURNING id",
        "WITH gone AS (DELETE FROM orders RETURNING *) SELECT * FROM gone",
        "SELECT setval(pg_get_serial_sequence('orders', 'id'), 1) FROM (SELECT lo_create(0)) x",
        "COMMIT; DELETE FROM orders; SELECT 1",
        "SELECT 1; DELETE FROM orders",
        "DELETE FROM orders",
        "SET TRANSACTION READ WRITE; DELETE FROM orders",
    ],
)
async def test_a_mode_that_reads_cannot_write(orders: Postgres, mode: str, sql: str) -> None:
    with pytest.raises(QueryFailed):
        await query(orders, sql, mode=mode)
    assert len(await admin(orders, "SELECT * FROM orders")) == 2


async def test_a_second_statement_is_refused_when_executing_too(orders: Postgres) -> None:
    with pytest.raises(QueryFailed, match="multiple commands"):
        await query(orders, "INSERT INTO orders VALUES (9); DROP TABLE orders", mode="execute")
    assert len(await admin(orders, "SELECT * FROM orders")) == 2


@pytest.mark.parametrize(
    ("config", "effect"),
    [
        ({}, Effect.READ),
        ({"mode": "one"}, Effect.READ),
        ({"mode": "execute"}, Effect.ONCE),
        ({"mode": "{{ input.m }}"}, Effect.ONCE),
    ],
)
def test_only_what_cannot_write_may_be_repeated(config: dict[str, Any], effect: Effect) -> None:
    assert postgres.effect(config) is effect


async def test_a_failed_statement_says_why_and_is_not_tried_again(orders: Postgres) -> None:
    with pytest.raises(QueryFailed, match="duplicate key") as failure:
        await query(orders, "INSERT INTO orders VALUES (1)", mode="execute")
    assert (failure.value.klass, failure.value.details) == ("permanent", {"sqlstate": "23505"})
    for sql, params in (("SELECT 1 +", ()), ("SELECT $1::int", ["x"]), ("SELECT $1", []), ("SELECT %s", [])):
        with pytest.raises(QueryFailed):
            await query(orders, sql, params)


async def test_a_statement_rolled_back_for_anothers_sake_may_be_tried_again(orders: Postgres) -> None:
    async with await psycopg.AsyncConnection.connect(
        host="127.0.0.1", port=orders.port, dbname="shop", user="shop", password=PASSWORD
    ) as other:
        await other.execute("SELECT * FROM orders FOR UPDATE")
        with pytest.raises(QueryBusy) as failure:
            await query(orders, "SELECT * FROM orders FOR UPDATE NOWAIT", mode="execute")
    assert failure.value.klass == "recoverable"
    assert isinstance(failure.value, NotSent)


async def test_too_many_rows_are_refused_while_they_come(postgres_server: Postgres) -> None:
    with pytest.raises(TooManyRows, match="100000"):
        await query(postgres_server, "SELECT generate_series(1, 1000000000) AS n")
    with pytest.raises(TooManyRows, match="bytes"):
        await query(postgres_server, "SELECT repeat('x', 1000000) AS t FROM generate_series(1, 100000)")


async def test_a_cancelled_step_stops_its_statement(postgres_server: Postgres) -> None:
    async with stage(credential=shop(postgres_server)) as on:
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.5):
                await perform(postgres, {"sql": "SELECT pg_sleep(60)"}, on)
    ended = """DO $$ BEGIN
        WHILE EXISTS (SELECT FROM pg_stat_activity WHERE query LIKE 'SELECT pg_sleep(60)%' AND state = 'active') LOOP
            PERFORM pg_sleep(0.02), pg_stat_clear_snapshot();
        END LOOP; END $$"""
    async with asyncio.timeout(10):
        await admin(postgres_server, ended)


@pytest.mark.parametrize(
    ("values", "error"),
    [
        ({"host": "/var/run/postgresql"}, EgressRefused),
        ({"host": "@abstract"}, EgressRefused),
        ({"host": "127.0.0.1,10.0.0.1"}, EgressRefused),
        ({"host": "127.0.0.1 port=1"}, EgressRefused),
        ({"host": "10.0.0.1"}, EgressRefused),
        ({"host": "127.1"}, EgressRefused),
        ({"options": "-c log_statement=all"}, BadConfig),
        ({"hostaddr": "10.0.0.1"}, BadConfig),
        ({"service": "other"}, BadConfig),
        ({"port": 0}, BadConfig),
        ({"tls": "maybe"}, BadConfig),
        ({"database": "host=10.0.0.1 dbname=postgres"}, NotSent),
        ({"database": "postgresql://10.0.0.1/x"}, NotSent),
        ({"user": "postgres options=-cfoo"}, NotSent),
        ({"password": "wrong"}, NotSent),
        ({"tls": "require"}, NotSent),
        ({"tls": "verify"}, NotSent),
    ],
)
async def test_a_credential_cannot_lead_anywhere_else(
    postgres_server: Postgres, values: dict[str, Any], error: type[MulgilError]
) -> None:
    with pytest.raises(error) as failure:
        await query(postgres_server, "SELECT 1", credential=shop(postgres_server, **values))
    assert PASSWORD not in failure.value.message
    assert "wrong" not in failure.value.message


async def test_a_credential_bound_to_other_hosts_is_not_used(postgres_server: Postgres) -> None:
    with pytest.raises(CredentialRefused):
        await query(postgres_server, "SELECT 1", credential=shop(postgres_server, "db.example"))
    bound = shop(postgres_server, f"127.0.0.1:{postgres_server.port}")
    assert (await query(postgres_server, "SELECT 1 AS n", credential=bound))["rows"] == [{"n": 1}]


async def test_the_environment_changes_nothing(postgres_server: Postgres, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in (("PGHOST", "10.0.0.1"), ("PGHOSTADDR", "10.0.0.1"), ("PGOPTIONS", "-c nonsense=1"), ("PGSSLMODE", "require"), ("PGDATABASE", "x"), ("PGTARGETSESSIONATTRS", "standby")):  # fmt: skip
        monkeypatch.setenv(name, value)
    assert (await query(postgres_server, "SELECT current_database() AS d"))["rows"] == [{"d": "shop"}]


async def test_the_products_own_server_is_refused_by_what_it_is(postgres_server: Postgres) -> None:
    (own,) = (await admin(postgres_server, "SELECT system_identifier::text FROM pg_control_system()"))[0]
    with pytest.raises(EgressRefused, match="own database"):
        await query(postgres_server, "SELECT 1", own_database=own)
    assert (await query(postgres_server, "SELECT 1 AS n", own_database="1" + own))["count"] == 1


async def test_a_step_without_a_credential_says_what_to_choose() -> None:
    assert postgres.needs_credential
    async with stage() as on:
        with pytest.raises(BadConfig, match="credential"):
            await perform(postgres, {"sql": "SELECT 1"}, on)


@pytest.mark.parametrize("mode", ["execute", "exactly_once"])
async def test_a_statement_of_a_cancelled_run_is_not_sent(orders: Postgres, mode: str) -> None:
    with pytest.raises(NotSent, match="cancelled"):
        await query(orders, "DELETE FROM orders", mode=mode, cancelled=True)
    assert await admin(orders, "SELECT count(*) FROM orders") == [(2,)]
