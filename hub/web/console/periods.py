"""The days that a page is asked about: by a word (2026-Q2) or by two days; and the periods that one press chooses."""

from dataclasses import dataclass
from datetime import date

from aiohttp import web

from hub.rules.duties import Every
from hub.rules.periods import BadPeriodError, Span, just_over, span, stretch
from hub.web.console.asking import word
from hub.web.console.forms import Form
from hub.web.site import SITE


@dataclass(frozen=True, slots=True)
class Asked:
    """A period, or why there is none: then `span` is the one that is shown instead."""

    span: Span
    problem: str = ""


def today(request: web.Request) -> date:
    """The day in the hub's zone."""
    engine = request.app[SITE].engine
    return engine.store.now().astimezone(engine.zone).date()


def asked(request: web.Request) -> Asked:
    """What the address asks for; this month where it says nothing."""
    usual = stretch(Every.MONTH, today(request))
    try:
        return Asked(_read(word(request, "period"), word(request, "first"), word(request, "last")) or usual)
    except BadPeriodError as error:
        return Asked(usual, error.sentence)


def of_form(form: Form) -> Span:
    """What a form asks for. Raises BadPeriodError."""
    return _read(form.text("period"), form.text("first"), form.text("last")) or span("")


def presets(day: date) -> list[Span]:
    """This month, quarter, half-year and year, and those before; each once."""
    every = (Every.MONTH, Every.QUARTER, Every.HALF_YEAR, Every.YEAR)
    both = [each for kind in every for each in (stretch(kind, day), just_over(kind, day))]
    return list(dict.fromkeys(both))


def _read(named: str, first: str, last: str) -> Span | None:
    """Two days win over a word: whoever chose a period and then typed days means the days."""
    if first or last:
        return span(f"{first or last}..{last or first}")
    return span(named) if named else None
