"""The table [[duty]] of settings.toml: which members owe which category, how often or how soon, and by which rule."""

from datetime import date
from typing import Annotated, Self

from pydantic import Field, model_validator

from hub.rules.duties import Every
from hub.settings.entries import MemberKind
from hub.settings.sections import Section
from hub.settings.values import Code, Name, OneLine, WebAddressOrNothing

CategoryCode = Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]{0,62}$")]


class DutySettings(Section):
    """What members owe; whoever is in force for a whole stretch owes it."""

    name: Name = Field(description="its name in the hub; reminders remember it, so never change it")
    category: CategoryCode = Field(description="code of a category, `hub count --categories` lists them")
    members: tuple[Code, ...] = Field(default=(), description="members that owe it")
    kinds: tuple[MemberKind, ...] = Field(
        default=(), description="every member of these levels owes it too; without `members` and `kinds` all do"
    )
    every: Every | None = Field(
        default=None, description="the stretch in which something has to come, by the calendar; left out: no rhythm"
    )
    at_least: int = Field(default=1, ge=1, le=10_000, description="so many in each stretch")
    within: int | None = Field(
        default=None, ge=0, le=1_000,
        description="working days after signature, or else after publication at the member, until it has to be public",
    )  # fmt: skip
    rule: OneLine = Field(default="", max_length=500, description="number and day of the document that asks for it")
    rule_url: WebAddressOrNothing = Field(default="", description="where that document can be read")
    since: date | None = Field(default=None, description="first day on which it is owed")
    until: date | None = Field(default=None, description="last day on which it is owed")
    confirmed: bool = Field(
        default=False,
        description="the board has confirmed rule and limits; what is not is marked so wherever it is shown",
    )

    @model_validator(mode="after")
    def _asks_for_something(self) -> Self:
        if self.every is None and self.within is None:
            raise ValueError("`every` or `within`: how often, or how soon")
        if self.since and self.until and self.until < self.since:
            raise ValueError("`until` must not lie before `since`")
        return self
