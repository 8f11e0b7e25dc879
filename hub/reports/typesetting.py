"""Pages set by typst: PDF of a report, and charts as pictures for Word, which cannot be relied on to show SVG.

    this process ── program's name and data, JSON on stdin ──> child: typst ── one line in base64 per file ──> here

Whatever a member is called, it stays text: typst reads what others wrote as JSON, and no program is built of it. Only
the typefaces that typst brings are used, so that every machine makes the same bytes. typst keeps what it has set for
ten documents more, a hundred megabytes for each year of a large province: therefore a child, which ends.
"""

import base64
import json
import subprocess
import sys
from collections.abc import Mapping, Sequence
from datetime import datetime
from importlib import resources
from typing import Any, Final, Literal

#: Seconds; a year's report takes one.
_TIME_LIMIT: Final = 60
#: Dots in an inch of a chart in a Word file: sharp on paper.
_DOTS: Final = 220
_Program = Literal["report.typ", "charts.typ"]


def pdf(data: Mapping[str, Any], *, made: datetime) -> bytes:
    """A report as hub/reports/report.typ sets it; the same data and time give the same bytes."""
    [file] = _set("report.typ", data, {"format": "pdf", "timestamp": int(made.timestamp())})
    return file


def pngs(svgs: Sequence[str]) -> list[bytes]:
    """Charts as pictures."""
    return _set("charts.typ", {"svgs": list(svgs)}, {"format": "png", "ppi": _DOTS}) if svgs else []


def _set(program: _Program, data: Mapping[str, Any], options: Mapping[str, Any]) -> list[bytes]:
    asked = json.dumps({"program": program, "data": data, "options": options})
    done = subprocess.run(
        [sys.executable, "-m", __name__], input=asked.encode(), stdout=subprocess.PIPE, timeout=_TIME_LIMIT, check=True
    )
    return [base64.b64decode(line) for line in done.stdout.splitlines()]


def _child() -> None:
    """Set what stands on stdin; one line for each file."""
    import typst  # only here: the parent never needs its forty megabytes

    asked = json.load(sys.stdin.buffer)
    program = resources.files("hub.reports").joinpath(asked["program"]).read_bytes()
    fonts = typst.Fonts(include_system_fonts=False, include_embedded_fonts=True)
    data = json.dumps(asked["data"], ensure_ascii=False, sort_keys=True)
    made = typst.Compiler(program, font_paths=fonts, sys_inputs={"data": data}).compile(**asked["options"])
    for file in made if isinstance(made, list) else [made]:
        sys.stdout.buffer.write(base64.b64encode(file or b"") + b"\n")


if __name__ == "__main__":
    _child()
