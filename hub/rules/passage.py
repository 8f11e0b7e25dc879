"""What did a source say of one item, in its own words? The passage of a capture as text, beside the cleaned one."""

from typing import Final

from hub.rules.textdiff import paragraphs

#: Characters of a body that are looked through, and of a passage that are shown.
BODY_LIMIT: Final = 4_000_000
LIMIT: Final = 20_000
#: Where an entry of a feed begins and ends; a list in JSON has nothing so plain.
_ENTRIES: Final = (("<item", "</item>"), ("<entry", "</entry>"))
#: Characters around the name of an item where no entry can be made out.
_AROUND: Final = 2_000


def passage(body: str, names: tuple[str, ...], *, page: bool) -> str:
    """What `body` says of the item that it names by one of `names` (guid, address); empty when it names none.

    `page` tells that the whole body is about the item: its own page.
    """
    body = body[:BODY_LIMIT]
    if page:
        return paragraphs(body)[:LIMIT]
    place = next((found for name in names if name and (found := body.find(name)) >= 0), -1)
    if place < 0:
        return ""
    return _read(_entry(body, place))[:LIMIT]


def _entry(body: str, place: int) -> str:
    for begin, end in _ENTRIES:
        first = body.rfind(begin, 0, place)
        last = body.find(end, place)
        if first >= 0 and last >= 0:
            return body[first : min(last, first + 10 * LIMIT)]
    return body[max(place - _AROUND, 0) : place + _AROUND]


def _read(entry: str) -> str:
    """Text of an entry: what stands in it as escaped or quoted markup is markup too."""
    shown = entry.replace("<![CDATA[", "\n").replace("]]>", "\n").replace("&lt;", "<").replace("&gt;", ">")
    return paragraphs(shown.replace("><", ">\n<").replace("\n", "<br>"))
