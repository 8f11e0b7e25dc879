"""Bounds for huge or hostile markup, so that the sanitiser's work stays in proportion to its input.

The sanitiser's time is quadratic in nesting depth, in attributes of one tag and in character references: 200,000
nested <div> or a million & keep nh3 busy for a minute. `bounded` rewrites such a fragment, token by token and in linear
time, as properly nested tags of limited depth with the attributes that matter. The result is not yet safe to show.
"""

import html as entities
import re
from collections.abc import Iterator
from string import ascii_letters

#: A fragment within these is read by the sanitiser as it is; the worst costs it 0.02 s (0.5 s if all is attributes).
CHARACTERS, TAGS, REFERENCES = 200_000, 1_500, 3_000
#: Open elements at one time, and open formatting elements among them; tags beyond go, their text stays.
_DEPTH, _FORMATTING_DEPTH = 100, 16
#: Elements in all; the text after them is kept. A table of 2,000 rows and 7 columns has 16,000.
_ELEMENT_LIMIT = 20_000
#: & < > and quotes of text, in all; beyond, the text goes without them.
_REFERENCE_LIMIT = 20_000
_ATTRIBUTE_LIMIT = 20

_FORMATTING = frozenset({
    "a", "b", "big", "code", "del", "em", "font", "i", "ins", "s", "small", "span", "strike", "strong", "sub", "sup",
    "tt", "u"
})  # fmt: skip
_VOID = frozenset({"br", "col", "hr", "img", "wbr"})
#: Elements that people leave open, and that the start of these ends.
_ENDED_BY = {
    "li": ("li",), "dd": ("dd", "dt"), "dt": ("dd", "dt"), "td": ("td", "th"), "th": ("td", "th"),
    "tr": ("td", "th", "tr"),
}  # fmt: skip
_BLOCKS = frozenset({
    "address", "article", "aside", "blockquote", "center", "details", "dd", "div", "dl", "dt", "figcaption", "figure",
    "footer", "h1", "h2", "h3", "h4", "h5", "h6", "header", "li", "main", "ol", "p", "pre", "section", "table", "ul"
})  # fmt: skip
_CELLS = frozenset({"td", "th", "caption"})
_TABLE = frozenset({"table", "tbody", "td", "tfoot", "th", "thead", "tr"})
_HIDDEN = frozenset({
    "applet", "audio", "canvas", "iframe", "math", "noembed", "noframes", "noscript", "object", "plaintext", "script",
    "select", "style", "svg", "template", "textarea", "title", "video", "xmp"
})  # fmt: skip

_START = re.compile(r"<(?:(/?)([a-zA-Z][^\s/>]*+)|(!--)|[!?/])")
#: The rest of a tag up to its `>`; quotes only count after `=`. It cannot fail, so nothing is read twice.
_REST = re.compile(r"""(?:[^>"'=]++|=\s*+(?:"[^"]*+"|'[^']*+')?+|["'])*+""")
_ATTRIBUTE = re.compile(
    r"""(?<![\w:-])(alt|cite|colspan|datetime|dir|headers|height|href|lang|rowspan|scope|span|src|start|title|type|value"""
    r"""|width)\s*+=\s*+("[^"]*+"|'[^']*+'|[^\s"'>]++)""",
    re.IGNORECASE,
)
_LONG_NUMBER = re.compile(r"&#[0-9]{8,};?")
_REFERENCE = re.compile(r"&(?:amp|lt|gt|quot);")


def is_small(html: str) -> bool:
    """Whether the sanitiser may read `html` as it is."""
    return len(html) <= CHARACTERS and html.count("<") <= TAGS and html.count("&") <= REFERENCES


#: References that nearly every text keeps to, those first that most texts have.
_EVERYDAY = {"&amp;": "&", "&nbsp;": "\xa0", "&quot;": '"', "&lt;": "<", "&gt;": ">", "&#39;": "'"}


def unescape(text: str) -> str:
    """Entities as characters. (The standard library fails on numbers of more than 4,300 digits.)"""
    left, found = text.count("&"), list[str]()
    for reference in _EVERYDAY:
        if not left:
            break
        if count := text.count(reference):
            left -= count
            found.append(reference)
    if not left:
        for reference in reversed(found):  # `&amp;` comes last, or it would make new ones
            text = text.replace(reference, _EVERYDAY[reference])
        return text
    return entities.unescape(_LONG_NUMBER.sub("\ufffd", text) if "&#" in text else text)


class Tags:
    """Takes tags out of texts: an inline one joins what stands around it, any other becomes `between`.

    The same as replacing by the expression `inline` and then by `TAG`, in one walk from `<` to `<`: half of the cost.
    """

    TAG = re.compile(r"<[a-zA-Z/!?][^<>]*+>")
    #: characters of a name with its slash that is remembered; how many are
    NAME_LIMIT, NAMES = 24, 1_024
    _OPENING = frozenset(f"{ascii_letters}/!?")

    def __init__(self, inline: re.Pattern[str], between: str) -> None:
        self._inline, self._between = inline, between
        self._marks: dict[str, str] = {}

    def out_of(self, text: str) -> str:
        """`text` without its tags."""
        first, *pieces = text.split("<")
        kept, is_open, known = [first], False, self._marks
        for piece in pieces:
            tag, closed, rest = piece.partition(">")
            mark = known.get(tag) if closed else None  # most tags are a name and nothing else
            if mark is None:
                letter = piece[:1]
                if not tag or not closed or letter not in self._OPENING:
                    if not letter.isascii():  # expressions that ignore case take ſ for an s
                        return self._by_expressions(text)
                    kept.append(f"<{piece}")
                    is_open = not piece or letter in self._OPENING
                    continue
                name = tag.split(None, 1)[0]
                mark = known.get(name)
                if mark is None:
                    mark = self._mark_of(name)
            if is_open and not mark:  # what follows may become part of a tag that is still open
                return self._by_expressions(text)
            kept.append(mark + rest)
            is_open = False
        return "".join(kept)

    def _by_expressions(self, text: str) -> str:
        return self.TAG.sub(self._between, self._inline.sub("", text))

    def _mark_of(self, name: str) -> str:
        """What stands in the place of a tag of this name."""
        mark = "" if self._inline.fullmatch(f"<{name}>") is not None else self._between
        if len(name) <= self.NAME_LIMIT and len(self._marks) < self.NAMES:
            self._marks[name] = mark
        return mark


def bounded(html: str) -> str:
    """`html` rewritten as properly nested tags within the limits of this module. Not yet safe to show."""
    rewritten = "".join(_rewritten(html))
    return _REFERENCE.sub(" ", rewritten) if rewritten.count("&") > _REFERENCE_LIMIT else rewritten


def _rewritten(html: str) -> Iterator[str]:
    opened = _Opened()
    elements = position = 0
    while start := _START.search(html, position):
        yield _text(html[position : start.start()])
        if start[3]:
            closed = html.find("-->", start.end())
            position = closed + 3 if closed >= 0 else len(html)
            continue
        rest = _REST.match(html, start.end())
        position = (rest.end() if rest else start.end()) + 1
        name = (start[2] or "").lower()
        if position > len(html):
            break
        if not name.isascii() or not name.isalnum():
            continue
        if start[1]:
            yield from opened.close(name)
        elif name in _HIDDEN:
            position = _after(name, html, position)
        elif elements == _ELEMENT_LIMIT:
            yield " "
        elif name in _VOID:
            elements += 1
            yield f"<{name}{_attributes(rest[0] if rest else '')}>"
        else:
            if name in _BLOCKS:
                yield from opened.close("p")
            while opened.names and opened.names[-1] in _ENDED_BY.get(name, ()):
                yield f"</{opened.names.pop()}>"
            if opened.has_room(name):
                elements += 1
                opened.names.append(name)
                yield f"<{name}{_attributes(rest[0] if rest else '')}>"
            else:
                yield " "
    else:
        yield _text(html[position:])
    for name in reversed(opened.names):
        yield f"</{name}>"


class _Opened:
    """The elements that are open, outermost first."""

    def __init__(self) -> None:
        self.names: list[str] = []

    def has_room(self, name: str) -> bool:
        if len(self.names) >= _DEPTH:
            return False
        return name not in _FORMATTING or sum(n in _FORMATTING for n in self.names) < _FORMATTING_DEPTH

    def close(self, name: str) -> Iterator[str]:
        """Close the innermost `name` and what is open in it; nothing when there is none in this cell of a table."""
        if name not in self.names:
            return
        for depth in range(len(self.names) - 1, -1, -1):
            if self.names[depth] == name:
                while len(self.names) > depth:
                    yield f"</{self.names.pop()}>"
                return
            if self.names[depth] in _CELLS and name not in _TABLE:
                return


def _text(text: str) -> str:
    return entities.escape(unescape(text), quote=False) if "&" in text or "<" in text else text


def _after(name: str, html: str, position: int) -> int:
    """Where the element `name` that begins before `position` has ended."""
    end = re.compile(rf"</{name}(?=[\s/>])", re.IGNORECASE).search(html, position)
    closed = html.find(">", end.end()) if end else -1
    return closed + 1 if closed >= 0 else len(html)


def _attributes(text: str) -> str:
    kept: dict[str, str] = {}
    for found in _ATTRIBUTE.finditer(text):
        kept.setdefault(found[1].lower(), found[2].strip("\"'").replace('"', "&quot;"))
        if len(kept) == _ATTRIBUTE_LIMIT:
            break
    return "".join(f' {name}="{value}"' for name, value in kept.items())


_NAME = re.compile(r"<(/?)([a-z0-9]+)")
_ANYWHERE = frozenset({
    "abbr", "b", "bdi", "cite", "code", "del", "dfn", "em", "i", "ins", "kbd", "mark", "q", "s", "samp", "small",
    "span", "strong", "sub", "sup", "u", "var"
})  # fmt: skip
_CLOSED_BY_BLOCKS = frozenset({"p", "h1", "h2", "h3", "h4", "h5", "h6"})


def is_settled(cleaned: str) -> bool:
    """Whether another reading of the sanitiser's output surely gives the same tree; False when it takes a look to know.

    The output is balanced, but a browser may still read it otherwise: a block inside a paragraph ends the paragraph,
    a link inside a link ends the link, tables push out what they cannot hold. Ordinary articles have none of that, and
    knowing so saves the second reading, half of the cost.
    """
    if not is_small(cleaned):
        return False
    open_names: list[str] = []
    within = 0  # open paragraphs and headings
    for end, name in _NAME.findall(cleaned):
        if end:
            open_names.pop()
            within -= name in _CLOSED_BY_BLOCKS
        elif name in _BLOCKS and name not in ("pre", "table"):
            if within or (name == "li" and open_names[-1:] not in (["ul"], ["ol"])) or name in ("dd", "dt"):
                return False
            within += name in _CLOSED_BY_BLOCKS
            open_names.append(name)
        elif name in _ANYWHERE or (name == "a" and name not in open_names):
            open_names.append(name)
        elif name not in ("br", "img", "hr", "wbr") or (name == "hr" and within):
            return False
    return True
