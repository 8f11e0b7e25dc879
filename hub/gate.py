"""The last gate: what leaves under the province's name is cleaned once more, by the rules in force today.

It was clean when it was stored. Which release of the sanitiser was in force then, and which connector of a third party
brought it, must not decide what readers' browsers get (docs/adr/007). What these rules once left as it was they leave
as it is: each text is cleaned once in a process, not for each reader.
"""

import hashlib
import threading
from collections import OrderedDict
from typing import Final

from pydantic import JsonValue

from connectors.parse.html import clean
from connectors.parse.url import web_url
from schemas.edition import PublishedItem
from schemas.item import Attachment

#: Texts that are remembered by their digests: two megabytes of them.
REMEMBERED: Final = 20_000
_left_alone: OrderedDict[bytes, None] = OrderedDict()
_turn = threading.Lock()  # answers are written beside the loop, several at once


def _cleaned(text: str) -> str:
    """The text, clean; what cleaning left as it was is known by its digest from then on."""
    digest = hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()
    with _turn:
        if digest in _left_alone:
            _left_alone.move_to_end(digest)
            return text
    found = clean(text)
    if found == text:
        with _turn:
            _left_alone[digest] = None
            if len(_left_alone) > REMEMBERED:
                _left_alone.popitem(last=False)
    return found


def outgoing(item: PublishedItem) -> PublishedItem:
    """`item` with sanitised HTML, and with only such addresses as pass the gate; files without one are left out."""
    return item.model_copy(
        update={
            "content_html": _cleaned(item.content_html) if item.content_html else "",
            "url": web_url(item.url),
            "image": web_url(item.image),
            "authors": tuple(one.model_copy(update={"url": web_url(one.url)}) for one in item.authors),
            "attachments": tuple(
                Attachment(url=url, type=file.type, length=file.length, title=file.title)
                for file in item.attachments
                if (url := web_url(file.url))
            ),
            "details": {name: _passed(name, value) for name, value in item.details.items()},
        }
    )


def _passed(name: str, value: JsonValue) -> JsonValue:
    """A value of the details: the names of fields tell which are addresses and HTML, as a test makes sure."""
    match value:
        case dict():
            return {key: _passed(key, one) for key, one in value.items()}
        case list():
            return [_passed(name, one) for one in value]
        case str() if name == "url" or name.endswith("_url"):
            return web_url(value)
        case str() if name.endswith("_html"):
            return _cleaned(value)
    return value
