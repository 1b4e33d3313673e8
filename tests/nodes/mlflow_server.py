"""MLflow's own tracking server and registry, from its package, on a port of this machine with a database of its own."""

import contextlib
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import httpx

PATIENCE = 120.0


@contextlib.contextmanager
def mlflow_server() -> Iterator[str]:
    """Its address, once it answers."""
    with tempfile.TemporaryDirectory(prefix="mulgil-mlflow-", ignore_cleanup_errors=True) as folder:
        with socket.create_server(("127.0.0.1", 0)) as one:
            port = int(one.getsockname()[1])
        command = [
            sys.executable, "-m", "mlflow", "server", "--host", "127.0.0.1", "--port", str(port), "--workers", "1",
            "--gunicorn-opts", "--no-control-socket", "--backend-store-uri", f"sqlite:///{folder}/registry.db",
            "--artifacts-destination", f"{folder}/artifacts",
        ]  # fmt: skip
        quiet = {"MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false", "MLFLOW_DISABLE_TELEMETRY": "true", "DO_NOT_TRACK": "1"}
        with (Path(folder) / "log").open("wb") as log:
            process = subprocess.Popen(
                command, cwd=folder, env=os.environ | quiet, stdout=log, stderr=log, start_new_session=True
            )
        try:
            url = f"http://127.0.0.1:{port}"
            _await_health(url, process, Path(folder) / "log")
            yield url
        finally:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def _await_health(url: str, process: "subprocess.Popen[bytes]", log: Path) -> None:
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until and process.poll() is None:
        with contextlib.suppress(httpx.TransportError):
            if httpx.get(f"{url}/health", timeout=5).status_code == 200:
                return
        time.sleep(0.1)
    raise AssertionError(f"MLflow's server doesn't answer: {log.read_text()[-2_000:]}")
