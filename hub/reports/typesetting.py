"""Pages set by typst: PDF of a report, and charts as pictures for Word, which cannot be relied on to show SVG.

Whatever a member is called, it stays text: typst reads what others wrote as JSON, and no program is built of it. Only
the typefaces that typst brings are used, so that every machine makes the same bytes.
"""

import json
from collections.abc import Mapping
from datetime import datetime
from functools import cache
from importlib import resources
from typing import Any, Final

import typst

#: Dots in an inch of a chart in a Word file: sharp on paper.
_DOTS: Final = 220
_CHART: Final = (
    b"#set page(width: 150mm, height: auto, margin: 0mm)\n"
    b'#image(bytes(json(bytes(sys.inputs.data)).svg), format: "svg", width: 100%)'
)


def pdf(data: Mapping[str, Any], *, made: datetime) -> bytes:
    """A report as hub/reports/report.typ sets it; the same data and time give the same bytes."""
    return _set(_template(), data, "pdf", timestamp=int(made.timestamp()))


def png(svg: str) -> bytes:
    """A chart as a picture."""
    return _set(_CHART, {"svg": svg}, "png", ppi=_DOTS)


def _set(program: bytes, data: Mapping[str, Any], form: Any, **options: Any) -> bytes:
    told = json.dumps(data, ensure_ascii=False, sort_keys=True)
    pages = typst.Compiler(program, font_paths=_fonts(), sys_inputs={"data": told}).compile(format=form, **options)
    if isinstance(pages, list):
        [pages] = pages
    assert pages is not None
    return pages


@cache
def _template() -> bytes:
    return resources.files("hub.reports").joinpath("report.typ").read_bytes()


@cache
def _fonts() -> typst.Fonts:
    return typst.Fonts(include_system_fonts=False, include_embedded_fonts=True)
