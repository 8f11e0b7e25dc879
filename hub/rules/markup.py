"""What contributors type, as HTML: a few signs that people know from messages, and nothing that could do harm.

    blank line            a new paragraph              **so**            strong
    ## so, ### so         headings                     *so*              emphasis
    - so                  a list; 1. so: numbered      [so](https://…)   a link
    > so                  a quotation                  [ảnh 2]           a photo, alone on its line

Everything else is text, whatever it looks like. Photos that the text does not place follow it, in their order.
"""

import html
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import groupby
from typing import Final

from connectors.parse.html import clean
from connectors.parse.text import clean_text, fold
from connectors.parse.url import web_url

#: Characters of a text that is read; a contribution is an article, not a book.
LIMIT: Final = 200_000

_PHOTO: Final = re.compile(r"\[(?:anh|photo) (\d{1,3})\]")
_HEADING: Final = re.compile(r"(#{2,3}) +(.+)")
_BULLET: Final = re.compile(r"[-*•] +(.+)")
_NUMBER: Final = re.compile(r"\d{1,3}[.)] +(.+)")
_QUOTE: Final = re.compile(r"> ?(.*)")
_LINK: Final = re.compile(r"\[([^\[\]]{1,500})\]\(([^()\s]{1,2000})\)")
_STRONG: Final = re.compile(r"\*\*(?=\S)([^*]{1,2000})(?<=\S)\*\*")
_SOFT: Final = re.compile(r"(?<![\w*])\*(?=\S)([^*]{1,2000})(?<=\S)\*(?![\w*])")


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """A photo that the text may place."""

    url: str
    alt: str
    width: int
    height: int


def to_html(text: str, photos: Mapping[int, Picture]) -> str:
    """The text as sanitised HTML; a photo that is named twice is shown once."""
    left = dict(photos)
    made = [_block(kind, [line for _, line in lines], left) for kind, lines in _blocks(text[:LIMIT])]
    made += [_figure(photo) for photo in left.values()]
    return clean("\n".join(each for each in made if each))


def _blocks(text: str) -> Iterator[tuple[str, list[tuple[str, str]]]]:
    """Neighbouring lines of one kind; a blank line ends a block."""
    lines = [(_kind(line), line) for line in map(clean_text, text.splitlines())]
    for kind, group in groupby(lines, key=lambda one: one[0]):
        if kind in ("heading", "photo"):
            yield from ((kind, [one]) for one in group)
        elif kind:
            yield kind, list(group)


def _kind(line: str) -> str:
    if not line:
        return ""
    if _PHOTO.fullmatch(fold(line)):
        return "photo"
    for kind, form in (("heading", _HEADING), ("bullet", _BULLET), ("number", _NUMBER), ("quote", _QUOTE)):
        if form.fullmatch(line):
            return kind
    return "text"


def _block(kind: str, lines: list[str], photos: dict[int, Picture]) -> str:
    match kind:
        case "photo":
            found = _PHOTO.fullmatch(fold(lines[0]))
            photo = photos.pop(int(found[1]), None) if found else None
            return _figure(photo) if photo else ""
        case "heading":
            signs, words = _parts(_HEADING, lines[0])
            return f"<h{len(signs)}>{_inline(words)}</h{len(signs)}>"
        case "bullet" | "number":
            form, tag = (_BULLET, "ul") if kind == "bullet" else (_NUMBER, "ol")
            return f"<{tag}>{''.join(f'<li>{_inline(_parts(form, line)[0])}</li>' for line in lines)}</{tag}>"
        case "quote":
            return f"<blockquote><p>{'<br>'.join(_inline(_parts(_QUOTE, line)[0]) for line in lines)}</p></blockquote>"
    return f"<p>{'<br>'.join(map(_inline, lines))}</p>"


def _parts(form: re.Pattern[str], line: str) -> tuple[str, ...]:
    found = form.fullmatch(line)
    return found.groups() if found else ("", line)


def _inline(text: str) -> str:
    pieces, end = [], 0
    for found in _LINK.finditer(text):
        address = web_url(found[2])
        pieces.append(_marked(text[end : found.start()]))
        label = _marked(found[1])
        pieces.append(f'<a href="{html.escape(address)}">{label}</a>' if address else label)
        end = found.end()
    return "".join([*pieces, _marked(text[end:])])


def _marked(text: str) -> str:
    escaped = html.escape(text, quote=False)
    return _SOFT.sub(r"<em>\1</em>", _STRONG.sub(r"<strong>\1</strong>", escaped))


def _figure(photo: Picture) -> str:
    alt = html.escape(photo.alt)
    image = f'<img src="{html.escape(photo.url)}" alt="{alt}" width="{photo.width}" height="{photo.height}">'
    return f"<figure>{image}<figcaption>{html.escape(photo.alt, quote=False)}</figcaption></figure>"
