"""Snapshots made by hand: the half-year of Sơn La, a year of a large province, and a period in which nothing happened.

The numbers of `son_la` are those of a published half-year report (09/BC-BBT): 737 articles, 459 photos, 446 documents
(258 + 188), 9 decisions, 14 receptions, 1 petition, 13 questions and 3,910,575 visits; 18 of 19 departments and 11 of
12 localities; nine departments and three localities that sent nothing.
"""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any

from hub.reports.snapshot import (
    Contributor,
    Covered,
    Decisions,
    Head,
    Missing,
    Number,
    Period,
    Place,
    Readers,
    Sender,
    Signed,
    Slot,
    Snapshot,
    Timeliness,
)
from hub.rules.coverage import Group
from hub.rules.silences import Silence

RULE = "Công văn số 2732/UBND-KGVX ngày 29/8/2017 của UBND tỉnh"
ZONE = timezone(timedelta(hours=7))
SIGNED = Signed(name="Nguyễn Văn Minh", day=date(2026, 7, 6))
WORDS = {
    Slot.OPENING: "Thực hiện Quy chế hoạt động của Cổng Thông tin điện tử tỉnh;",
    Slot.RESULTS: "Thông tin được cung cấp đều, bám sát sự chỉ đạo của Tỉnh ủy, HĐND, UBND tỉnh.",
    Slot.SILENT: "Ban Biên tập đã có văn bản đôn đốc các cơ quan, đơn vị nêu trên.",
    Slot.PROPOSALS: "Đề nghị Chủ tịch UBND tỉnh chỉ đạo các cơ quan, đơn vị cung cấp thông tin đúng quy định.\n"
    "Đề nghị Sở Nội vụ đưa kết quả cung cấp thông tin vào tiêu chí thi đua.",
}

DEPARTMENTS = (
    "Văn phòng UBND tỉnh", "Sở Nội vụ", "Sở Tư pháp", "Sở Tài chính", "Sở Kế hoạch và Đầu tư", "Sở Công Thương",
    "Sở Nông nghiệp và Phát triển nông thôn", "Sở Giao thông vận tải", "Sở Xây dựng", "Sở Tài nguyên và Môi trường",
    "Sở Thông tin và Truyền thông", "Sở Lao động - Thương binh và Xã hội", "Sở Văn hóa, Thể thao và Du lịch",
    "Sở Khoa học và Công nghệ", "Sở Giáo dục và Đào tạo", "Sở Y tế", "Thanh tra tỉnh", "Ban Dân tộc",
    "Ban Quản lý các khu công nghiệp",
)  # fmt: skip
LOCALITIES = (
    "Thành phố Sơn La", "Huyện Mộc Châu", "Huyện Vân Hồ", "Huyện Yên Châu", "Huyện Mai Sơn", "Huyện Thuận Châu",
    "Huyện Quỳnh Nhai", "Huyện Mường La", "Huyện Bắc Yên", "Huyện Phù Yên", "Huyện Sông Mã", "Huyện Sốp Cộp",
)  # fmt: skip
#: Nine departments and three localities.
SILENT_DEPARTMENTS = DEPARTMENTS[8:17]
SILENT_LOCALITIES = LOCALITIES[9:]


def number(code: str, name: str, now: int, before: int | None = None, parts: tuple[Number, ...] = ()) -> Number:
    return Number(code=code, name=name, now=now, before=before, parts=parts)


def missing(code: str, name: str, group: Group = Group.DEPARTMENT, **fields: Any) -> Missing:
    given: dict[str, Any] = {
        "category": "news", "category_name": "Tin, bài", "duty": "tin-bai", "rule": RULE, "confirmed": True, "owed": 6,
        "unmet": 6, "came": 0, "last_item": date(2025, 11, 4), "late_days": 104, "silence": Silence.NOTHING,
        "sentence": "Đơn vị chưa đăng tin, bài nào trong kỳ.",
    }  # fmt: skip
    return Missing(code=code, name=name, group=group, **{**given, **fields})


def sender(code: str, name: str, group: Group, news: int, documents: int, **fields: Any) -> Sender:
    given: dict[str, Any] = {
        "photos": 0, "files": 0, "copies": 0, "in_time": 0, "timed": 0, "delay_hours": None,
        "total": number("items", "Tổng số", news + documents),
        "categories": (number("news", "Tin, bài", news), number("documents", "Văn bản", documents)),
    }  # fmt: skip
    return Sender(code=code, name=name, group=group, **{**given, **fields})


def snapshot(**fields: Any) -> Snapshot:
    """A period in which nothing happened, with what a test cares about."""
    given: dict[str, Any] = {
        "period": Period(first=date(2026, 1, 1), last=date(2026, 6, 30), name="6 tháng đầu năm 2026"),
        "before": Period(first=date(2025, 7, 1), last=date(2025, 12, 31), name="6 tháng cuối năm 2025"),
        "made_at": datetime(2026, 7, 3, 8, 30, tzinfo=ZONE),
        "head": Head(
            agency="Ban Biên tập Cổng Thông tin điện tử", above="UBND TỈNH SƠN LA", place="Sơn La", suffix="BC-BBT",
            signer_title="TRƯỞNG BAN BIÊN TẬP", recipients=("Chủ tịch UBND tỉnh (báo cáo)", "Lưu: VT, BBT"),
        ),
        "totals": (), "photos": number("photos", "Ảnh", 0), "files": number("files", "Tệp đính kèm", 0),
        "items": number("items", "Tổng số", 0), "copies": 0, "undated": 0, "senders": (), "missing": (), "covered": (),
        "timeliness": (), "contributors": (), "places": (), "readers": (),
    }  # fmt: skip
    return Snapshot(**{**given, **fields})


def son_la(**fields: Any) -> Snapshot:
    """The half-year of the published report; what it does not tell (before, delays, authors) is made up."""
    totals = (
        number("receptions", "Lịch tiếp công dân", 14, 12),
        number("petitions", "Trả lời kiến nghị của cử tri, phản ánh của công dân", 1, 0),
        number("decisions", "Quyết định công bố thủ tục hành chính", 9, 11),
        number("documents", "Văn bản", 446, 401, (
            number("directives", "Văn bản chỉ đạo, điều hành", 258, 230),
            number("legal", "Văn bản quy phạm pháp luật", 188, 171),
        )),
        number("questions", "Hỏi đáp", 13, 13),
        number("news", "Tin, bài", 737, 655),
    )  # fmt: skip
    items = sum(each.now for each in totals)
    given: dict[str, Any] = {
        "totals": totals, "items": number("items", "Tổng số", items, 1092), "photos": number("photos", "Ảnh", 459, 512),
        "files": number("files", "Tệp đính kèm", 463, 420), "copies": 37, "undated": 5, "senders": _son_la_senders(),
        "missing": (
            *(missing(f"H52.{at}", name) for at, name in enumerate(SILENT_DEPARTMENTS, 9)),
            *(missing(f"H52.{at}", name, Group.DISTRICT, last_item=None, late_days=None)
              for at, name in enumerate(SILENT_LOCALITIES, 29)),
            missing("H52.18", "Ban Dân tộc", silence=Silence.UNREAD, category="documents", category_name="Văn bản",
                    duty="van-ban", sentence="Trang của đơn vị không trả lời từ ngày 10/3/2026.",
                    evidence=("Nguồn ban-dan-toc: connect_failed từ 10/3/2026, 214 lần",)),
            missing("H52.2", "Sở Nội vụ", silence=Silence.KEPT, category="documents", category_name="Văn bản",
                    duty="van-ban", confirmed=False,
                    sentence="04 văn bản đã đến và đang chờ duyệt do có dấu hiệu dữ liệu cá nhân.",
                    evidence=("04 mục ở trạng thái tạm giữ",)),
            missing("H52.4", "Sở Tài chính", came=3, unmet=2, last_item=date(2026, 5, 12), late_days=23),
        ),
        "covered": (
            Covered(code="procedures", name="Thủ tục hành chính", group=Group.DEPARTMENT, due=19, have=18,
                    missing=("Ban Dân tộc",)),
            Covered(code="procedures", name="Thủ tục hành chính", group=Group.DISTRICT, due=12, have=11,
                    missing=("Huyện Sốp Cộp",)),
        ),
        "timeliness": (
            Timeliness(category="documents", name="Văn bản", limit=2, measured=440, in_time=396, median_days=1.5,
                       worst_days=31, worst="3a6c0e51-0000-5000-8000-000000000001"),
            Timeliness(category="questions", name="Hỏi đáp", limit=10, measured=13, in_time=13, median_days=4.0,
                       worst_days=9),
            Timeliness(category="news", name="Tin, bài", limit=None, measured=737, in_time=0, median_days=0.2,
                       worst_days=6),
        ),
        "contributors": (
            Contributor(author="Lò Thị Mai", member="H52.1", member_name="Văn phòng UBND tỉnh",
                        categories={"news": 120}, total=120, photos=88, points=132.5),
            Contributor(author="Quàng Văn Hặc", member="H52.21", member_name="Huyện Mộc Châu",
                        categories={"news": 74, "notices": 3}, total=77, photos=40, points=80.0),
        ),
        "places": (
            Place(name="Cổng Thông tin điện tử tỉnh", delivered=1_220, edits=64, withdrawals=7, refused=0, waiting=0),
            Place(name="Trang Facebook của Cổng", delivered=612, edits=20, withdrawals=2, refused=3, waiting=1),
        ),
        "readers": (
            Readers(site="sonla.gov.vn", member="H52.1", name="Cổng Thông tin điện tử tỉnh", now=3_910_575,
                    before=3_402_118, days=181),
        ),
        "months": tuple(
            number(f"2026-{at:02}", f"Tháng {at}", now, before)
            for at, (now, before) in enumerate(
                ((181, 160), (142, 171), (223, 188), (215, 190), (238, 181), (221, 202)), 1
            )
        ),
        "decisions": Decisions(
            approved=number("approved", "Đã duyệt", 1_257), waiting=number("waiting", "Chờ duyệt", 4),
            rejected=number("rejected", "Từ chối", 21), withdrawn=number("withdrawn", "Đã gỡ", 7), approval_hours=1.4,
            delay_hours=6.25,
        ),
        "remarks": ("Thời hạn công khai văn bản chưa được Ban Biên tập xác nhận.",),
    }  # fmt: skip
    return snapshot(**{**given, **fields})


def _son_la_senders() -> tuple[Sender, ...]:
    """Members whose articles are 737, documents 446, photos 459 and the rest 37; the silent ones have no article."""
    names = [(name, Group.DEPARTMENT) for name in DEPARTMENTS] + [(name, Group.DISTRICT) for name in LOCALITIES]
    silent = {*SILENT_DEPARTMENTS, *SILENT_LOCALITIES}
    news = _spread(737, [0 if name in silent else 1 + (7 * at) % 11 for at, (name, _) in enumerate(names)])
    documents = _spread(446, [0 if at % 4 == 3 else 1 + (5 * at) % 7 for at in range(len(names))])
    photos = _spread(459, [min(1, each) for each in news])
    others = [37] + [0] * (len(names) - 1)
    return tuple(
        sender(
            f"H52.{at}", name, group, news[at - 1], documents[at - 1], photos=photos[at - 1],
            files=documents[at - 1], timed=documents[at - 1], in_time=documents[at - 1] * 9 // 10,
            total=number("items", "Tổng số", news[at - 1] + documents[at - 1] + others[at - 1]),
            categories=(
                number("receptions", "Lịch tiếp công dân", 14 if at == 1 else 0),
                number("petitions", "Trả lời kiến nghị của cử tri, phản ánh của công dân", int(at == 1)),
                number("decisions", "Quyết định công bố thủ tục hành chính", 9 if at == 1 else 0),
                number("documents", "Văn bản", documents[at - 1]),
                number("questions", "Hỏi đáp", 13 if at == 1 else 0),
                number("news", "Tin, bài", news[at - 1]),
            ),
            delay_hours=7.5 if news[at - 1] else None,
        )
        for at, (name, group) in enumerate(names, 1)
    )  # fmt: skip


def _spread(total: int, weights: Sequence[int]) -> list[int]:
    """A sum over many, by weights, nothing lost."""
    told, given, weight = [], 0, 0
    for each in weights:
        weight += each
        upto = total * weight // sum(weights)
        told.append(upto - given)
        given = upto
    return told


def large_year() -> Snapshot:
    """A year of 130 members, 12 categories, 2,000 contributors and 300 gaps."""
    categories = [(f"c{at}", f"Chuyên mục thứ {at}") for at in range(12)]
    members = tuple(
        Sender(
            code=f"H52.{at}", name=f"Ủy ban nhân dân xã Chiềng Ngần số {at}",
            group=Group.DEPARTMENT if at < 19 else Group.COMMUNE,
            total=number("items", "Tổng số", 12 * at, 11 * at),
            categories=tuple(number(code, name, at) for code, name in categories), photos=at, files=at, copies=3,
            in_time=at, timed=2 * at, delay_hours=at / 7,
        )
        for at in range(1, 131)
    )  # fmt: skip
    each = sum(range(1, 131))
    return snapshot(
        period=Period(first=date(2026, 1, 1), last=date(2026, 12, 31), name="năm 2026"),
        before=Period(first=date(2025, 1, 1), last=date(2025, 12, 31), name="năm 2025"),
        made_at=datetime(2027, 1, 4, 1, 30, tzinfo=UTC), senders=members,
        totals=tuple(number(code, name, each, each) for code, name in categories),
        items=number("items", "Tổng số", 12 * each, 12 * each), photos=number("photos", "Ảnh", each),
        files=number("files", "Tệp đính kèm", each),
        missing=tuple(
            missing(f"H52.{at % 130 + 1}", f"Ủy ban nhân dân xã Chiềng Ngần số {at % 130 + 1}", Group.COMMUNE,
                    category=f"c{at % 3}", category_name=f"Chuyên mục thứ {at % 3}", duty=f"d{at % 3}",
                    silence=list(Silence)[at % 3], evidence=("Nguồn a: timed_out từ 10/3/2026",))
            for at in range(300)
        ),
        contributors=tuple(
            Contributor(author=f"Cộng tác viên Lò Văn {at}", member=f"H52.{at % 130}", member_name=f"Xã số {at % 130}",
                        categories={"c0": at % 40, "c1": 1}, total=at % 40 + 1, photos=at % 9, points=at % 40 * 1.5)
            for at in range(2_000)
        ),
        places=tuple(Place(name=f"Nơi nhận {at}", delivered=9, edits=1, withdrawals=0, refused=0, waiting=2)
                     for at in range(6)),
        readers=tuple(Readers(site=f"xa{at}.sonla.gov.vn", member=f"H52.{at}", name=f"Xã số {at}", now=1_000 * at,
                              before=None, days=365) for at in range(130)),
        months=tuple(number(f"2026-{at:02}", f"Tháng {at}", 500 + at) for at in range(1, 13)),
    )  # fmt: skip
