"""The table [[digest]] of settings.toml: who hears of what by mail, and when."""

from collections.abc import Sequence
from datetime import time
from typing import Annotated, Final

from pydantic import BeforeValidator, Field, field_validator

from connectors.fields import Allowed
from hub.rules.digests import Digest, Weekday
from hub.settings.sections import Section
from hub.settings.values import MailAddress, Name, OneLine
from schemas.item import Kind

_DAILY: Final = tuple(Weekday)
_WORDS: Final = {"daily": _DAILY, "weekly": (Weekday.MON,)}


def _days(value: object) -> tuple[Weekday, ...]:
    if isinstance(value, str) and value in _WORDS:
        return _WORDS[value]
    names = {day.name.lower(): day for day in Weekday}
    if not isinstance(value, list | tuple) or not value or any(day not in names for day in value):
        raise ValueError("not days")
    return tuple(sorted({names[day] for day in value}))


def _written(days: Sequence[Weekday]) -> str:
    return "daily" if tuple(days) == _DAILY else ", ".join(day.name.lower() for day in days)


Days = Annotated[
    tuple[Weekday, ...],
    BeforeValidator(_days),
    Allowed('"daily", "weekly" (on Mondays), or a list of "mon", "tue", "wed", "thu", "fri", "sat", "sun"', _written),
]


class DigestSettings(Section):
    """A mail per topic and day with what became public."""

    name: Name = Field(description="its name in the hub; a new name tells everything anew, so never change it")
    title: OneLine = Field(min_length=1, max_length=150, description="heading and subject of the mails")
    to: tuple[MailAddress, ...] = Field(
        min_length=1, max_length=500, description="who gets it: one mail each, nobody sees the others"
    )
    kinds: tuple[Kind, ...] = Field(default=(), description="kinds of items; left out: all")
    members: tuple[str, ...] = Field(
        default=(), description="codes of members; * and ? stand for any letters; left out: all"
    )
    tags: tuple[str, ...] = Field(
        default=(), description="tags, one of which the item has; * and ? stand for any letters; left out: all"
    )
    at: time = Field(default=time(7), description="from which time of the day it is made, in the hub's zone")
    days: Days = Field(default=_DAILY, description="on which days it is made; it tells of all since the one before")
    at_most: int = Field(default=50, ge=1, le=500, description="items that are listed; of more, the number is told")
    only_major: bool = Field(
        default=True, description="false: small corrections of items that were public before are told too"
    )
    enabled: bool = Field(default=True, description="false: it is not made")

    @field_validator("to")
    @classmethod
    def _each_once(cls, to: tuple[str, ...]) -> tuple[str, ...]:
        if len({one.lower() for one in to}) < len(to):
            raise ValueError("each address once")
        return to

    @field_validator("at")
    @classmethod
    def _in_our_zone(cls, at: time) -> time:
        if at.tzinfo is not None:
            raise ValueError('a time of day like "07:00", without a zone')
        return at

    @property
    def in_force(self) -> Digest:
        """The digest as the rules take it."""
        return Digest(
            name=self.name, title=self.title, to=self.to, at=self.at, days=frozenset(self.days), kinds=self.kinds,
            members=self.members, tags=self.tags, at_most=self.at_most, only_major=self.only_major,
        )  # fmt: skip
