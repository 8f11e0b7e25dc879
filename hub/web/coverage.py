"""The public page of coverage and freshness, where a province has switched it on: who publishes what it owes.

What the hub could not read, or holds back itself, is told as such and never as a member's fault.
"""

import asyncio
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final

from aiohttp import web

from hub.engine import Engine
from hub.queries.duties import Standing, standing
from hub.reports.wording import GROUP
from hub.rules.duties import GAPS, Duty, Every, State
from hub.rules.periods import written
from hub.rules.silences import Silence
from hub.web import matrix, pages
from hub.web.answers import FRESH, answer
from hub.web.site import SITE

STRETCHES: Final[Mapping[Every, str]] = {
    Every.WEEK: "hằng tuần", Every.MONTH: "hằng tháng", Every.QUARTER: "hằng quý", Every.HALF_YEAR: "6 tháng một lần",
    Every.YEAR: "hằng năm",
}  # fmt: skip
#: What the public reads of a state, and its colour.
_STATES: Final = {
    State.FRESH: ("Đúng hạn", "good"), State.DUE: ("Đang trong kỳ", "good"), State.LATE: ("Chậm", "bad"),
    State.EMPTY: ("Hiện không có", "bad"), State.NEVER: ("Chưa có", "bad"),
}  # fmt: skip
_SILENCES: Final = {Silence.UNREAD: ("Hệ thống chưa đọc được", "calm"), Silence.KEPT: ("Đang xử lý", "calm")}


@dataclass(frozen=True, slots=True, kw_only=True)
class Covered:
    """n of N of one duty in one group."""

    name: str
    every: str
    due: int
    good: int
    late: int  #: or never, or nothing there any more
    unread: int
    kept: int
    confirmed: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One group of the roster."""

    name: str
    matrix: matrix.Matrix
    covered: Sequence[Covered]


class Board:
    """The page, made again when it is older than caches may keep it; whoever asks meanwhile waits for the same one."""

    def __init__(self) -> None:
        self._made: tuple[datetime, bytes] | None = None
        self._making = asyncio.Lock()

    async def page(self, request: web.Request) -> bytes:
        """The bytes of the page."""
        site = request.app[SITE]
        async with self._making:
            now = site.engine.store.now()
            if self._made is None or not timedelta() <= now - self._made[0] < timedelta(seconds=FRESH):
                found = await standing(site.engine)
                today = now.astimezone(site.engine.zone).date()
                self._made = now, await asyncio.to_thread(pages.coverage, site, _board(site.engine, found, today))
            return self._made[1]


BOARD: Final = web.AppKey("BOARD", Board)


async def coverage(request: web.Request) -> web.Response:
    """Coverage of each duty, and how fresh what each member publishes is."""
    return answer(request, await request.app[BOARD].page(request), pages.HTML)


def _board(engine: Engine, found: Sequence[Standing], today: date) -> dict[str, Any]:
    """What the template gets."""
    return {
        "parts": parts(engine, found), "today": today, "told": told, "day": written,
        "rules": [duty for duty in engine.duties if duty.every and (duty.rule or duty.rule_url)],
        "named": engine.categories.named, "stretches": STRETCHES,
    }  # fmt: skip


def parts(engine: Engine, found: Sequence[Standing]) -> list[Part]:
    """The page's parts, from how members stand."""
    duties = {duty.name: duty for duty in engine.duties}
    return [
        Part(
            name=GROUP[each.group], matrix=each,
            covered=[_covered(each, place, duties[name]) for place, name in enumerate(each.duties)],
        )
        for each in matrix.matrices(found, engine.duties, engine.categories, STRETCHES)
    ]  # fmt: skip


def _covered(group: matrix.Matrix, place: int, duty: Duty) -> Covered:
    cells = [cell for row in group.rows if (cell := row.cells[place]) is not None]
    gaps = Counter(cell.silence or Silence.NOTHING for cell in cells if cell.state in GAPS)
    return Covered(
        name=cells[0].category_name, every=STRETCHES[duty.every] if duty.every else "", due=len(cells),
        good=len(cells) - gaps.total(), late=gaps[Silence.NOTHING], unread=gaps[Silence.UNREAD],
        kept=gaps[Silence.KEPT], confirmed=duty.confirmed,
    )  # fmt: skip


def told(cell: Standing) -> tuple[str, str]:
    """What the public reads of one cell, and its colour: a gap that may be ours is not the member's."""
    if cell.state in GAPS and cell.silence in _SILENCES:
        return _SILENCES[cell.silence]
    said, tone = _STATES[cell.state]
    return (f"{said} {cell.late_days} ngày" if cell.late_days else said), tone
