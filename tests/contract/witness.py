"""Sees what a pure function must not call: clocks, chance, sockets, files. It watches; nothing is replaced."""

import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from types import BuiltinFunctionType, FrameType
from typing import Any

_CLOCKS = frozenset({"time", "time_ns", "localtime", "gmtime", "clock_gettime"})
_CHANCE = frozenset({"urandom", "getrandom"})
#: Libraries that look at the clock for words such as "yesterday", which connectors/parse/dates.py never hands on.
_TRUSTED = ("dateparser", "tzlocal", "pytz", "dateutil", "threading", "_pytest", "coverage", "logging")


@contextmanager
def watching() -> Iterator[set[str]]:
    """The names of what was called, while the block runs."""
    seen: set[str] = set()

    def look(frame: FrameType, event: str, called: Any) -> None:
        if event != "c_call" or str(frame.f_globals.get("__name__", "")).startswith(_TRUSTED):
            return
        if name := _forbidden(called):
            seen.add(f"{name} in {frame.f_globals.get('__name__')}")

    before = sys.getprofile()
    threading.setprofile(look)
    sys.setprofile(look)
    try:
        yield seen
    finally:
        sys.setprofile(before)
        threading.setprofile(None)


def _forbidden(called: BuiltinFunctionType) -> str:
    name, owner, module = called.__name__, getattr(called, "__self__", None), called.__module__
    if isinstance(owner, type) and issubclass(owner, date) and name in ("now", "utcnow", "today"):
        return f"{owner.__name__}.{name}"
    if module == "time" and name in _CLOCKS:
        return f"time.{name}"
    if name in _CHANCE or (type(owner).__module__ in ("random", "_random") and name in ("random", "getrandbits")):
        return f"chance ({name})"
    if module in ("_socket", "socket") or type(owner).__module__ in ("_socket", "socket"):
        return f"socket.{name}"
    if module in ("io", "_io") and name == "open":
        return "open"
    return ""
