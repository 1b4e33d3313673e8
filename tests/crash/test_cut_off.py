"""A connection whose network is cut ends soon.

Whoever makes a network changes the machine's: a browser that stands beside it gives up whatever it is loading.
"""

import json
import subprocess
import sys

import pytest

from builder_ui.environment import PROJECT
from flows.runtime.leases import LEASE
from tests.crash.networks import Network

pytestmark = pytest.mark.django_db(transaction=True)

SCRIPT = """
import asyncio, json, sys, time
import django
django.setup()
import psycopg
from flows.journal.connection import connect

async def main():
    connection = await connect("test cut off")
    print("ready", flush=True)
    sys.stdin.readline()
    began = time.monotonic()
    try:
        await connection.execute("SELECT 1")
    except psycopg.OperationalError as error:
        print(json.dumps({"took": time.monotonic() - began, "error": str(error)}), flush=True)

asyncio.run(main())
"""


def test_a_statement_sent_into_a_cut_network_ends_before_a_lease_does() -> None:
    network = Network()
    process = subprocess.Popen(
        [*network.before, sys.executable, "-c", SCRIPT],
        env={"DJANGO_SETTINGS_MODULE": "builder_ui.settings", "DATABASE_URL": network.address, "PATH": "/usr/bin:/bin"},
        cwd=PROJECT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stdin is not None
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        network.cut()
        if network.kind == "door":
            network.door.close()  # a door acknowledges what it holds back: only its end can be noticed
        process.stdin.write("\n")
        process.stdin.flush()
        told = json.loads(process.stdout.readline())
        assert told["took"] < LEASE
    finally:
        process.kill()
        process.communicate()
        network.close()
