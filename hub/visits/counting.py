"""Reads counters of visits off pages, beside the schedule: a slow page keeps nothing else from its time.

due? ─> robots.txt ─> page ─> place on it (in a child) ─> number ─> difference to the reading before ─> the day
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import structlog

from connectors.base import Capture
from connectors.bodies import Limits
from connectors.errors import HubError, RejectedError
from hub.engine import Engine
from hub.reading import PlaceJob
from hub.rules.counters import Counter, CounterFault, Mark, grown, is_due
from hub.store import visiting
from hub.store.visiting import CounterState
from hub.visits.values import counter_number

log = structlog.get_logger(__name__)

#: seconds between two looks at which counters are due
TICK = 60.0
#: A page with a counter is a page for people.
LIMITS: Final = Limits(wire=2 * 1024**2, decoded=4 * 1024**2)


@dataclass(frozen=True, slots=True, kw_only=True)
class CounterRead:
    """What a reading came to."""

    site: str
    reading: int | None  #: None: it could not be read
    visits: int | None  #: since the reading before; None: there is none to compare with, or it is not believed
    fault: str = ""
    sentence: str = ""


async def keep_counting(engine: Engine) -> None:
    """Read counters whose time has come, until cancelled."""
    while True:
        try:
            await count(engine)
        except HubError as error:
            log.warning("counters of visits wait", code=error.code, cause=str(error))
        await asyncio.sleep(TICK)


async def count(engine: Engine, *, only: str = "", due: bool = True) -> list[CounterRead]:
    """Read the counters that are due, or all of them, or one; one after another."""
    known, found = await visiting.counters(engine.store), list[CounterRead]()
    for counter in engine.counters:
        state = known.get(counter.name)
        if (only and counter.name != only) or (due and not _is_due(engine, counter, state)):
            continue
        found.append(await _read(engine, counter, state))
    return found


def _is_due(engine: Engine, counter: Counter, state: CounterState | None) -> bool:
    read_at = state.read_at.astimezone(engine.zone) if state and state.read_at else None
    asked_at = state.asked_at.astimezone(engine.zone) if state else None
    return is_due(counter, read_at=read_at, asked_at=asked_at, now=engine.store.now().astimezone(engine.zone))


async def _read(engine: Engine, counter: Counter, state: CounterState | None) -> CounterRead:
    store = engine.store
    try:
        number = await _number(engine, counter)
    except HubError as error:
        async with store.unit() as unit:
            await visiting.unread(unit, counter.name, state, unit.now, code=error.code)
        log.info("counter of visits not read", site=counter.name, code=error.code)
        return CounterRead(
            site=counter.name, reading=None, visits=None, fault=CounterFault.UNREADABLE,
            sentence=error.sentence or "Không đọc được trang có bộ đếm; hệ thống sẽ thử lại sau 30 phút.",
        )  # fmt: skip
    now = Mark(number, store.now())
    if state is None or state.reading is None or state.read_at is None:
        async with store.unit() as unit:
            await visiting.begun(unit, counter.name, now)
        return CounterRead(site=counter.name, reading=number, visits=None)
    before = Mark(state.reading, state.read_at)
    said = grown(before, now, await visiting.usual(store, counter.name), engine.zone)
    async with store.unit() as unit:
        await visiting.counted(unit, counter.name, counter.member, before, now, said)
    return CounterRead(
        site=counter.name, reading=number, visits=None if said.fault else said.visits, fault=said.fault or "",
        sentence=SENTENCES[said.fault] if said.fault else "",
    )  # fmt: skip


SENTENCES: Final = {
    CounterFault.RAN_BACKWARDS: "Số trên bộ đếm nhỏ hơn lần đọc trước nên không tính lượt truy cập của khoảng này; hệ"
    " thống bắt đầu đếm lại từ số mới. Đề nghị hỏi đơn vị có đặt lại bộ đếm không.",
    CounterFault.JUMPED: "Số trên bộ đếm tăng quá 50 lần mức thường ngày nên không tính lượt truy cập của khoảng này;"
    " hệ thống bắt đầu đếm lại từ số mới. Đề nghị hỏi đơn vị có sửa bộ đếm không.",
    CounterFault.UNREADABLE: "Lần đọc gần nhất không lấy được số trên bộ đếm.",
}


async def _number(engine: Engine, counter: Counter) -> int:
    page = await engine.http.page(counter.url, limits=LIMITS)
    assert isinstance(page, Capture)  # without a cursor nothing is unchanged
    number = counter_number(await _texts(engine, page, counter.selector))
    if number is None:
        raise RejectedError(
            "no number, or several", code="counter_unclear",
            sentence="Ở vị trí đã khai báo không có số, hoặc có nhiều số nên không rõ số nào là lượt truy cập. Hãy sửa"
            f" selector của [[counter]] «{counter.name}» trong settings.toml.",
        )  # fmt: skip
    return number


async def _texts(engine: Engine, page: Capture, selector: str) -> Sequence[str]:
    return await engine.reader.texts_at(PlaceJob(capture=page, selector=selector))
