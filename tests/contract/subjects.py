"""What the contract of sources is checked on: connectors of the registry, and their recorded cases.

A case is a folder's worth of the outside world: `X.json` with `X.expected.json` (one body and what it must become), or
`X.site.json` (a whole site and what polls of it must give). tests/cases/README.md says how both are written.
"""

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import Any, Self

from pydantic import BaseModel, SecretStr

from connectors.base import Capture, ConnectorConfig, Normalised, Record, Source, SourceContext, Split
from connectors.errors import RejectedError
from connectors.registry import Registry, installed
from schemas.item import Kind

CASES = Path(__file__).parent.parent / "cases"
#: When every case was fetched.
NOW = datetime(2026, 11, 20, tzinfo=UTC)
_EXPECTED, _SITE = ".expected.json", ".site.json"


@dataclass(frozen=True, kw_only=True)
class Subject:
    """A connector under test: one of the registry, or a broken one made from it."""

    name: str  #: of the connector, and of its folder of cases
    Config: type[ConnectorConfig]
    Connector: type[Any]
    defect: str = ""  #: what was broken on purpose

    @classmethod
    def of(cls, name: str, registry: Registry | None = None) -> Self:
        """The connector of this name."""
        module = (registry or installed()).source(name)
        return cls(name=name, Config=module.Config, Connector=module.Connector)

    @property
    def key(self) -> str:
        """A name by which another process finds it."""
        return f"{self.name}/{self.defect}"

    def make(self, url: str, kind: str = "news", config: Mapping[str, Any] | None = None) -> Source:
        """A source at this address."""
        context = SourceContext(name="mau", kind=Kind(kind), url=url)
        made: Source = self.Connector(context, self.Config(**config or {}))
        return made

    @cached_property
    def cases(self) -> Sequence["Case"]:
        """Its bodies with what they must become."""
        files = sorted((CASES / self.name).glob("*"))
        return [
            Case(self.name, file) for file in files if not file.name.endswith((_EXPECTED, _SITE)) and file.is_file()
        ]

    @cached_property
    def read(self) -> Sequence["Case"]:
        """The cases that are read."""
        return [case for case in self.cases if "refused" not in case.expected]

    @cached_property
    def refused(self) -> Sequence["Case"]:
        """The cases that are refused by name."""
        return [case for case in self.cases if "refused" in case.expected]

    @cached_property
    def main(self) -> Sequence["Case"]:
        """The cases that say most, for checks that take their time: the longest list, and the two longest texts."""
        sound = [case for case in self.read if not case.expected["split"].get("truncated")]
        longest = sorted(sound, key=lambda case: (-len(case.expected["items"]), -case.richness))
        return [*longest[:1], *sorted(longest[1:], key=lambda case: -case.richness)[:2]]

    @cached_property
    def sites(self) -> Sequence["SiteCase"]:
        """Its recorded sites."""
        return [SiteCase(self.name, file) for file in sorted((CASES / self.name).glob(f"*{_SITE}"))]

    @cached_property
    def stable(self) -> Sequence["SiteCase"]:
        """Those of them that do not change by themselves and come to an end."""
        return [site for site in self.sites if site.said.get("stable", True)]


@dataclass(frozen=True)
class Case:
    """One saved answer of a source and what it must become."""

    source: str
    path: Path

    @property
    def name(self) -> str:
        return f"{self.source}-{self.path.stem}"

    @cached_property
    def expected(self) -> dict[str, Any]:
        read: dict[str, Any] = json.loads(self.path.with_suffix("").with_suffix(_EXPECTED).read_text("utf-8"))
        return read

    @property
    def richness(self) -> int:
        """How much HTML its items hold."""
        return sum(len(item.get("content_html", "")[:2_000]) for item in self.expected.get("items", ()))

    @cached_property
    def body(self) -> bytes:
        return self.path.read_bytes()

    def connector(self, subject: Subject, **config: Any) -> Source:
        """The connector with the settings of this case, and further ones."""
        expected = self.expected
        return subject.make(expected["url"], expected.get("kind", "news"), expected.get("config", {}) | config)

    def capture(self, body: bytes | None = None, content_type: str | None = None) -> Capture:
        """The answer as it came, or with another body."""
        return Capture(
            url=self.expected["url"],
            content_type=self.expected["content_type"] if content_type is None else content_type,
            body=self.body if body is None else body,
            fetched_at=NOW,
        )


@dataclass(frozen=True)
class SiteCase:
    """A recorded site and what polls of it must give."""

    source: str
    path: Path

    @property
    def name(self) -> str:
        return f"{self.source}-{self.path.name.removesuffix(_SITE)}"

    @cached_property
    def said(self) -> dict[str, Any]:
        read: dict[str, Any] = json.loads(self.path.read_text("utf-8"))
        return read

    def source_at(self, subject: Subject, origin: str) -> Source:
        """The connector with the settings of this case, for the site at `origin`."""
        text = json.dumps(self.said.get("config", {})).replace("{site}", origin)
        return subject.make(origin + self.said["url"], self.said.get("kind", "news"), json.loads(text))


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What became of one record."""

    record: Record
    made: Normalised | None = None
    rejected: RejectedError | None = None


@dataclass(frozen=True, kw_only=True)
class Reading:
    """What became of one body."""

    split: Split
    outcomes: Sequence[Outcome] = field(default_factory=list)

    @property
    def made(self) -> list[Normalised]:
        """The items."""
        return [one.made for one in self.outcomes if one.made]

    @property
    def guids(self) -> list[str]:
        """Their identities."""
        return [one.item.guid for one in self.made]


def split_or_raise(
    source: Source, capture: Capture, known: frozenset[bytes] = frozenset(), now: datetime = NOW
) -> Split:
    """Split as the hub does. Raises RejectedError; any other exception is a broken promise."""
    try:
        return source.split(capture, known, now)
    except RejectedError:
        raise
    except Exception as error:
        raise AssertionError(f"split ended in {type(error).__name__}: a body ends in our own words") from error


def split(source: Source, capture: Capture, known: frozenset[bytes] = frozenset(), now: datetime = NOW) -> Split:
    """Split a body that is sound."""
    try:
        return split_or_raise(source, capture, known, now)
    except RejectedError as refused:
        raise AssertionError(f"a sound body is refused: {refused.code}") from refused


def normalise(source: Source, record: Record, capture: Capture) -> Outcome:
    """Normalise as the hub does."""
    try:
        return Outcome(record=record, made=source.normalise(record, capture))
    except RejectedError as rejected:
        return Outcome(record=record, rejected=rejected)
    except Exception as error:
        raise AssertionError(f"normalise ended in {type(error).__name__}: a record ends in our own words") from error


def read_or_raise(
    source: Source, capture: Capture, known: frozenset[bytes] = frozenset(), now: datetime = NOW
) -> Reading:  # fmt: skip
    """Split and normalise. Raises RejectedError for the body as a whole."""
    cut = split_or_raise(source, capture, known, now)
    return Reading(split=cut, outcomes=[normalise(source, record, capture) for record in cut.records])


def read(source: Source, capture: Capture, known: frozenset[bytes] = frozenset(), now: datetime = NOW) -> Reading:
    """Split and normalise a body that is sound."""
    cut = split(source, capture, known, now)
    return Reading(split=cut, outcomes=[normalise(source, record, capture) for record in cut.records])


def read_or_refusal(source: Source, capture: Capture, now: datetime = NOW) -> Reading | RejectedError:
    """Split and normalise, with the refusal as a value."""
    try:
        return read_or_raise(source, capture, now=now)
    except RejectedError as refused:
        return refused


def digest(source: Source, capture: Capture) -> str:
    """A short sign of everything that becomes of a body: equal in every process."""
    said = read_or_refusal(source, capture)
    if isinstance(said, RejectedError):
        return said.code
    made = [one.made.item.model_dump_json() if one.made else repr(one.rejected) for one in said.outcomes]
    return hashlib.sha256(repr((said.split, made)).encode("utf-8", "surrogatepass")).hexdigest()


def secrets_of(value: Any) -> Iterator[str]:
    """The texts of all secrets in a connector's settings."""
    if isinstance(value, SecretStr):
        yield value.get_secret_value()
    elif isinstance(value, BaseModel):
        for name in type(value).model_fields:
            yield from secrets_of(getattr(value, name))
    elif isinstance(value, (tuple, list)):
        for one in value:
            yield from secrets_of(one)
