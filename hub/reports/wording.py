"""What a report says, in the words of a provincial office; Word, PDF and Excel share it.

A sentence is made of numbers of the snapshot and of nothing else; what is not known is told as not known. Of members
that have not given what they owe, hub/reports/gaps.py speaks.
"""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Final

from hub.reports.figures import change, count, decimal, enumerated, percent, share, spoken, two
from hub.reports.snapshot import Covered, Number, Period, Snapshot
from hub.rules.coverage import Group
from hub.rules.periods import written

NATION: Final = ("CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM", "Độc lập - Tự do - Hạnh phúc")
REPORT: Final = "BÁO CÁO"
RECIPIENTS: Final = "Nơi nhận:"
SIGNED: Final = "(Đã ký)"

RESULTS: Final = "KẾT QUẢ CUNG CẤP THÔNG TIN"
MEMBERS: Final = "TÌNH HÌNH CUNG CẤP THÔNG TIN CỦA CÁC CƠ QUAN, ĐƠN VỊ"
SILENT: Final = "CƠ QUAN, ĐƠN VỊ CHƯA CUNG CẤP THÔNG TIN"
TIMELINESS: Final = "TÍNH KỊP THỜI"
PLACES: Final = "CHUYỂN THÔNG TIN TỚI CÁC NƠI NHẬN"
VISITS: Final = "LƯỢT TRUY CẬP"
CONTRIBUTORS: Final = "CỘNG TÁC VIÊN"
PROPOSALS: Final = "NHẬN XÉT, KIẾN NGHỊ"
REMARKS: Final = "GHI CHÚ VỀ SỐ LIỆU"

UNCATEGORISED: Final = "Chưa xếp vào chuyên mục"

GROUP: Final[Mapping[Group, str]] = {
    Group.DEPARTMENT: "Sở, ban, ngành", Group.DISTRICT: "Huyện, thị xã, thành phố", Group.COMMUNE: "Xã, phường",
    Group.OTHER: "Đơn vị khác",
}  # fmt: skip
#: What items of a category are called after their number; others are "mục tin".
_UNITS: Final = {
    "news": "tin, bài", "documents": "văn bản", "decisions": "quyết định", "receptions": "lịch tiếp công dân",
    "petitions": "văn bản trả lời", "questions": "câu hỏi", "procedures": "thủ tục", "notices": "thông báo",
    "photos": "ảnh", "files": "tệp",
}  # fmt: skip


def title(snapshot: Snapshot) -> str:
    """The trích yếu under BÁO CÁO."""
    return f"Kết quả cung cấp thông tin của các cơ quan, đơn vị\n{inside(snapshot.period)}"


def number_line(number: str, suffix: str) -> str:
    """Số: 09/BC-BBT, from 09 or from the whole; with room for a number that is not given yet."""
    return f"Số: {number}" if "/" in number else f"Số: {number or '       '}/{suffix or 'BC'}"


def dateline(place: str, signed: date | None, year: int) -> str:
    """Place and day; days of a report that nobody signed are left open."""
    told = spoken(signed) if signed else f"ngày       tháng       năm {year}"
    return f"{place}, {told}" if place else told


def opening(snapshot: Snapshot) -> str:
    """Who reports on which days."""
    period, before = snapshot.period, inside(snapshot.before)
    days = f"từ ngày {written(period.first)} đến ngày {written(period.last)}"
    told = f"{snapshot.head.agency} báo cáo kết quả cung cấp thông tin của các cơ quan, đơn vị"
    if inside(period).startswith("từ ngày"):  # its days are its name
        return f"{told} {days} (kỳ trước để so sánh: {before}) như sau:"
    return f"{told} {inside(period)} ({days}; kỳ trước để so sánh: {before}) như sau:"


def inside(period: Period) -> str:
    """Its name within a sentence: quý I năm 2026."""
    return lower(period.name)


def unit(number: Number) -> str:
    """What is counted, after its number."""
    return _UNITS.get(number.code, "mục tin")


def counted(number: Number) -> str:
    """446 văn bản, gồm 258 văn bản chỉ đạo, điều hành và 188 văn bản quy phạm pháp luật."""
    told = f"{count(number.now)} {unit(number)}"
    parts = [f"{count(part.now)} {lower(part.name)}" for part in number.parts if part.now]
    return f"{told}, gồm {enumerated(parts)}" if parts else told


def line(number: Number, *, compared: bool = True) -> str:
    """One line of section I; without comparison where nothing at all is known of the period before."""
    if not compared and number.before is None:
        return f"{number.name}: {counted(number) if number.now else 'trong kỳ không có'}."
    if not number.now:
        return f"{number.name}: trong kỳ không có; {_fallen(number.before)}."
    return f"{number.name}: {counted(number)}; {change(number.now, number.before)}."


def empty(names: Sequence[str]) -> str:
    """One line for all categories of which nothing is to be told."""
    return f"Chuyên mục không có thông tin trong kỳ: {'; '.join(names)}."


def total(snapshot: Snapshot) -> str:
    """The first sentence of section I."""
    items = snapshot.items
    if not items.now:
        return f"Trong kỳ, hệ thống không ghi nhận thông tin nào được công khai; {_fallen(items.before)}."
    with_items = sum(sender.total.now > 0 for sender in snapshot.senders)
    return (
        f"Trong kỳ, {two(with_items)} cơ quan, đơn vị đã cung cấp {count(items.now)} mục thông tin được công khai;"
        f" {change(items.now, items.before)}. Cụ thể:"
    )


def how_counted(snapshot: Snapshot) -> list[str]:
    """What is not in the numbers, or only in a way."""
    told = []
    if snapshot.copies:
        told.append(
            f"Ngoài ra có {count(snapshot.copies)} lượt đăng lại thông tin của đơn vị khác; mỗi thông tin chỉ được tính"
            " một lần cho đơn vị đăng đầu tiên."
        )
    if snapshot.undated:
        told.append(
            f"Có {count(snapshot.undated)} mục thông tin không ghi ngày đăng, được tính theo ngày hệ thống thu nhận lần"
            " đầu."
        )
    return told


def covered(rows: Sequence[Covered]) -> list[str]:
    """One sentence for each kind: 18/19 sở, ban, ngành; 11/12 huyện …"""
    by_name: dict[str, list[Covered]] = {}
    for row in rows:
        by_name.setdefault(row.name, []).append(row)
    return [f"{name}: {'; '.join(map(_of_all, same))}." for name, same in by_name.items()]


def _of_all(row: Covered) -> str:
    group = lower(GROUP[row.group])
    if not row.due:
        return f"không có {group} nào thuộc diện phải cung cấp"
    told = f"{two(row.have)}/{two(row.due)} {group} đã có ({percent(share(row.have, row.due))})"
    return f"{told}, chưa có trên hệ thống: {', '.join(row.missing)}" if row.missing else told


def members(snapshot: Snapshot) -> str:
    """How many of all published anything."""
    sent = sum(sender.total.now > 0 for sender in snapshot.senders)
    if not snapshot.senders:
        return "Trong kỳ không có cơ quan, đơn vị nào thuộc danh sách theo dõi."
    return (
        f"Có {two(sent)}/{two(len(snapshot.senders))} cơ quan, đơn vị có thông tin được công khai trong kỳ"
        f" ({percent(share(sent, len(snapshot.senders)))})."
    )


def decided(snapshot: Snapshot) -> list[str]:
    """What became of all that came, and how long it took; nothing where the snapshot does not tell."""
    found = snapshot.decisions
    if found is None:
        return []
    told = [
        f"Trong các thông tin thu nhận của kỳ (kể cả bản đăng lại): {count(found.approved.now)} mục đã được duyệt và"
        f" công khai; {count(found.waiting.now)} mục chờ duyệt; {count(found.rejected.now)} mục bị từ chối;"
        f" {count(found.withdrawn.now)} mục đã gỡ."
    ]
    medians = [
        f"{name} là {decimal(hours)} giờ"
        for name, hours in (
            ("từ khi thu nhận đến khi duyệt", found.approval_hours),
            ("từ khi đơn vị đăng đến khi công khai trên hệ thống", found.delay_hours),
        )
        if hours is not None
    ]
    return [*told, f"Thời gian trung vị {enumerated(medians)}."] if medians else told


def timeliness(snapshot: Snapshot) -> str:
    """The sentence over the table of section IV."""
    limited = [each for each in snapshot.timeliness if each.limit is not None and each.measured]
    measured, in_time = sum(each.measured for each in limited), sum(each.in_time for each in limited)
    if not snapshot.timeliness:
        return "Trong kỳ không có thông tin nào đo được thời gian từ khi phát hành đến khi công khai."
    if not limited:
        return "Chưa có thời hạn nào được quy định hoặc chưa đo được; bảng dưới đây chỉ nêu thời gian thực tế."
    return (
        f"Trong {count(measured)} mục thông tin có quy định thời hạn và đo được, {count(in_time)} mục được công khai"
        f" đúng hạn, đạt {percent(share(in_time, measured))}; {count(measured - in_time)} mục chậm so với thời hạn."
    )


def places(snapshot: Snapshot) -> str:
    """The sentence over the table of section V."""
    if not snapshot.places:
        return "Trong kỳ không có lượt chuyển thông tin nào tới các nơi nhận."
    delivered, waiting = sum(each.delivered for each in snapshot.places), sum(each.waiting for each in snapshot.places)
    refused = sum(each.refused for each in snapshot.places)
    return (
        f"Đã chuyển thành công {count(delivered)} lượt tới {two(len(snapshot.places))} nơi nhận;"
        f" {_none_or(refused, 'lượt bị từ chối')}; {_none_or(waiting, 'lượt đang chờ chuyển')}."
    )


def visit_line(snapshot: Snapshot) -> str:
    """The line about visits in section I, of a snapshot that has any."""
    now, before = _visits(snapshot)
    return f"Lượt truy cập: {count(now)} lượt; {change(now, before)}."


def visits(snapshot: Snapshot) -> str:
    """The sentence over the table of section VI."""
    if not snapshot.readers:
        return "Hệ thống chưa có số liệu lượt truy cập của kỳ này."
    now, before = _visits(snapshot)
    told = f"Tổng số {count(now)} lượt truy cập vào {two(len(snapshot.readers))} trang; {change(now, before)}."
    whole = (snapshot.period.last - snapshot.period.first).days + 1
    holes = sum(each.days < whole for each in snapshot.readers)
    return told + (f" Có {two(holes)} trang không đủ số liệu của cả {whole} ngày trong kỳ." if holes else "")


def visited(snapshot: Snapshot) -> Number | None:
    """Visits of all sites together; None where nothing is known of any."""
    if not snapshot.readers:
        return None
    now, before = _visits(snapshot)
    return Number(code="visits", name="Lượt truy cập", now=now, before=before)


def _visits(snapshot: Snapshot) -> tuple[int, int | None]:
    """Of all sites, now and before; before is known only where it is known of each of them."""
    before = [each.before for each in snapshot.readers if each.before is not None]
    now = sum(each.now for each in snapshot.readers)
    return now, sum(before) if len(before) == len(snapshot.readers) else None


def contributors(snapshot: Snapshot) -> str:
    """The sentence over the table of section VII."""
    if not snapshot.contributors:
        return "Trong kỳ không ghi nhận tin, bài nào có tên tác giả."
    points = sum(each.points for each in snapshot.contributors)
    return (
        f"Có {count(len(snapshot.contributors))} tác giả, cộng tác viên với"
        f" {count(sum(each.total for each in snapshot.contributors))} mục thông tin được sử dụng,"
        f" {count(sum(each.photos for each in snapshot.contributors))} ảnh"
        + (f", tổng cộng {decimal(points)} điểm." if points else ".")
    )


def others(number: int) -> str:
    """The line of all contributors who have none of their own on paper."""
    return f"{count(number)} tác giả khác (danh sách đầy đủ tại tệp Excel)"


def made(snapshot: Snapshot) -> str:
    """When the numbers were taken."""
    at = snapshot.made_at
    return f"Số liệu được chốt lúc {at:%H:%M} ngày {written(at.date())} và không thay đổi sau khi lập báo cáo."


def _none_or(number: int, what: str) -> str:
    return f"{count(number)} {what}" if number else f"không có {what}"


def _fallen(before: int | None) -> str:
    """How it was before nothing came."""
    return f"kỳ trước có {count(before)}" if before else change(0, before)


def lower(name: str) -> str:
    """A name in the middle of a sentence; abbreviations (QĐ, TTHC) stay."""
    return name[:1].lower() + name[1:] if not name[1:2].isupper() else name
