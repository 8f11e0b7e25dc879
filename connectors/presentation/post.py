"""The text of a post: what a template may name of an item, and how all of it is made to fit."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final
from zoneinfo import ZoneInfo

from markupsafe import Markup

from connectors.errors import Fault, RejectedError
from connectors.parse.html import clean
from connectors.parse.text import clean_text
from connectors.presentation.template import TOO_LONG, Template
from connectors.presentation.text import Units, fit, length, plain_lines
from schemas.edition import PublishedItem

#: What `summary` holds of the text where an item has no summary, in characters.
EXCERPT: Final = 300
#: A title is not cut below this many characters: what is left would say nothing.
LEAST_TITLE: Final = 20

_VIETNAM: Final = ZoneInfo("Asia/Ho_Chi_Minh")


def values_of(item: PublishedItem, *, link: str, hashtags: Sequence[str] = (), html: bool = False) -> dict[str, Any]:
    """What a template may name, of one item. All are texts, `hashtags` but a list; what an item lacks is empty."""
    details, text = item.details, plain_lines(item.content_html)
    document_type, issuer = details.get("document_type"), details.get("issuer")
    return {
        "title": clean_text(item.title),
        "summary": clean_text(item.summary) or fit(clean_text(text), EXCERPT),
        "text": text,
        "content": Markup(clean(item.content_html)) if html else text,
        "agency": clean_text(item.member_name) or item.member,
        "link": link,
        "kind": item.kind.value,
        "published": item.published.astimezone(_VIETNAM).strftime("%d/%m/%Y") if item.published else "",
        "hashtags": tuple(hashtags),
        "document_type": _line(document_type.get("name")) if isinstance(document_type, dict) else "",
        "number": _line(details.get("number")),
        "issuer": _line(issuer.get("name")) if isinstance(issuer, dict) else "",
        "issued": _day(details.get("issued")),
        "code": _line(details.get("code")),
        "decision": _line(details.get("decision")),
    }


def _line(value: object) -> str:
    return clean_text(value) if isinstance(value, str) else ""


def _day(value: object) -> str:
    try:
        return date.fromisoformat(value).strftime("%d/%m/%Y") if isinstance(value, str) else ""
    except ValueError:
        return ""


#: What is cut to make a post fit, in this order.
_CUT_FIRST: Final = ("text", "content", "summary", "hashtags", "title")


@dataclass(frozen=True, slots=True)
class Written:
    """A post's text."""

    text: str
    cut: tuple[str, ...] = ()  #: names of the values that were shortened or left out, in order


def write(template: Template, values: Mapping[str, Any], limit: int, units: Units = Units.CHARACTERS) -> Written:
    """The text of a post within `limit`: text and summary are cut first, then hashtags go, the title is cut last.

    Agency, link and the template's own words are never cut. Raises RejectedError(code="post_too_long") when they and
    the beginning of the title do not fit.
    """
    values, cut = dict(values), []
    shown = template.render(values)
    for name in _CUT_FIRST:
        if length(shown, units) <= limit:
            break
        # Markup is never cut: half of an element would be left.
        if name in template.names and values[name] and not isinstance(values[name], Markup):
            shown = _shorten(template, values, name, limit, units)
            cut.append(name)
    if length(shown, units) > limit:
        raise RejectedError(
            f"longer than {limit} even with its title cut", code="post_too_long", fault=Fault.HUB, sentence=TOO_LONG
        )
    return Written(shown, tuple(cut))


def _shorten(template: Template, values: dict[str, Any], name: str, limit: int, units: Units) -> str:
    """Shorten one of the values until all fits, or as far as it may be; gives the text then."""
    whole = values[name]
    if name == "hashtags":
        steps: Iterator[Any] = (whole[:count] for count in range(len(whole) - 1, -1, -1))
        return _first_that_fits(template, values, name, steps, limit, units)
    return _first_that_fits(template, values, name, _shorter(template, values, name, limit, units), limit, units)


def _shorter(template: Template, values: Mapping[str, Any], name: str, limit: int, units: Units) -> Iterator[str]:
    """Ever shorter beginnings of a value; the first is as much shorter as the text is too long."""
    whole: str = values[name]
    least, room = LEAST_TITLE if name == "title" else 0, length(whole, units)
    while room > least:
        over = length(template.render(values), units) - limit
        room = max(room - over, least)
        # A word or two of a summary say nothing.
        yield fit(whole, room, units) if name == "title" or room >= LEAST_TITLE else ""


def _first_that_fits(
    template: Template, values: dict[str, Any], name: str, steps: Iterator[Any], limit: int, units: Units
) -> str:
    shown = template.render(values)
    for step in steps:
        values[name] = step
        shown = template.render(values)
        if length(shown, units) <= limit:
            break
    return shown
