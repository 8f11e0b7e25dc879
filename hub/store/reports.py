"""Frozen reports: their numbers are written once and never again; people add words, sign, or let a report drop.

    draft ─(signed by a person, for good)─> signed
      └───(not wanted any more)─> dropped, still readable

The body is the snapshot's canonical JSON, and its SHA-256 is checked whenever it is read: bytes that a disk or a hand
changed are never shown as the report.
"""

import hashlib
import zlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Final

import orjson
from pydantic import ValidationError

from connectors.errors import HubError
from hub.reports.snapshot import Slot, Snapshot
from hub.rules.periods import Span
from hub.store.database import Row
from hub.store.deciding import DecisionRefusedError
from hub.store.instants import maybe_moment, moment
from hub.store.states import ReportState
from hub.store.unit import Store, Unit

#: Lines that are written at once.
_BATCH: Final = 5_000
#: What a list of reports and a question about one needs; the body is large.
_HEAD: Final = "id, first_day, last_day, state, sha256, words, number, made_at, made_by, signed_at, signed_by, signer"


class UnknownReportError(DecisionRefusedError):
    """There is no such report."""

    code = "unknown_report"

    def __init__(self, report: int) -> None:
        super().__init__(
            f"no report {report}", sentence=f"Không có báo cáo số {report}. Xem danh sách bằng lệnh hub report list."
        )


class ReportDamagedError(HubError):
    """The numbers of a kept report are not the ones that were kept."""

    code = "report_damaged"

    def __init__(self, report: int) -> None:
        super().__init__(
            f"the body of report {report} does not fit its sha256",
            sentence=f"Số liệu đã lưu của báo cáo {report} không còn nguyên vẹn nên hệ thống không hiển thị. Hãy báo bộ"
            " phận kỹ thuật để phục hồi cơ sở dữ liệu từ bản sao lưu.",
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """What people wrote into a report."""

    slots: Mapping[Slot, str] = field(default_factory=dict)
    times: int = 0  #: that they were written; whoever writes says which he saw
    by: str = ""  #: who wrote last


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """A report without its numbers."""

    id: int
    first: date
    last: date
    state: ReportState
    sha256: str
    words: Words
    number: str  #: of a signed one, as it stands before the suffix: 09
    made_at: datetime
    made_by: str
    signed_at: datetime | None
    signed_by: str  #: login of who signed
    signer: str  #: name that stands under it

    @property
    def period(self) -> Span:
        """The days that it speaks of."""
        return Span(self.first, self.last)


@dataclass(frozen=True, slots=True)
class Kept:
    """What a new report is known by."""

    id: int
    sha256: str


async def keep(unit: Unit, snapshot: Snapshot, lines: Iterable[tuple[str, str]], *, who: str) -> Kept:
    """Write a report with the items that it counts: content id, and JSON of what it counted as."""
    body = snapshot.canonical()
    digest = hashlib.sha256(body).hexdigest()
    first, last = snapshot.period.first.isoformat(), snapshot.period.last.isoformat()
    [row] = await unit.tx.fetch(
        "INSERT INTO report (first_day, last_day, state, body, sha256, made_at, made_by)"
        " VALUES (?, ?, 'draft', ?, ?, ?, ?) RETURNING id",
        first, last, zlib.compress(body), digest, unit.at, who,
    )  # fmt: skip
    report: int = row["id"]
    batch: list[tuple[int, str, str]] = []
    for content_id, line in lines:
        batch.append((report, content_id, line))
        if len(batch) == _BATCH:
            await _write(unit, batch)
            batch.clear()
    await _write(unit, batch)
    unit.tell(
        "report_made", who=who,
        why={"report": report, "first": first, "last": last, "items": snapshot.items.now, "sha256": digest},
    )  # fmt: skip
    return Kept(report, digest)


async def first_by_itself(unit: Unit, days: Span) -> bool:
    """Whether no schedule made a report over these days before this one; of two at once, one is."""
    return bool(
        await unit.tx.fetch(
            "INSERT INTO fact (key, value) VALUES (?, ?) ON CONFLICT (key) DO NOTHING RETURNING key",
            f"report:{days.word}", str(unit.at),
        )
    )  # fmt: skip


async def _write(unit: Unit, batch: Sequence[tuple[int, str, str]]) -> None:
    await unit.tx.execute_many("INSERT INTO report_item (report, content_id, line) VALUES (?, ?, ?)", batch)


async def head(store: Store, report: int) -> Report:
    """A report without its numbers. Raises UnknownReportError."""
    rows = await store.fetch(f"SELECT {_HEAD} FROM report WHERE id = ?", report)
    if not rows:
        raise UnknownReportError(report)
    return _report(rows[0])


async def read(store: Store, report: int) -> tuple[Report, Snapshot]:
    """A report with its numbers as they were kept. Raises UnknownReportError, ReportDamagedError."""
    rows = await store.fetch("SELECT * FROM report WHERE id = ?", report)
    if not rows:
        raise UnknownReportError(report)
    try:
        body = zlib.decompress(rows[0]["body"])
        if hashlib.sha256(body).hexdigest() != rows[0]["sha256"]:
            raise ReportDamagedError(report)
        return _report(rows[0]), Snapshot.model_validate_json(body)
    except (zlib.error, ValidationError) as error:
        raise ReportDamagedError(report) from error


async def listed(store: Store, *, limit: int = 100, before: int | None = None) -> list[Report]:
    """Reports, newest first; `before`: older than this one."""
    rows = await store.fetch(
        f"SELECT {_HEAD} FROM report WHERE id < ? ORDER BY id DESC LIMIT ?",
        before if before is not None else 1 << 62, limit,
    )  # fmt: skip
    return [_report(row) for row in rows]


async def over(store: Store, first: date, last: date, *, state: ReportState | None = None) -> list[Report]:
    """The reports over exactly these days, newest first; in one state, or in any."""
    rows = await store.fetch(
        f"SELECT {_HEAD} FROM report WHERE first_day = ? AND last_day = ? ORDER BY id DESC",
        first.isoformat(), last.isoformat(),
    )  # fmt: skip
    return [found for found in map(_report, rows) if state is None or found.state is state]


async def written(unit: Unit, report: Report, words: Words) -> bool:
    """Put words into a draft; False when somebody wrote or decided meanwhile."""
    changed = await unit.tx.execute(
        "UPDATE report SET words = ? WHERE id = ? AND state = 'draft' AND words = ?",
        _packed(words), report.id, _packed(report.words) if report.words.times else "{}",
    )  # fmt: skip
    if changed:
        told = {"report": report.id, "slots": sorted(words.slots), "times": words.times}
        unit.tell("report_words_written", who=words.by, why=told)
    return bool(changed)


async def signed(unit: Unit, report: Report, *, number: str, signer: str, who: str) -> bool:
    """Sign a draft as it was seen, words too; False when somebody wrote or decided meanwhile."""
    changed = await unit.tx.execute(
        "UPDATE report SET state = 'signed', number = ?, signer = ?, signed_at = ?, signed_by = ?"
        " WHERE id = ? AND state = 'draft' AND words = ?",
        number, signer, unit.at, who, report.id, _packed(report.words) if report.words.times else "{}",
    )  # fmt: skip
    if changed:
        told = {"report": report.id, "number": number, "signer": signer, "sha256": report.sha256}
        unit.tell("report_signed", who=who, why=told)
    return bool(changed)


async def dropped(unit: Unit, report: int, *, who: str, why: str) -> bool:
    """A draft is not wanted any more; False when it is none."""
    changed = await unit.tx.execute("UPDATE report SET state = 'dropped' WHERE id = ? AND state = 'draft'", report)
    if changed:
        unit.tell("report_dropped", who=who, why={"report": report, "why": why})
    return bool(changed)


def _packed(words: Words) -> str:
    value = {"slots": {str(slot): text for slot, text in words.slots.items()}, "times": words.times, "by": words.by}
    return orjson.dumps(value, option=orjson.OPT_SORT_KEYS).decode()


def _report(row: Row) -> Report:
    words = orjson.loads(row["words"])
    return Report(
        id=row["id"], first=date.fromisoformat(row["first_day"]), last=date.fromisoformat(row["last_day"]),
        state=ReportState(row["state"]), sha256=row["sha256"],
        words=Words(
            slots={Slot(name): text for name, text in words.get("slots", {}).items()}, times=words.get("times", 0),
            by=words.get("by", ""),
        ),
        number=row["number"], made_at=moment(row["made_at"]), made_by=row["made_by"],
        signed_at=maybe_moment(row["signed_at"]), signed_by=row["signed_by"], signer=row["signer"],
    )  # fmt: skip
