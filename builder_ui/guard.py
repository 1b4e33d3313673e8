"""A small parent that stands where the kernel has no parent-death signal.

Decides: that its child gets a signal as soon as the pipe from the true parent closes, whatever closed it.
Refuses to know anything else; run as `python -m builder_ui.guard PIPE SIGNAL COMMAND…`.
"""

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Sequence

FORWARDED = (signal.SIGTERM, signal.SIGINT, signal.SIGQUIT, signal.SIGHUP)


def main(arguments: Sequence[str]) -> int:
    """Run the command; exit as it does."""
    pipe, death_signal, command = int(arguments[0]), int(arguments[1]), arguments[2:]
    child = subprocess.Popen(command, close_fds=False)
    for number in FORWARDED:
        signal.signal(number, lambda received, _: child.send_signal(received))
    threading.Thread(target=_watch, args=(pipe, child, death_signal), daemon=True).start()
    code = child.wait()
    return code if code >= 0 else 128 - code


def _watch(pipe: int, child: "subprocess.Popen[bytes]", death_signal: int) -> None:
    try:
        while os.read(pipe, 1):
            pass
    finally:
        child.send_signal(death_signal)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
