"""From the hostile fields of an entry to what may be stored: the only way out of connectors/parse/entry.py.

HTML goes through html.clean, everything else through plain or clean_text, every address through url.web_url.
"""

import re
from html import escape
from typing import Final
from unicodedata import normalize
from urllib.parse import unquote

from connectors.parse.entry import Entry, Person, Text
from connectors.parse.html import clean, plain
from connectors.parse.text import clean_text

# Elements whose content a reader is meant to see where the element itself is refused; most others have another letter.
_WRAPPERS = re.compile(
    r"</?(?=[aimos])(?:iframe|object|applet|math|mrow|mi|mo|mn|ms|mtext|mfrac|msqrt|mroot|msub|msup|msubsup|munder|mover|munderover"
    r"|mtable|mtr|mtd|mfenced|mstyle|mspace|semantics)(?=[\s/>])[^<>]{0,4000}>",
    re.IGNORECASE,
)
# A drawing's title is its text for those who cannot see it; the drawing itself is refused.
_DRAWING = re.compile(r"<svg(?=[\s/>])[^<>]{0,4000}>\s{0,100}<title>([^<]{0,300})</title>", re.IGNORECASE)
# Direction overrides and isolates, written as themselves or as references: unbalanced, they turn the page around them.
_DIRECTION = re.compile(
    "[\u202a-\u202e\u2066-\u2069]|&#(?:x0{0,6}20(?:2[a-e]|6[6-9])|0{0,6}(?:823[4-8]|829[4-7]));?", re.IGNORECASE
)
_DIRECTION_MARKS: Final = "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
# `<!` that opens neither a comment nor a declaration: a text that a parser of HTML would drop.
_NO_DECLARATION = re.compile(r"<!(?![-\[a-zA-Z])")
_LENGTH_LIMIT: Final = 15


def as_html(text: Text | None) -> str:
    """A text as sanitised HTML with absolute links; a text that is no HTML comes out escaped,
    its lines as lines."""
    if text is None:
        return ""
    if not text.html:
        lines = (clean_text(line) for line in text.value.splitlines())
        return "<br>".join(escape(line, quote=False) for line in lines if line)
    # Before the sanitiser: a mark behind `<` makes another sign of it.
    value = normalize("NFC", text.value)
    if "&#" in value or any(map(value.__contains__, _DIRECTION_MARKS)):
        value = _DIRECTION.sub("", value)
    return clean(_unwrapped(value), text.base)


def as_plain(text: Text | None) -> str:
    """A text on one line without markup."""
    if text is None:
        return ""
    return plain(_unwrapped(text.value)) if text.html else clean_text(text.value)


def title_of(entry: Entry) -> Text | None:
    """The title; an entry that consists of a file is called as the file is."""
    if "title" in entry or "summary" in entry or "content" in entry or not entry.get("enclosures"):
        return entry.get("title")
    name = unquote(entry["enclosures"][0].href.partition("?")[0].rpartition("/")[2])
    return Text(name.rpartition(".")[0] or name, False)


def has_markup(text: Text | None) -> bool:
    """Whether a text says more than its plain form."""
    return text is not None and text.html and re.search(r"<[a-zA-Z]", text.value) is not None


def byte_length(text: str) -> int | None:
    """Bytes of a file as declared; what is no plausible number is no statement."""
    digits = text.strip()
    return int(digits) if digits.isascii() and digits.isdigit() and len(digits) <= _LENGTH_LIMIT else None


def name_of(one: Person) -> str:
    """A person's name on one line."""
    return plain(one.name)


def _unwrapped(html: str) -> str:
    """Take away tags that would take the text inside along: what stands in a frame or an object is for those who do
    not show it, and in feeds the end tag is often missing, so that the rest of the article would be lost with it.
    The sanitiser comes after this and has the last word.
    """
    html = _WRAPPERS.sub("", _DRAWING.sub(r"\1", html))
    return _with_loose_ends(html) if "<!" in html else html


def _with_loose_ends(html: str) -> str:
    """Keep the text behind a `<!` that is never closed, as far as it can be told from what was meant to be hidden.

    Word hides its settings in `<!--[if gte mso 9]>`, and summaries are cut off inside: that rest stays hidden.
    """
    html = _NO_DECLARATION.sub("&lt;!", html)
    last = html.rfind("<!")
    if html.startswith("<!--", last):
        if "-->" not in html[last:] and not html.startswith("<!--[if", last):
            return html[:last] + html[last:].partition(">")[2]
    elif last >= 0 and ">" not in html[last:]:
        return f"{html[:last]}&lt;{html[last + 1 :]}"
    return html
