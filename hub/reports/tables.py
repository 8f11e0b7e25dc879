"""The tables of a report with their values: Excel keeps them as numbers and days, Word and PDF show them as text."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Final, Literal

from hub.reports.figures import UNKNOWN, count, decimal, grown, percent, share
from hub.reports.gaps import NEVER, rule_of
from hub.reports.snapshot import Contributor, Covered, Missing, Number, Sender, Snapshot
from hub.reports.wording import GROUP, UNCATEGORISED
from hub.rules.periods import written

#: What a cell can hold; None: nothing is known.
Value = str | int | float | date | None
Form = Literal["text", "count", "decimal", "percent", "day"]


@dataclass(frozen=True, slots=True)
class Column:
    """One column, and how its values are shown."""

    key: str
    name: str
    width: int  #: beside those of the other columns
    form: Form = "text"
    summed: bool = False  #: its values add up to that of the last line

    @property
    def align(self) -> Literal["left", "center", "right"]:
        """Numbers stand under each other by their last digits."""
        if self.key == "number" or self.form == "day":
            return "center"
        return "left" if self.form == "text" else "right"

    def show(self, value: Value) -> str:
        """A value as paper shows it."""
        match value:
            case None:
                return UNKNOWN
            case date():
                return written(value)
            case float() if self.form == "percent":
                return percent(value)
            case float():
                return decimal(value)
            case int():
                return count(value)
        return value


@dataclass(frozen=True, slots=True)
class Table:
    """Rows under heads; the last line, if there is one, holds sums."""

    columns: tuple[Column, ...]
    rows: tuple[tuple[Value, ...], ...]
    last: tuple[Value, ...] = ()
    #: Rows that are parts of the one above them: their numbers are in its number already.
    parts: frozenset[int] = frozenset()

    def only(self, *keys: str) -> "Table":
        """These columns, in this order."""
        where = {column.key: at for at, column in enumerate(self.columns)}
        chosen = [where[key] for key in keys]
        return replace(
            self,
            columns=tuple(self.columns[at] for at in chosen),
            rows=tuple(tuple(row[at] for at in chosen) for row in self.rows),
            last=tuple(self.last[at] for at in chosen) if self.last else (),
        )


NUMBER: Final = Column("number", "TT", 7, "count")
_MEMBER: Final = Column("member", "Cơ quan, đơn vị", 34)
_CATEGORY: Final = Column("category", "Chuyên mục", 20)


def _table(columns: Sequence[Column], rows: Iterable[Sequence[Value]], *, label: str = "", under: int = 0) -> Table:
    """Rows with their numbers; with a label, which stands under one of the columns, a last line of sums."""
    told = [tuple(row) for row in rows]
    last: tuple[Value, ...] = ()
    if label and told:
        sums: list[Value] = [
            sum(value for row in told if isinstance(value := row[at], int | float)) if column.summed else ""
            for at, column in enumerate(columns)
        ]
        sums[under] = label
        last = ("", *sums)
    return Table((NUMBER, *columns), tuple((at, *row) for at, row in enumerate(told, 1)), last)


def totals(snapshot: Snapshot) -> Table:
    """What was published, category by category, beside the period before; parts under their sum."""
    columns = (
        Column("number", "TT", 7), Column("name", "Nội dung", 42), Column("now", "Kỳ này", 12, "count", summed=True),
        Column("before", "Kỳ trước", 12, "count", summed=True), Column("more", "Tăng, giảm", 12, "count"),
        Column("growth", "Tỷ lệ", 12, "percent"),
    )  # fmt: skip
    rows, parts = list[tuple[Value, ...]](), set[int]()
    for at, number in enumerate(categories(snapshot), 1):
        rows.append((str(at), number.name, *compared(number)))
        for part in number.parts:
            parts.add(len(rows))
            rows.append(("", f"Trong đó: {part.name}", *compared(part)))
    return Table(columns, tuple(rows), ("", "Tổng cộng", *compared(snapshot.items)), frozenset(parts))


def categories(snapshot: Snapshot) -> list[Number]:
    """The top categories, and what belongs to none of them: they add up to all items."""
    known = sum(number.now for number in snapshot.totals)
    rest = snapshot.items.now - known
    if rest <= 0:
        return list(snapshot.totals)
    before = None
    if snapshot.items.before is not None and all(number.before is not None for number in snapshot.totals):
        before = snapshot.items.before - sum(number.before or 0 for number in snapshot.totals)
    return [*snapshot.totals, Number(code="-", name=UNCATEGORISED, now=rest, before=before)]


def compared(number: Number) -> tuple[Value, ...]:
    """Now, before, by how many, by which part."""
    more = None if number.before is None else number.now - number.before
    return number.now, number.before, more, grown(number.now, number.before)


def senders(snapshot: Snapshot) -> Table:
    """Members and what they published, with one column for each category that anybody has."""
    names = {each.code: each.name for sender in snapshot.senders for each in sender.categories if each.now}
    columns = [
        Column("code", "Mã", 10), _MEMBER, Column("group", "Khối", 14),
        Column("total", "Tổng số", 9, "count", summed=True), Column("before", "Kỳ trước", 9, "count"),
        *(Column(f"category {code}", name, 9, "count", summed=True) for code, name in names.items()),
        Column("photos", "Ảnh", 8, "count", summed=True), Column("files", "Tệp", 8, "count", summed=True),
        Column("copies", "Đăng lại", 9, "count", summed=True),
        Column("timed", "Có thời hạn", 9, "count", summed=True),
        Column("in time", "Đúng hạn", 9, "count", summed=True),
        Column("in time share", "Tỷ lệ đúng hạn", 10, "percent"),
        Column("delay", "Giờ chờ (trung vị)", 9, "decimal"),
    ]  # fmt: skip
    rows = []
    for sender in snapshot.senders:
        by_code = {each.code: each.now for each in sender.categories}
        rows.append((
            sender.code, called(sender), GROUP[sender.group], sender.total.now,
            sender.total.before, *(by_code.get(code, 0) for code in names), sender.photos, sender.files, sender.copies,
            sender.timed, sender.in_time, share(sender.in_time, sender.timed), sender.delay_hours,
        ))  # fmt: skip
    return _table(columns, rows, label="Tổng cộng", under=1)


def months(snapshot: Snapshot) -> Table:
    """Items month by month."""
    columns = (
        Column("name", "Tháng", 42), Column("now", "Kỳ này", 12, "count", summed=True),
        Column("before", "Kỳ trước", 12, "count"), Column("more", "Tăng, giảm", 12, "count"),
        Column("growth", "Tỷ lệ", 12, "percent"),
    )  # fmt: skip
    return _table(columns, ((each.name, *compared(each)) for each in snapshot.months), label="Cộng các tháng")


def called(sender: Sender) -> str:
    """The name of a member; with its end, where it has one."""
    if sender.until is None:
        return sender.name
    after = f", nay là {'; '.join(sender.successors)}" if sender.successors else ""
    return f"{sender.name} (đến {written(sender.until)}{after})"


def covered(rows: Sequence[Covered]) -> Table:
    """n of N."""
    columns = (
        Column("name", "Nội dung", 24), Column("group", "Khối", 15), Column("due", "Phải có", 8, "count"),
        Column("have", "Đã có", 8, "count"), Column("share", "Tỷ lệ", 8, "percent"),
        Column("missing", "Chưa có trên hệ thống", 32),
    )  # fmt: skip
    return _table(columns, (
        (each.name, GROUP[each.group], each.due, each.have, share(each.have, each.due),
         "; ".join(each.missing))
        for each in rows
    ))  # fmt: skip


def missing(rows: Sequence[Missing], verdict: Callable[[Missing], str]) -> Table:
    """Who owes what, and why it is not there."""
    columns = (
        _MEMBER, Column("group", "Khối", 14), _CATEGORY, Column("rule", "Quy định", 24),
        Column("owed", "Số kỳ phải cung cấp", 10, "count"), Column("unmet", "Số kỳ còn thiếu", 11, "count"),
        Column("came", "Số tin trong kỳ", 10, "count"), Column("last", "Tin gần nhất", 18, "day"),
        Column("late", "Chậm (ngày làm việc)", 10, "count"), Column("verdict", "Kết luận", 22),
        Column("sentence", "Giải thích", 34), Column("evidence", "Căn cứ", 30),
    )  # fmt: skip
    return _table(columns, (
        (each.name, GROUP[each.group], each.category_name, rule_of(each), each.owed,
         each.unmet, each.came, each.last_item or NEVER, each.late_days, verdict(each), each.sentence,
         "; ".join(each.evidence))
        for each in rows
    ))  # fmt: skip


def timeliness(snapshot: Snapshot) -> Table:
    """How soon the categories became public."""
    columns = (
        _CATEGORY, Column("limit", "Thời hạn (ngày làm việc)", 11, "count"),
        Column("measured", "Số mục đo được", 10, "count"), Column("in time", "Đúng hạn", 9, "count"),
        Column("share", "Tỷ lệ", 9, "percent"), Column("median", "Trung vị (ngày)", 10, "decimal"),
        Column("worst", "Chậm nhất (ngày)", 10, "count"), Column("worst item", "Mục chậm nhất", 24),
    )  # fmt: skip
    return _table(columns, (
        (each.name, each.limit, each.measured, each.in_time if each.limit is not None else None,
         share(each.in_time, each.measured) if each.limit is not None else None, each.median_days, each.worst_days,
         each.worst)
        for each in snapshot.timeliness
    ))  # fmt: skip


def places(snapshot: Snapshot) -> Table:
    """What became of deliveries."""
    columns = (
        Column("name", "Nơi nhận", 28), Column("delivered", "Đã chuyển", 12, "count", summed=True),
        Column("edits", "Cập nhật", 12, "count", summed=True),
        Column("withdrawals", "Gỡ bài", 12, "count", summed=True),
        Column("refused", "Bị từ chối", 12, "count", summed=True),
        Column("waiting", "Đang chờ", 12, "count", summed=True),
    )  # fmt: skip
    return _table(columns, (
        (each.name, each.delivered, each.edits, each.withdrawals, each.refused, each.waiting)
        for each in snapshot.places
    ), label="Tổng cộng")  # fmt: skip


def readers(snapshot: Snapshot) -> Table:
    """Visits of the sites."""
    columns = (
        Column("site", "Trang", 22), _MEMBER, Column("now", "Lượt truy cập", 13, "count", summed=True),
        Column("before", "Kỳ trước", 13, "count"), Column("growth", "Tỷ lệ", 9, "percent"),
        Column("days", "Số ngày có số liệu", 10, "count"), Column("remarks", "Ghi chú", 28),
    )  # fmt: skip
    return _table(columns, (
        (each.site, each.name, each.now, each.before, grown(each.now, each.before), each.days, "; ".join(each.remarks))
        for each in snapshot.readers
    ), label="Tổng cộng")  # fmt: skip


def contributors(rows: Sequence[Contributor], names: dict[str, str]) -> Table:
    """Authors with what they had accepted; `names` are those of the categories that have a column."""
    columns = (
        Column("author", "Tác giả", 24), _MEMBER, Column("total", "Tổng số", 9, "count", summed=True),
        *(Column(f"category {code}", name, 9, "count", summed=True) for code, name in names.items()),
        Column("photos", "Ảnh", 8, "count", summed=True), Column("points", "Điểm", 10, "decimal", summed=True),
    )  # fmt: skip
    return _table(columns, (
        (each.author, each.member_name, each.total, *(each.categories.get(code, 0) for code in names), each.photos,
         float(each.points))
        for each in rows
    ), label="Tổng cộng")  # fmt: skip
