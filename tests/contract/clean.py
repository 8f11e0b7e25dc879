"""What a clean item is: texts that deceive nobody, addresses of the web only, HTML without anything that acts."""

import re
import unicodedata

from lxml import html
from pydantic import ValidationError
from pydantic_core import PydanticSerializationError

from schemas.item import ITEM, ItemBase

_LINE_BREAKS = "\n"
#: Characters that turn the direction of reading around.
_TURNING = re.compile("[\u202a-\u202e\u2066-\u2069]")
_ACTING = frozenset(
    {"script", "style", "iframe", "object", "embed", "form", "input", "button", "link", "meta", "base", "svg"}
)
_ADDRESS = re.compile(r"https?://[^\s<>\"\\]+", re.IGNORECASE)
_LINK = re.compile(r"(?:https?://[^\s/<>\"\\]|mailto:|tel:)", re.IGNORECASE)


def assert_clean(item: ItemBase) -> None:
    """Raises AssertionError that names the field."""
    try:
        assert ITEM.validate_json(item.model_dump_json()) == item, "an item is what its JSON says"
    except (ValidationError, PydanticSerializationError) as error:
        raise AssertionError(f"an item is not valid by its schema: {error}") from error
    texts = {"title": item.title, "summary": item.summary, "guid": item.guid, "language": item.language}
    texts |= {f"tags {place}": tag for place, tag in enumerate(item.tags)}
    for place, author in enumerate(item.authors):
        texts |= {f"author {place}": author.name, f"e-mail {place}": author.email}
    texts |= {f"file {place}": file.title for place, file in enumerate(item.attachments)}
    for name, text in texts.items():
        _assert_plain(name, text)
    addresses = [("url", item.url), ("image", item.image)]
    addresses += [("author", one.url) for one in item.authors] + [("attachment", one.url) for one in item.attachments]
    for name, address in addresses:
        assert not address or _ADDRESS.fullmatch(address), f"{name} is an absolute address of the web, or empty"
    _assert_harmless(item.content_html)


def _assert_plain(name: str, text: str) -> None:
    bad = {one for one in text if unicodedata.category(one) in ("Cc", "Cs") and one not in _LINE_BREAKS}
    assert not bad, f"{name} holds control characters or half characters: {sorted(map(ascii, bad))}"
    assert not _TURNING.search(text), f"{name} turns the direction of reading"
    assert unicodedata.is_normalized("NFC", text), f"{name} is not NFC"


def _assert_harmless(content: str) -> None:
    bad = {one for one in content if (one < " " and one not in "\n\t") or unicodedata.category(one) == "Cs"}
    assert not bad, f"content_html holds what XML cannot carry: {sorted(map(ascii, bad))}"
    assert not _TURNING.search(content), "content_html turns the direction of reading"
    assert unicodedata.is_normalized("NFC", content), "content_html is not NFC"
    if not content.strip():
        return
    for element in html.fragment_fromstring(content, create_parent="div").iter():
        assert isinstance(element.tag, str), "content_html holds comments"
        assert element.tag not in _ACTING, f"content_html holds <{element.tag}>"
        for name, value in element.attrib.items():
            assert not name.startswith("on"), f"content_html holds {name}"
            assert name != "style", "content_html holds style"
            if name in ("href", "src", "cite", "poster", "srcset"):
                assert _LINK.match(value), f"{name} in content_html is not absolute, or not of the web"
