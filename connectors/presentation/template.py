"""Templates of posts: what settings may say, checked when they are read.

A template is Jinja with little of it: values, filters of a short list, conditions, and one loop over a list. There is
no call, no arithmetic and no loop in a loop, so that no template can take long or grow without bound.
"""

import re
import tomllib
import unicodedata
from collections.abc import Mapping
from functools import lru_cache
from importlib import resources
from typing import Annotated, Any, Final

from jinja2 import StrictUndefined, TemplateError, TemplateSyntaxError, meta, nodes
from jinja2.sandbox import SandboxedEnvironment
from pydantic import AfterValidator

from connectors.errors import Fault, RejectedError
from connectors.fields import Allowed
from schemas.item import Kind

#: Longest template and longest text that it may give, in characters.
SOURCE_LIMIT: Final = 4_000
TEXT_LIMIT: Final = 200_000
#: What a clerk is told of a post that does not fit.
TOO_LONG: Final = (
    "Bài đăng dài quá mức nơi nhận cho phép, kể cả khi đã rút gọn tiêu đề. Bộ phận kỹ thuật cần rút ngắn mẫu bài đăng."
)

#: The values that a template may name.
NAMES: Final[Mapping[str, str]] = {
    "title": "tiêu đề",
    "summary": "tóm tắt; where an item has none, the beginning of its text",
    "text": "the whole text, without markup",
    "content": "the whole text as sanitised HTML; in a template of plain text the same as `text`",
    "agency": "name of the organisation that publishes",
    "link": "where the post leads",
    "kind": "news, notice, document, procedure, question",
    "published": "day of publication, as 02/03/2026",
    "hashtags": "list of hashtags",
    "document_type": "loại văn bản",
    "number": "số, ký hiệu",
    "issuer": "cơ quan ban hành",
    "issued": "ngày ban hành, as 02/03/2026",
    "code": "mã thủ tục",
    "decision": "number of the decision that announces a procedure",
}
_FILTERS: Final = ("capitalize", "default", "first", "join", "last", "length", "lower", "trim", "truncate", "upper")
_TESTS: Final = ("defined", "undefined", "none", "eq", "ne", "in", "equalto")
_NODES: Final = (
    nodes.Template, nodes.Output, nodes.TemplateData, nodes.Name, nodes.Const, nodes.If, nodes.For, nodes.CondExpr,
    nodes.Filter, nodes.Test, nodes.Compare, nodes.Operand, nodes.And, nodes.Or, nodes.Not, nodes.Concat,
    nodes.Tuple, nodes.List,
)  # fmt: skip
_BLANK_LINES: Final = re.compile(r"\n[ \t]*\n(?:[ \t]*\n)+")
_LINE_END: Final = re.compile(r"[ \t]+$", re.MULTILINE)


def _environment(*, html: bool) -> SandboxedEnvironment:
    environment = SandboxedEnvironment(
        undefined=StrictUndefined, autoescape=html, trim_blocks=True, lstrip_blocks=True, cache_size=0
    )
    environment.globals.clear()
    environment.filters = {name: environment.filters[name] for name in _FILTERS}
    environment.tests = {name: environment.tests[name] for name in _TESTS}
    return environment


_TEXT, _HTML = _environment(html=False), _environment(html=True)


class Template:
    """A template that compiled."""

    def __init__(self, source: str, *, html: bool = False) -> None:
        """Compile. Raises ValueError: what is wrong with it, for the person who wrote it."""
        self.source, self.html = source, html
        if len(source) > SOURCE_LIMIT:
            raise ValueError(f"longer than {SOURCE_LIMIT} characters")
        environment = _HTML if html else _TEXT
        try:
            tree = environment.parse(source)
            _check(tree)
            self.names: frozenset[str] = frozenset(meta.find_undeclared_variables(tree))
            if unknown := sorted(self.names - NAMES.keys()):
                raise ValueError(f"unknown name {unknown[0]!r}; there are {', '.join(NAMES)}")
            self._compiled = environment.from_string(source)
        except TemplateSyntaxError as error:
            raise ValueError(f"line {error.lineno}: {error.message}") from None
        except RecursionError:
            raise ValueError("nested too deeply") from None

    def render(self, values: Mapping[str, Any]) -> str:
        """The text that these values give, its blank lines and line ends tidied. Raises RejectedError."""
        parts, size = [], 0
        try:
            for part in self._compiled.generate(values):
                size += len(part)
                if size > TEXT_LIMIT:
                    raise RejectedError(
                        "a template gave too much text", code="post_too_long", fault=Fault.HUB, sentence=TOO_LONG
                    )
                parts.append(part)
        except (TemplateError, TypeError, ValueError) as error:
            raise RejectedError(
                f"the template cannot be filled: {type(error).__name__}", code="template", fault=Fault.HUB,
                sentence="Mẫu bài đăng không điền được với mục tin này. Bộ phận kỹ thuật cần sửa mẫu trong cấu hình.",
            ) from None  # fmt: skip
        text = unicodedata.normalize("NFC", "".join(parts))
        return _BLANK_LINES.sub("\n\n", _LINE_END.sub("", text)).strip()


def _check(tree: nodes.Template) -> None:
    for node in tree.find_all(nodes.Node):
        if not isinstance(node, _NODES):
            raise ValueError(f"line {node.lineno}: {type(node).__name__} is not allowed in a template")
        if isinstance(node, nodes.For):
            if node.find(nodes.For) is not None:
                raise ValueError(f"line {node.lineno}: a loop inside a loop is not allowed")
            if not (isinstance(node.iter, nodes.Name) and node.iter.name == "hashtags"):
                raise ValueError(f"line {node.lineno}: a loop goes over `hashtags`")


@lru_cache(maxsize=256)
def compiled(source: str, *, html: bool = False) -> Template:
    """`source` compiled, once. Raises ValueError as `Template` does."""
    return Template(source, html=html)


def _text_template(source: str) -> str:
    template = compiled(source)
    _try(template)
    shown = template.render(_SAMPLE)
    missing = [name for name in ("agency", "link") if str(_SAMPLE[name]) not in shown]
    if missing:
        raise ValueError(f"must always show {{{{ {' }} and {{ '.join(missing)} }}}}")
    return source


def _html_template(source: str) -> str:
    _try(compiled(source, html=True))
    return source


def _try(template: Template) -> None:
    for values in (_SAMPLE, _EMPTY):
        try:
            template.render(values)
        except RejectedError as error:
            raise ValueError(str(error)) from None


_SAMPLE: Final[Mapping[str, Any]] = {name: f"‹{name}›" for name in NAMES} | {"hashtags": ("#a", "#b")}
_EMPTY: Final[Mapping[str, Any]] = dict.fromkeys(NAMES, "") | {"hashtags": ()}
_ALLOWED: Final = f"a Jinja template with {', '.join(NAMES)}"

#: Setting: a template of plain text, which always shows the agency and the link.
TextTemplate = Annotated[str, AfterValidator(_text_template), Allowed(f"{_ALLOWED}; it shows agency and link")]
#: Setting: a template of HTML, whose values are escaped.
HtmlTemplate = Annotated[str, AfterValidator(_html_template), Allowed(f"{_ALLOWED}; values are escaped")]


@lru_cache(maxsize=1)
def _shipped() -> Mapping[str, Mapping[str, str]]:
    return tomllib.loads(resources.files("connectors.data").joinpath("posts.toml").read_text(encoding="utf-8"))


def template_of(kind: Kind, own: Mapping[Kind, str], *, html: bool = False) -> Template:
    """The template of a kind: the settings' own, else the shipped one."""
    shipped = _shipped()["html" if html else "text"]
    return compiled(own.get(kind) or shipped.get(kind.value) or shipped["news"], html=html)
