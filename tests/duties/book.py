"""Rows as the counting leaves them, written by plain SQL: what came from whom, and when a source could not be read."""

from dataclasses import dataclass, field
from datetime import date, datetime, time
from itertools import count
from typing import Any

from hub.app import Hub
from hub.rules.tallies import day_number
from hub.store.instants import maybe_micros, micros

SETTINGS = """
[hub]
name = "Tỉnh Mẫu"
testing = true

[[member]]
code = "H52.9"
name = "Sở Y tế"
kind = "department"

[[member]]
code = "H52.10"
name = "Sở Nội vụ"
kind = "department"

[[member]]
code = "H52.40"
name = "Xã Hạ Liễu"
kind = "commune"

[[member]]
code = "H52.60"
name = "Huyện Mẫu"
kind = "district"
valid_until = 2026-02-28
successors = ["H52.41"]

[[member]]
code = "H52.41"
name = "Xã Mẫu"
kind = "commune"
valid_from = 2026-03-01

[[source]]
name = "y-te-tin"
member = "H52.9"
connector = "feed"
kind = "news"
url = "https://syt.gov.vn/tin.rss"

[[source]]
name = "y-te-dau-thau"
member = "H52.9"
connector = "feed"
kind = "notice"
category = "tenders"
url = "https://syt.gov.vn/dau-thau.rss"

[[source]]
name = "noi-vu-tin"
member = "H52.10"
connector = "feed"
kind = "news"
url = "https://snv.gov.vn/tin.rss"

[[source]]
name = "huyen-mau-tin"
member = "H52.60"
connector = "feed"
kind = "news"
url = "https://mau.gov.vn/tin.rss"

[[source]]
name = "xa-mau-tin"
member = "H52.41"
connector = "feed"
kind = "news"
url = "https://xamau.gov.vn/tin.rss"

[[duty]]
name = "tin-hang-thang"
category = "news"
every = "month"
since = 2026-01-01
rule = "Công văn 2732/UBND-KGVX ngày 29/08/2017"
confirmed = true

[[duty]]
name = "tin-hang-tuan"
category = "news"
kinds = ["department"]
every = "week"
at_least = 2
since = 2026-01-01
rule = "Quy chế hoạt động của Cổng"

[[duty]]
name = "dau-thau"
category = "tenders"
members = ["H52.9"]
every = "quarter"
since = 2026-01-01
within = 2
"""


@dataclass(slots=True)
class Book:
    """Writes what a hub knows."""

    hub: Hub
    ids: Any = field(default_factory=lambda: count(1))

    async def item(
        self, member: str, day: date, *, category: str = "news", source: str = "nguon", state: str = "public",
        issued: date | None = None, public: date | None = None, gone_by: str = "", dated: bool = True,
    ) -> str:  # fmt: skip
        """One item as it counts."""
        content_id = f"00000000-0000-5000-8000-{next(self.ids):012}"
        seen = self.at(day)
        shown = self.at(public or day) if state == "public" else None
        async with self.hub.engine.store.unit() as unit:
            await unit.tx.execute(
                "INSERT INTO tally (content_id, source, member, kind, category, state, day, dated, issued, first_seen,"
                " first_public) VALUES (?, ?, ?, 'news', ?, ?, ?, ?, ?, ?, ?)",
                content_id, source, member, category, state, day_number(day), int(dated),
                None if issued is None else day_number(issued), micros(seen), maybe_micros(shown),
            )  # fmt: skip
            if gone_by:
                await unit.tx.execute(
                    "INSERT INTO item (content_id, source, guid, kind, member, title, revision, digest, state,"
                    " withdrawn_by, first_seen, changed_at)"
                    " VALUES (?, ?, ?, 'news', ?, '', 2, '', 'withdrawn', ?, ?, ?)",
                    content_id, source, content_id, member, gone_by, micros(seen), micros(seen),
                )  # fmt: skip
        return content_id

    async def outage(
        self, source: str, since: date, until: date | None = None, why: str = "fault", **keys: str
    ) -> None:
        """A time in which a source could not be read."""
        async with self.hub.engine.store.unit() as unit:
            await unit.tx.execute(
                "INSERT INTO outage (source, since, until, why, code, side, sentence) VALUES (?, ?, ?, ?, ?, ?, ?)",
                source, micros(self.at(since)), maybe_micros(self.at(until) if until else None), why,
                keys.get("code", ""), keys.get("side", ""), keys.get("sentence", ""),
            )  # fmt: skip

    async def rejection(self, source: str, day: date, code: str = "no_title") -> None:
        """A record that could not become an item."""
        async with self.hub.engine.store.unit() as unit:
            await unit.tx.execute(
                "INSERT INTO rejection (capture, source, pointer, code, at) VALUES (1, ?, '/1', ?, ?)",
                source, code, micros(self.at(day)),
            )  # fmt: skip

    async def held_run(self, source: str, day: date, state: str = "held") -> None:
        """An answer that waits for a person, or is `done`."""
        async with self.hub.engine.store.unit() as unit:
            await unit.tx.execute(
                "INSERT INTO capture (source, url, sha256, size, fetched_at, state, due_at)"
                " VALUES (?, '', '', 0, ?, ?, 0)",
                source, micros(self.at(day)), state,
            )  # fmt: skip

    async def forget(self) -> None:
        """Nothing came, and everything was read."""
        async with self.hub.engine.store.unit() as unit:
            for table in ("tally", "item", "outage", "rejection", "capture"):
                await unit.tx.execute(f"DELETE FROM {table}")

    async def asked(self) -> None:
        """Every source was asked, and answered, a moment ago."""
        async with self.hub.engine.store.unit() as unit:
            await unit.tx.execute("UPDATE source SET polled_at = ?, answered_at = ?", unit.at, unit.at)

    def at(self, day: date) -> datetime:
        """Half past five in the morning: the day before, for UTC."""
        return datetime.combine(day, time(5, 30), self.hub.engine.zone)
