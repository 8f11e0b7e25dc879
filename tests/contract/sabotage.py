"""How a good connector is broken: one promise at a time, everything else stays as it is.

A defect is a function that stands in place of one method and is handed the good one. Its name says what is wrong, its
docstring says it in a sentence, and the decorator names the connectors it is tried on and the check that must see it.
"""

from collections.abc import Awaitable, Callable, Container, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any, Protocol

from connectors.base import Capture, Cursor, Normalised, Record, Split, Unchanged
from connectors.http import Http
from tests.contract.subjects import Subject

DEFECTS: dict[str, "Defect"] = {}

GoodSplit = Callable[[Capture, Container[bytes], datetime], Split]
GoodNormalise = Callable[[Record, Capture], Normalised]
GoodFetch = Callable[[Http, Cursor], Awaitable[Capture | Unchanged]]
GoodWalk = Callable[[Http, Cursor, date], Awaitable[Capture]]


@dataclass(frozen=True, kw_only=True)
class Defect:
    """One broken promise."""

    name: str
    sentence: str
    bases: tuple[str, ...]  #: connectors that are broken so
    caught_by: str  #: name of the check
    spoil: Callable[[Subject], Subject]

    def of(self, base: str) -> Subject:
        """The broken connector."""
        return replace(self.spoil(Subject.of(base)), defect=self.name)


class _Function(Protocol):
    __name__: str
    __doc__: str | None


def broken(defect: str, base: str) -> Subject:
    """The connector `base` with this defect."""
    return DEFECTS[defect].of(base)


def _register(function: _Function, caught_by: str, bases: tuple[str, ...], spoil: Callable[[Subject], Subject]) -> None:
    assert function.__name__ not in DEFECTS, function.__name__
    assert function.__doc__, f"{function.__name__} says in a sentence what is wrong"
    sentence = " ".join(function.__doc__.split())
    DEFECTS[function.__name__] = Defect(
        name=function.__name__, sentence=sentence, bases=bases, caught_by=caught_by, spoil=spoil
    )


def _with(subject: Subject, **methods: Any) -> Subject:
    return replace(subject, Connector=type("Connector", (subject.Connector,), methods))


def in_split(caught_by: str, *bases: str) -> Callable[[Any], Any]:
    """A defect `(source, capture, known, now, good) -> Split`."""

    def take(function: Any) -> Any:
        def spoil(subject: Subject) -> Subject:
            def split(self: Any, capture: Capture, known: Container[bytes], now: datetime) -> Split:
                good: GoodSplit = lambda *given: subject.Connector.split(self, *given)  # noqa: E731 - bound by hand
                done: Split = function(self, capture, known, now, good)
                return done

            return _with(subject, split=split)

        _register(function, caught_by, bases, spoil)
        return function

    return take


def in_normalise(caught_by: str, *bases: str) -> Callable[[Any], Any]:
    """A defect `(source, record, capture, good) -> Normalised`."""

    def take(function: Any) -> Any:
        def spoil(subject: Subject) -> Subject:
            def normalise(self: Any, record: Record, capture: Capture) -> Normalised:
                good: GoodNormalise = lambda *given: subject.Connector.normalise(self, *given)  # noqa: E731
                done: Normalised = function(self, record, capture, good)
                return done

            return _with(subject, normalise=normalise)

        _register(function, caught_by, bases, spoil)
        return function

    return take


def in_fetch(caught_by: str, *bases: str) -> Callable[[Any], Any]:
    """A defect `async (source, http, cursor, good) -> Capture | Unchanged`."""

    def take(function: Any) -> Any:
        def spoil(subject: Subject) -> Subject:
            async def fetch(self: Any, http: Http, cursor: Cursor) -> Capture | Unchanged:
                good: GoodFetch = lambda *given: subject.Connector.fetch(self, *given)  # noqa: E731
                done: Capture | Unchanged = await function(self, http, cursor, good)
                return done

            return _with(subject, fetch=fetch)

        _register(function, caught_by, bases, spoil)
        return function

    return take


def in_walk(caught_by: str, *bases: str) -> Callable[[Any], Any]:
    """A defect `async (source, http, cursor, since, good) -> Capture`."""

    def take(function: Any) -> Any:
        def spoil(subject: Subject) -> Subject:
            async def walk(self: Any, http: Http, cursor: Cursor, since: date) -> Capture:
                good: GoodWalk = lambda *given: subject.Connector.walk(self, *given)  # noqa: E731
                done: Capture = await function(self, http, cursor, since, good)
                return done

            return _with(subject, walk=walk)

        _register(function, caught_by, bases, spoil)
        return function

    return take


def in_config(caught_by: str, *bases: str) -> Callable[[Any], Any]:
    """A defect `(good Config) -> Config`."""

    def take(function: Any) -> Any:
        def spoil(subject: Subject) -> Subject:
            return replace(subject, Config=function(subject.Config))

        _register(function, caught_by, bases, spoil)
        return function

    return take


def with_cursor(answer: Capture, cursor: Mapping[str, Any], *, more: bool | None = None) -> Capture:
    """The capture with another cursor."""
    hints = answer.hints if more is None else replace(answer.hints, more=more)
    return replace(answer, cursor=dict(cursor), hints=hints)
