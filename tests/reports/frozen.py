"""A small snapshot for tests of what is kept, and a store to keep it in."""

from datetime import UTC, datetime
from typing import Any

from hub.reports.snapshot import Head, Number, Period, Snapshot
from hub.rules.periods import Span, span

MADE_AT = datetime(2026, 7, 1, 1, 0, tzinfo=UTC)


def period(one: Span) -> Period:
    return Period(first=one.first, last=one.last, name=one.name)


def snapshot(word: str = "2026-H1", **changes: Any) -> Snapshot:
    """A report in which nothing was counted but one category."""
    days = span(word)
    return Snapshot(
        **{
            "period": period(days), "before": period(days.before), "made_at": MADE_AT,
            "head": Head(agency="Ban Biên tập Cổng thông tin điện tử tỉnh Mẫu", suffix="BC-BBT"),
            "totals": (Number(code="news", name="Tin, bài", now=2),), "items": Number(code="", name="Tất cả", now=2),
            "photos": Number(code="photos", name="Ảnh", now=0), "files": Number(code="files", name="Tệp", now=0),
            "copies": 0, "undated": 0, "senders": (), "missing": (), "covered": (), "timeliness": (),
            "contributors": (), "places": (), "readers": (),
        }
        | changes
    )  # fmt: skip


LINES = [(f"content-{number}", "{}") for number in range(2)]
