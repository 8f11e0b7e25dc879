"""Load visits from a file: all that it says in one transaction; each day of the site is replaced, or unchanged."""

import asyncio
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Final

from connectors.errors import ConfigError
from hub.engine import Engine
from hub.store import visiting
from hub.visits.reading import SIZE_LIMIT, Count, RefusedLine, VisitFile, VisitsRefusedError, read
from hub.visits.values import path_of

#: Refused rows and days that the answer names: it must fit the control socket.
SHOWN: Final = 20
_SITE: Final = re.compile(r"[^\x00-\x1f\x7f]{1,100}")
#: The page of an item in the hub itself.
_OURS: Final = re.compile(r"/items/([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})")


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadedVisits:
    """What a load came to."""

    site: str
    rows: int
    visits: int  #: all counts of the file
    new: int  #: days that had no number of this sort
    replaced: int  #: days whose numbers were others before
    replaced_days: Sequence[date]  #: the first of them
    unchanged: int
    pages: int  #: paths
    joined: int  #: paths that are the page of an item
    rejected: int
    refused: Sequence[RefusedLine]  #: the first of them


async def load_visits(engine: Engine, path: str, *, site: str, member: str | None = None, who: str) -> LoadedVisits:
    """Store the counts of a file under the name of a site; the same file again changes nothing.

    `member` is whose site it is, "" the portal; None: as before, and the portal's at first. Raises
    VisitsRefusedError (`visits_not_found`, `visits_unreadable`, `visits_no_columns`, `visits_no_day`, `visits_site`,
    `visits_other_member`) and ConfigError (`unknown_member`); then nothing at all is stored.
    """
    found = await asyncio.to_thread(read_path, path)
    site = await _named(engine, site.strip(), member)
    async with engine.store.unit() as unit:
        await visiting.line_up(engine.store, unit, site)
        before = await visiting.member_of(unit, site)
        whose = (before or "") if member is None else member
        if before is not None and before != whose:
            raise VisitsRefusedError(
                f"{site} is of {before or 'the portal'}", code="visits_other_member",
                sentence=f"Số liệu đã nạp của «{site}» thuộc {before or 'cổng của tỉnh'}. Kiểm tra lại mã đơn vị hoặc"
                " dùng tên trang khác.",
            )  # fmt: skip
        items = await _items(engine, whose, found.counts)
        stored = await visiting.put(unit, site, whose, found.counts, items, who=who)
        if stored.new or stored.replaced:
            unit.tell(
                "visits_loaded", who=who,
                why={"site": site, "member": whose, "new": len(stored.new), "replaced": len(stored.replaced),
                     "rejected": len(found.refused)},
            )  # fmt: skip
    paths = {one.path for one in found.counts if one.path}
    return LoadedVisits(
        site=site, rows=found.rows, visits=sum(one.visits for one in found.counts), new=len(stored.new),
        replaced=len(stored.replaced), replaced_days=stored.replaced[:SHOWN], unchanged=len(stored.unchanged),
        pages=len(paths), joined=len(paths & items.keys()), rejected=len(found.refused),
        refused=found.refused[:SHOWN],
    )  # fmt: skip


def read_path(path: str) -> VisitFile:
    """The counts of a file; stores nothing. Raises VisitsRefusedError."""
    file = Path(path)
    try:
        with file.open("rb") as opened:
            body = opened.read(SIZE_LIMIT + 1)
    except OSError as error:
        raise VisitsRefusedError(
            f"{file.name}: {error.strerror}", code="visits_not_found",
            sentence=f"Không mở được tệp {file.name}. Kiểm tra lại đường dẫn và quyền đọc tệp.",
        ) from error  # fmt: skip
    return read(file.name, body)


async def _named(engine: Engine, site: str, member: str | None) -> str:
    """The name of a site that a file may speak for, and whose member there is. Raises as `load_visits`."""
    if not _SITE.fullmatch(site):
        raise VisitsRefusedError(
            "no name of a site", code="visits_site", sentence="Tên trang cần từ 1 đến 100 ký tự, trên một dòng."
        )
    if any(one.name == site for one in engine.counters):
        raise VisitsRefusedError(
            f"{site} is a counter", code="visits_site",
            sentence=f"Số liệu của «{site}» do hệ thống tự đọc từ bộ đếm; hãy nạp tệp dưới một tên khác.",
        )  # fmt: skip
    if member and not await engine.store.fetch("SELECT 1 AS one FROM member WHERE code = ?", member):
        raise ConfigError(
            f"no member {member[:60]}", code="unknown_member",
            sentence=f"Không có đơn vị mã «{member[:60]}» trong danh sách; kiểm tra lại mã đơn vị.",
        )  # fmt: skip
    return site


async def _items(engine: Engine, member: str, counts: Sequence[Count]) -> Mapping[str, str]:
    """Content id of the item that a path shows, where one does."""
    paths = {one.path for one in counts if one.path}
    if not paths:
        return {}
    if not member:
        ids = {path: found[1] for path in paths if (found := _OURS.fullmatch(path))}
        known = await visiting.known_items(engine.store, list(ids.values()))
        return {path: content_id for path, content_id in ids.items() if content_id in known}
    addresses = await visiting.addresses(engine.store, member)

    def join() -> dict[str, str]:
        found: dict[str, str] = {}
        for content_id, url in addresses:
            if (path := path_of(url)) in paths:
                found.setdefault(path, content_id)
        return found

    return await asyncio.to_thread(join)
