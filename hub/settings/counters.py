"""The table [[counter]] of settings.toml: a counter of visits that stands on a page, read once in a while."""

from typing import Final

from pydantic import Field, field_validator

from connectors.fields import WebAddress
from connectors.parse.selectors import CssOrXPath
from hub.settings.sections import Section
from hub.settings.values import Code, Duration, Name

#: Seconds between two readings at least: a page is no clock.
LEAST: Final = 600


class CounterSettings(Section):
    """A number on a page that only grows; the difference of two readings is the visits between them."""

    name: Name = Field(description="the site in the hub's numbers of visits, so never change it")
    url: WebAddress = Field(description="the page; its robots.txt is respected")
    selector: CssOrXPath = Field(description="where the number stands on it")
    member: Code | None = Field(default=None, description="code of the member whose site it is; left out: the portal")
    every: Duration = Field(
        default=86_400.0, description="between two readings, from midnight on: a day's visits need a reading a day"
    )
    enabled: bool = Field(default=True, description="false: it is not read")

    @field_validator("every")
    @classmethod
    def _leaves_the_page_alone(cls, every: float) -> float:
        if every < LEAST:
            raise ValueError(f"at least {LEAST} s")
        return every
