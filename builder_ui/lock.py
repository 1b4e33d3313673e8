"""One owner of a data folder at a time.

Decides: that the lock goes with the process that holds it, however that ends, and says who it is. Refuses to
know what the owner does.
"""

import fcntl
from typing import IO

from builder_ui.data_folder import DataFolder


def take_lock(data: DataFolder, owner: str) -> IO[str] | None:
    """The lock, held as long as the file stays open; None when another process holds it."""
    file = data.lock.open("a+", encoding="utf-8")
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        file.close()
        return None
    file.truncate(0)
    file.write(owner)
    file.flush()
    return file


def lock_holder(data: DataFolder) -> str:
    """Who holds the lock, by their own words."""
    return data.lock.read_text(encoding="utf-8").strip() or "another process"
