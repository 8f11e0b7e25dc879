"""Who wrote an article, and from where it was taken: labelled lines, bylines, and the signature below the text."""

import re
from collections.abc import Sequence
from typing import Final

from connectors.parse.entry import Person
from connectors.parse.feeds.people import distinct, person
from connectors.parse.pages.boilerplate import named
from connectors.parse.pages.metadata import Claims
from connectors.parse.pages.textblocks import Block
from connectors.parse.pages.tree import Element
from connectors.parse.text import fold
from connectors.parse.url import host_of

_AUTHOR: Final = re.compile(
    r"(?:tác\s+giả|người\s+(?:viết|đăng|gửi)|bài\s+(?:và\s+ảnh|viết)?|tin\s*,?\s*(?:và\s+)?(?:bài|ảnh)(?:\s*,\s*ảnh)?|tin|thực\s+hiện"
    r"|biên\s+tập|được\s+(?:đăng|viết)\s+bởi|đăng\s+bởi|author|written\s+by|posted\s+by)\s*:?\s*(?=\S)",
    re.IGNORECASE,
)
_WRITTEN_BY: Final = re.compile(r"(?:được\s+)?(?:đăng|viết)\s+bởi|(?:written|posted)\s+by", re.IGNORECASE)
_SOURCE: Final = re.compile(r"(?:theo\s+)?nguồn(?:\s+tin)?\s*:\s*(?=\S)|(?:source)\s*:\s*(?=\S)", re.IGNORECASE)
_BY: Final = re.compile(r"^(?:by|par|von|por)\s+(?=\S)", re.IGNORECASE)
_CLASS: Final = re.compile(
    r"(?<![a-z])(?:author(?:-?name)?|byline(?:-?name)?|tac-?gia|nguoi-?(?:viet|dang))(?![a-z])", re.IGNORECASE
)
#: Where a name ends on a line that says more.
_END: Final = re.compile(
    r"\s*(?:[|•·;]|\s[-–—]\s|\(|ngày\s|vào\s|lúc\s|lượt\s|nguồn\s*:|cập\s+nhật|\d{1,2}[/:h.]\d|\d{4}|$)",
    re.IGNORECASE,
)
_NO_NAME: Final = re.compile(r"[0-9@<>{}]|https?:|www\.|^(?:ảnh|foto|photo|image|video|đồ hoạ)\b", re.IGNORECASE)
_NOBODY: Final = frozenset({
    "admin", "administrator", "quan tri", "quan tri vien", "super user", "superuser", "user", "host", "sysadmin",
})  # fmt: skip
#: Words of a name at most, and characters of a line that holds one.
_WORDS: Final = 8
_LINE: Final = 120
#: Lines below and above the text that are looked at.
_NEAR: Final = 12
_RIGHT: Final = re.compile(r"text-align\s*:\s*right", re.IGNORECASE)


def find_people(blocks: list[Block], body: Sequence[Element], claims: Claims, url: str) -> tuple[list[Person], str]:
    """Authors, and the source that the page names (`Nguồn: ...`), which stands for them where there are none."""
    inside = {one for node in body for one in node.iter()}
    places = [number for number, block in enumerate(blocks) if block.element in inside]
    first, last = (places[0], places[-1]) if places else (0, -1)
    around = blocks[max(0, first - _NEAR) : first + _NEAR] + blocks[max(first + _NEAR, last - 3) : last + 5]
    near = [block for block in around if len(block.text) <= _LINE and not _is_quoted(block.element)]
    names = (
        _labelled(near, _AUTHOR)
        or _claimed(claims.people, claims.site, url)
        or _of_class(near)
        or _signature([blocks[number] for number in places[-3:]])
        or _claimed(claims.authors, claims.site, url)
    )
    sources = _labelled(near, _SOURCE)
    people = distinct(person(name) for name in names or sources)
    return people, sources[0] if sources else ""


def _claimed(names: Sequence[str], site: str, url: str) -> list[str]:
    return [_BY.sub("", name, count=1) for name in names if not _is_site(name, site, url)]


def _labelled(blocks: Sequence[Block], label: re.Pattern[str]) -> list[str]:
    for block in blocks:
        found = label.match(block.text) or re.search(rf"(?<=[|•\s])(?:{label.pattern})", block.text, label.flags)
        if found is None or (label is _AUTHOR and ":" not in found[0] and not _WRITTEN_BY.match(found[0])):
            continue
        rest = block.text[found.end() :]
        end = _END.search(rest)
        name = rest[: end.start() if end else None].strip(" ,.;:-–—")
        if name and len(name) <= _LINE and _is_somebody(name):
            return [name]
    return []


def _of_class(blocks: Sequence[Block]) -> list[str]:
    """Elements that call themselves author, in or around the lines near the text."""
    for block in blocks:
        for one in (block.element, *block.element.iter("a", "span", "strong", "em")):
            if _CLASS.search(named(one)) or one.get("rel") == "author" or one.get("itemprop") == "author":
                name = " ".join("".join(one.itertext()).split())
                name = _BY.sub("", name, count=1)
                end = _END.search(name)
                name = name[: end.start() if end else None].strip(" ,.;:-–—")
                if _is_name(name):
                    return [name]
    return []


def _signature(last: Sequence[Block]) -> list[str]:
    """A name alone on the last line, set to the right or in bold, as Vietnamese newspapers sign."""
    for block in reversed(last):
        one = block.element
        to_the_right = _RIGHT.search(one.get("style", "")) or one.get("align", "").lower() == "right"
        if to_the_right and _is_name(block.text) and block.text[-1] not in ".!?…":
            return [block.text]
    return []


def _is_quoted(one: Element) -> bool:
    """Whether a line names the person who is quoted, not the one who wrote."""
    around = [one, *list(one.iterancestors())[:3]]
    return any(above.tag in ("blockquote", "q") or "quote" in named(above).lower() for above in around)


def _is_somebody(name: str) -> bool:
    return fold(name) not in _NOBODY and not _NO_NAME.search(name)


def _is_name(name: str) -> bool:
    words = name.split()
    upper = sum(word[:1].isupper() for word in words)
    return 1 <= len(words) <= _WORDS and 2 * upper >= len(words) and len(name) > 2 and _is_somebody(name)


def _is_site(name: str, site: str, url: str) -> bool:
    plain = fold(name).replace(" ", "")
    return not _is_somebody(name) or plain == fold(site).replace(" ", "") or plain in host_of(url)
