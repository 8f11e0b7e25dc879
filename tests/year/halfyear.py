"""A half-year with the counts that a provincial board published (half-year report 09/BC-BBT), on made-up members.

737 articles with 459 photos, 446 documents (258 directives and 188 legal ones), 9 decisions about procedures, 14
receptions of citizens, 1 answer to a petition, 13 questions; procedures of 18 of 19 departments and 11 of 12
districts; nine departments and three districts that sent nothing against Công văn 2732/UBND-KGVX of 29/8/2017; and
3,910,575 visits.
"""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from tests.year.days import DAY, FIRST, MERGED, at
from tests.year.plan import AUTHORS, Entry, Year
from tests.year.roster import Feed, Office, Owed, code

RULE = "Công văn 2732/UBND-KGVX ngày 29/8/2017"
#: What the report says, by the code of the category.
COUNTS = {
    "news": 737, "directives": 258, "legal": 188, "decisions": 9, "receptions": 14, "petitions": 1, "questions": 13,
}  # fmt: skip
PHOTOS, DOCUMENTS, VISITS = 459, 446, 3_910_575
SITE = "Cổng thông tin điện tử tỉnh"

DEPARTMENTS = (
    "Văn phòng UBND tỉnh", "Sở Nội vụ", "Sở Tư pháp", "Sở Kế hoạch và Đầu tư", "Sở Tài chính", "Sở Công Thương",
    "Sở Nông nghiệp và PTNT", "Sở Giao thông vận tải", "Sở Xây dựng", "Sở Tài nguyên và Môi trường",
    "Sở Thông tin và Truyền thông", "Sở Lao động - TB và XH", "Sở Văn hoá, Thể thao và Du lịch",
    "Sở Khoa học và Công nghệ", "Sở Giáo dục và Đào tạo", "Sở Y tế", "Sở Ngoại vụ", "Thanh tra tỉnh", "Ban Dân tộc",
)  # fmt: skip
DISTRICTS = ("Thành phố Mẫu", *(f"Huyện {name}" for name in (
    "Nà Phường", "Hạ Liễu", "Bản Mòng", "Suối Trắng", "Đồng Giang", "Lũng Vài", "Pác Nậm Hạ", "Tân Lập Đông", "Khe Sâu",
    "Mường Chiềng", "Phiêng Luông",
)))  # fmt: skip


@dataclass(frozen=True, slots=True)
class HalfYear:
    """The set with what a report over it has to say."""

    year: Year
    silent: frozenset[str]  #: codes of the members that sent nothing
    without_procedures: frozenset[str]


def half_year(seed: int) -> HalfYear:
    """The same counts on other days and members with every seed."""
    rng = random.Random(seed)
    offices = [Office(code(number), name, "department") for number, name in enumerate(DEPARTMENTS, 11)]
    offices += [Office(code(number), name, "district") for number, name in enumerate(DISTRICTS, 41)]
    silent = rng.sample(offices[:19], 9) + rng.sample(offices[19:], 3)
    without = [rng.choice(offices[:19]), rng.choice(offices[19:])]
    kinds = {"tin": "news", "van-ban": "document", "thu-tuc": "procedure", "thong-bao": "notice",
             "hoi-dap": "question"}  # fmt: skip
    feeds = [
        Feed(f"{one.code.lower().replace('.', '-')}-{name}", one.code, kind)
        for one in offices for name, kind in kinds.items()
    ]  # fmt: skip
    duties = (
        Owed(name="tin-2732", category="news", every="half-year", kinds=("department", "district"), rule=RULE),
        Owed(name="tthc", category="procedures", every="half-year", kinds=("department", "district"),
             rule="Nghị định 63/2010/NĐ-CP"),
    )  # fmt: skip
    year = Year(seed, offices, feeds, duties, agency="Ban Biên tập Cổng thông tin điện tử tỉnh")
    by_kind = {(feed.member, feed.kind): feed for feed in feeds}
    for category, count in COUNTS.items():
        kind = {"news": "news", "receptions": "notice", "questions": "question", "petitions": "notice"}.get(
            category, "document"
        )
        givers = [one for one in offices if category != "news" or one not in silent]
        for number in range(count):  # each of them at least one, where there are enough
            giver = givers[number] if number < len(givers) else rng.choice(givers)
            _put(rng, year, by_kind[giver.code, kind], category)
    for office in offices:
        if office not in without:
            _put(rng, year, by_kind[office.code, "procedure"], "procedures")
    news = [entry for entry in year.entries if entry.category == "news"]
    for entry in rng.choices(news, k=PHOTOS):
        entry.photos += 1
    year.entries.sort(key=lambda one: (one.came, one.number))
    return HalfYear(year, frozenset(one.code for one in silent), frozenset(one.code for one in without))


def _put(rng: random.Random, year: Year, feed: Feed, category: str) -> None:
    day = FIRST + DAY * rng.randrange((MERGED - FIRST).days + 1)
    published = at(day, rng.randrange(7, 18), rng.randrange(60))
    came = published + timedelta(minutes=rng.randrange(3, 90))
    year.entries.append(
        Entry(
            len(year.entries), feed, category, published, came, came,
            author=rng.choice(AUTHORS) if category == "news" else "", files=int(feed.kind == "document"),
            issued=day if feed.kind == "document" else None,
        )
    )  # fmt: skip


def visits(seed: int) -> str:
    """The counts of a portal's days, as a file that somebody exports."""
    rng = random.Random(seed)
    days = list(_days())
    shares = [rng.randrange(15_000, 26_000) for _ in days]
    counts = [share * VISITS // sum(shares) for share in shares]
    counts[0] += VISITS - sum(counts)
    return "Ngày;Lượt truy cập\n" + "".join(
        f"{day:%d/%m/%Y};{count}\n" for day, count in zip(days, counts, strict=True)
    )


def _days() -> Iterator[date]:
    day = FIRST
    while day <= MERGED:
        yield day
        day += DAY
