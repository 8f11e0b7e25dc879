"""What did a source say of one item, in its own words? The passage of a capture as text, beside the cleaned one."""

import json
import re
from typing import Final

from hub.rules.textdiff import paragraphs

#: Characters of a body that are looked through, and of a passage that are shown.
BODY_LIMIT: Final = 4_000_000
LIMIT: Final = 20_000
#: Where an entry of a feed in XML begins and ends.
_ENTRIES: Final = (("<item", "</item>"), ("<entry", "</entry>"))
#: Characters around the name of an item where no entry can be made out.
_AROUND: Final = 2_000
#: Characters from which on a name may have been cut.
_CUT: Final = 80


def passage(body: str, names: tuple[str, ...], *, page: bool) -> str:
    """What `body` says of the item that it names by one of `names` (guid, address); empty when it names none.

    `page` tells that the whole body is about the item: its own page.
    """
    body = body[:BODY_LIMIT]
    if page:
        return paragraphs(body)[:LIMIT]
    if body[:200].lstrip("\ufeff \t\r\n")[:1] in ("{", "["):
        return _read_json(body, names)
    # The longest name first, and only whole: a guid like «5» stands in half of all entries, and in those of others.
    tried = (_named(body, name) for name in sorted(filter(None, names), key=len, reverse=True))
    found = next(filter(None, tried), None)
    return _read(_entry(body, found.start()))[:LIMIT] if found else ""


def _named(body: str, name: str) -> re.Match[str] | None:
    end = r"(?!\w)" if len(name) < _CUT else ""  # a title that was cut may end in the middle of a word
    return re.search(rf"(?<!\w){re.escape(name)}{end}", body)


def _read_json(body: str, names: tuple[str, ...]) -> str:
    """The texts of the innermost object that has one of the names as a value; a document that is no JSON gives none."""
    try:
        waiting = [json.loads(body)]
    except (ValueError, RecursionError):
        return ""
    while waiting:
        value = waiting.pop()
        inside = list(value.values()) if isinstance(value, dict) else value if isinstance(value, list) else []
        if isinstance(value, dict) and any(one in names for one in inside if isinstance(one, str) and one):
            texts = (paragraphs(str(one)) for one in inside if isinstance(one, str | int | float))
            return "\n".join(text for text in texts if text)[:LIMIT]
        waiting += inside[::-1]
    return ""


def _entry(body: str, place: int) -> str:
    for begin, end in _ENTRIES:
        first = body.rfind(begin, 0, place)
        last = body.find(end, place)
        if first >= 0 and last >= 0:
            return body[first : min(last, first + 10 * LIMIT)]
    return body[max(place - _AROUND, 0) : place + _AROUND]


def _read(entry: str) -> str:
    """Text of an entry: what stands in it as escaped or quoted markup is markup too. HTML hides a title, a feed not."""
    shown = entry.replace("<![CDATA[", "\n").replace("]]>", "\n").replace("&lt;", "<").replace("&gt;", ">")
    shown = shown.replace("&amp;", "&").replace("<title", "<p").replace("</title", "</p")
    return paragraphs(shown.replace("><", ">\n<").replace("\n", "<br>"))
