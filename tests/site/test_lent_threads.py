import threading

from builder_ui import lent_threads
from builder_ui.lent_threads import LentThreads


def test_a_thread_given_back_is_lent_again() -> None:
    threads = LentThreads()
    first = threads.lend()
    ran = first.submit(threading.get_ident).result()
    first.shutdown()
    again = threads.lend()
    assert again.submit(threading.get_ident).result() == ran


def test_two_at_once_have_two_threads() -> None:
    threads = LentThreads()
    one, other = threads.lend(), threads.lend()
    assert one.submit(threading.get_ident).result() != other.submit(threading.get_ident).result()


def test_a_thread_that_still_works_is_not_lent_again() -> None:
    threads = LentThreads()
    busy, free = threads.lend(), threading.Event()
    busy.submit(free.wait)
    busy.shutdown(wait=False)
    assert threads.lend() is not busy
    free.set()


def test_only_so_many_rest() -> None:
    threads = LentThreads()
    lent = [threads.lend() for _ in range(lent_threads.MAX_RESTING + 1)]
    for one in lent:
        one.shutdown()
    assert threads.lend() is lent[-2]
