"""The one HTML sanitiser of the product, and the way from HTML to plain text."""

import html as entities
import re
import threading
from typing import Final

import nh3

from connectors.parse.markup import Tags, bounded, is_settled, is_small, unescape
from connectors.parse.text import clean_text
from connectors.parse.url import web_url

#: Longest fragment that is read, in characters; the rest is cut off.
HTML_LIMIT = 2_000_000

_ALLOWED = (
    "a abbr address article aside b bdi bdo big blockquote br caption center cite code col colgroup dd del details dfn "
    "div dl dt em figcaption figure footer h1 h2 h3 h4 h5 h6 header hr i img ins kbd li main mark nav ol p pre q rp rt "
    "ruby s samp section small span strike strong sub summary sup table tbody td tfoot th thead time tr tt u ul var wbr"
)
#: Dropped with everything inside: code, foreign namespaces, raw-text elements, fallbacks that browsers do not show.
_DROPPED_WHOLE = (
    "applet audio canvas embed frameset iframe math noembed noframes noscript object option plaintext script select "
    "style svg template textarea title video xmp"
)
_ATTRIBUTES = {
    "*": {"dir", "lang", "title"},
    "a": {"href"},
    "img": {"alt", "height", "src", "width"},
    "blockquote": {"cite"},
    "q": {"cite"},
    "del": {"cite", "datetime"},
    "ins": {"cite", "datetime"},
    "time": {"datetime"},
    "ol": {"start", "type", "reversed"},
    "li": {"value"},
    "td": {"colspan", "rowspan", "headers"},
    "th": {"colspan", "rowspan", "headers", "scope"},
    "col": {"span"},
    "colgroup": {"span"},
}
_ADDRESSES = {"href", "src", "cite"}


class _Reading(threading.local):
    """What the gate has to know of the fragment that this thread cleans."""

    base = ""  #: of its relative links


_reading = _Reading()


def _gate(tag: str, name: str, value: str) -> str | None:
    """Every address passes here."""
    if name in _ADDRESSES:
        return web_url(value, _reading.base) or None
    return value


#: The only one: making it takes 0.2 ms, more than to clean an article.
_CLEANER: Final = nh3.Cleaner(
    tags=set(_ALLOWED.split()),
    clean_content_tags=set(_DROPPED_WHOLE.split()),
    attributes=_ATTRIBUTES,
    attribute_filter=_gate,
    url_schemes={"http", "https"},
    link_rel="noopener noreferrer nofollow",
)


#: Images of one pixel or none, which count readers. The pattern is for the sanitiser's own, regular output.
_TRACKER = re.compile(r'<img(?=[^<>]* width="[01](?:px)?")(?=[^<>]* height="[01](?:px)?")[^<>]*>')
#: Images that a script would load when they scroll into view keep their address beside a placeholder in `src`.
_LAZY = re.compile(r"""(<img)(?=\s[^<>]*?\sdata-(?:src|original|lazy-src)\s*=\s*["']([^"'<>\s]+)["'])""", re.IGNORECASE)
#: Controls, and what XML cannot carry or would change: cleaned HTML goes out in feeds too.
_ILLEGAL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")
_ILLEGAL_BYTES = bytes(range(0x09)) + bytes(range(0x0B, 0x20)) + b"\x7f"
_C1 = re.compile(rb"\xc2[\x80-\x9f]")
#: Rounds after which a fragment that still changes is given up; two are enough for all but hostile ones.
_ROUNDS = 5


def clean(html: str, base: str = "") -> str:
    """`html` as a fragment that is safe to show anywhere: allow-listed tags, absolute http(s) links, no styles.

    Relative links are made absolute against `base`; without one they go. Images of one by one pixel are dropped. A
    fragment that does not settle becomes plain text. Cleaning twice changes nothing: clean(clean(x)) == clean(x).
    """
    if "<" not in html and "&" not in html and is_small(html) and html.isprintable():
        return entities.escape(html, quote=False)
    _reading.base = base
    current = html[:HTML_LIMIT]
    for _ in range(_ROUNDS):
        prepared = _prepared(current)
        cleaned = _CLEANER.clean(prepared)
        # Only a numeric reference can have put into the result what was taken out before; what was taken out may have
        # made one of the signs around it.
        if cleaned == current or (
            is_settled(cleaned) and not _may_count_readers(cleaned) and not ("&#" in prepared and _has_illegal(cleaned))
        ):
            return cleaned
        current = cleaned[:HTML_LIMIT]
    return entities.escape(plain(current), quote=False)


def _prepared(html: str) -> str:
    if _has_illegal(html):
        # A form feed is white space to browsers, between attributes too; XML cannot carry it.
        html = html.replace("\r\n", "\n").replace("\r", "\n").replace("\f", " ")
        html = _ILLEGAL.sub("", html)
    if "width=" in html:
        html = _TRACKER.sub("", html)
    if "data-" in html:
        html = _LAZY.sub(r'\1 src="\2"', html)
    return html if is_small(html) else bounded(html)


def _may_count_readers(cleaned: str) -> bool:
    """Whether quotes that the sanitiser has put around numbers may have made a tracker of a picture."""
    return "width=" in cleaned and ("data-" in cleaned or _TRACKER.search(cleaned) is not None)


def _has_illegal(html: str) -> bool:
    # Three times as fast as searching with the pattern.
    try:
        body = html.encode()
    except UnicodeEncodeError:
        return True
    if len(body.translate(None, _ILLEGAL_BYTES)) != len(body) or "\ufffe" in html or "\uffff" in html:
        return True
    return b"\xc2" in body and _C1.search(body) is not None


_HIDDEN = re.compile(
    r"<(?:!--|(script|style|noscript|template|textarea|title|iframe|svg|math|select|object)(?=[\s/>]))", re.IGNORECASE
)
_INLINE = re.compile(
    r"</?(?:a|abbr|b|bdi|bdo|big|cite|code|del|em|font|i|ins|kbd|mark|o:p|q|s|samp|small|span|st1:\w+|strike|strong|sub"
    r"|sup|tt|u|var|wbr)(?=[\s/>])[^<>]*>",
    re.IGNORECASE,
)
_TAGS = Tags(_INLINE, " ")
#: A tag that the text broke off in, as in descriptions that a portal cut at a number of characters.
_CUT_TAG = re.compile(r"<[a-zA-Z/!?][a-zA-Z0-9]*[\s/][^<>]*$")
_TAG_START = re.compile(r"<(?=[a-zA-Z/!?])")


def plain(html: str) -> str:
    """`html` (or text) as plain NFC text on one line; block elements separate words, code and comments are gone.

    Entities are decoded once. Markup that appears by decoding is removed too, so the result never holds a tag, even
    where somebody forgets to escape it.
    """
    s = html[:HTML_LIMIT]
    if "<" in s:
        s = _without_tags(_without_hidden(s))
    s = clean_text(unescape(s) if "&" in s else s)
    # Last, because an entity or an invisible character may have stood between `<` and a name.
    return clean_text(_TAG_START.sub("< ", _without_tags(s))) if "<" in s else s


def _without_tags(s: str) -> str:
    s = _TAGS.out_of(s)
    return _CUT_TAG.sub("", s) if "<" in s else s


def _without_hidden(s: str) -> str:
    """Cut out elements whose content is not text. One that is never closed reaches to the end, as in browsers."""
    s = s.replace("<![CDATA[", " ").replace("]]>", " ") if "<![CDATA[" in s else s
    found = _HIDDEN.search(s)
    if found is None:
        return s
    lower, kept, position = s.lower(), [], 0
    if len(lower) != len(s):  # a few letters change their length in lower case
        lower = s
    while found is not None:
        kept.append(s[position : found.start()])
        end = f"</{found[1].lower()}" if found[1] else "-->"
        closed = lower.find(end, found.end())
        if closed < 0:
            return " ".join(kept)
        position = closed + 3 if found[1] is None else lower.find(">", closed) + 1
        if position == 0:
            return " ".join(kept)
        found = _HIDDEN.search(s, position)
    kept.append(s[position:])
    return " ".join(kept)
