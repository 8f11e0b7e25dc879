"""A hub that rests holds what it needs to wait, not what it needed to work: caches, words, freed memory.

Work is quick because little of what it took is given back: SQLite keeps the pages it read, and the C library most of
what was freed. A first poll of 2,000 feeds left 60 MB so, for as long as the hub ran.
"""

import asyncio
import ctypes
import gc
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any, Final

from connectors.errors import HubError
from connectors.parse.text import forget_words

#: seconds between two looks
LOOK: Final = 10.0
#: who takes less than this part of a core rests
RESTS: Final = 0.05
#: seconds of processor time since something was given back last: with nothing to do a large hub takes that in minutes
WORKED: Final = 1.0

#: bytes from which a block is large: more than a feed, less than a table of all texts that copies are looked for in
LARGE: Final = 256 * 1024
#: of <malloc.h>
_MMAP_THRESHOLD: Final = -3
_ARENA_MAX: Final = -8


async def give_back(
    drop_caches: Callable[[], Awaitable[None]], *, is_idle: Callable[[], bool], look: float = LOOK,
    used: Callable[[], float] = time.process_time,
) -> None:  # fmt: skip
    """Whenever a rest begins give back what work has left, until cancelled.

    `is_idle` says whether nothing is in hand: who waits for a processor or a slow site takes as little as who rests.
    `used` tells processor seconds so far.
    """
    library = ctypes.CDLL(None)
    given_at = before = used()
    while True:
        await asyncio.sleep(look)
        now = used()
        if is_idle() and begins_to_rest((now - before) / look, now - given_at):
            with suppress(HubError):  # away or closed: who works with it says so
                await drop_caches()
            forget_words()
            gc.collect()  # it also lets go of what Python keeps for its next objects, a few in each block of 1 MB
            trim(library)
            given_at = now = used()
        before = now


def begins_to_rest(share: float, since: float) -> bool:
    """Whether what takes this share of a core now, and took so many seconds since it last gave something back, has
    something to give back.
    """
    return share < RESTS and since >= WORKED


def keep_little(library: Any) -> None:
    """Have glibc keep less of what is freed, for as long as the process lives; before it has a second thread.

    Large blocks go back when they are freed: by itself it keeps blocks of the size of the largest that was ever freed,
    up to 32 MB, and small ones settle between them. All threads share one arena: by itself each gets its own, and what
    one has freed no other can use, nor does `trim` reach the end of it. Ten threads kept 5 MB so. The lock of the one
    is no matter where the interpreter's lets one of them work at a time.
    """
    if hasattr(library, "mallopt"):
        library.mallopt(_MMAP_THRESHOLD, LARGE)
        library.mallopt(_ARENA_MAX, 1)


def trim(library: Any) -> None:
    """Give freed memory back to the system, where the C library keeps it and can be told to: glibc, but not musl."""
    if hasattr(library, "malloc_trim"):
        library.malloc_trim(0)
