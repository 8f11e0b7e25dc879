"""What the office finds in the morning: texts of a department and a commune, each for one task of the day."""

from collections.abc import Mapping, Sequence
from typing import Final

from tests.fakes.site import Site
from tests.province import MEMBER, Province, Story, rss, story

COMMUNE: Final = "H52.30"

# Public when the morning begins.
READ: Final = "Sở Y tế triển khai chiến dịch tiêm chủng mở rộng đợt 2 năm 2026"
BETTER: Final = "Sở Y tế triển khai chiến dịch tiêm chủng mở rộng đợt 3 năm 2026"  #: the title of its second edition
NUMBERED: Final = "Triển khai Quyết định số 15/2024/QĐ-UBND về quản lý an toàn thực phẩm"
WITHDRAWN: Final = ("Hội nghị sơ kết công tác phòng, chống dịch bệnh", "Thông báo tạm dừng tiếp nhận hồ sơ ngày 20/11")
REPLACED: Final = "Lịch khám sức khỏe định kỳ quý IV năm 2026"
PUBLIC: Final = (READ, NUMBERED, *WITHDRAWN, REPLACED)
# Waiting for the board; where there are two, one is for the desk and one for the telephone.
APPROVED: Final = ("Khám sức khỏe miễn phí cho người cao tuổi", "Ra quân vệ sinh môi trường, diệt bọ gậy")
REJECTED: Final = ("Thông báo tuyển sinh lớp yoga ngoài giờ", "Mời mua bảo hiểm của đơn vị liên kết")
BY_KEYS: Final = tuple(
    f"Tuyên dương người hiến máu tình nguyện xã {name}" for name in ("An Thịnh", "Hạ Liễu", "Vân Sơn")
)
RETURNED: Final = "Báo cáo kết quả giám sát chất lượng nước sinh hoạt"
EDITED: Final = "Thông báo lịch tiếp công dân thánng 12 năm 2026"
PLANNED: Final = "Kế hoạch khám tuyển nghĩa vụ quân sự năm 2027"
UNPLANNED: Final = "Tập huấn sử dụng dịch vụ công trực tuyến cho cán bộ xã"
REFUSED: Final = "Công bố đường dây nóng tiếp nhận phản ánh về y tế"
LOOKED_UP: Final = "Bệnh viện đa khoa tỉnh tiếp nhận hệ thống chụp cộng hưởng từ"
NOTED: Final = "Phát động tháng hành động vì trẻ em"
OF_THE_COMMUNE: Final = "Xã Hạ Liễu họp dân bàn việc mở rộng đường liên thôn"
#: Held by the screens: two people with the numbers of their papers.
PERSONAL: Final = "Danh sách hộ gia đình được hỗ trợ đợt 2"
NUMBERS: Final = ("001099000001", "001199000002")
#: Of a text with the mark of a state secret: its title, and a word of it that may stand nowhere.
SECRET: Final = "Phương án bảo vệ mục tiêu trọng điểm"
CANARY: Final = "BONGHOAXUONGRONG"
#: Marks that turn the writing around, a word without an end, markup in every place where text goes.
HOSTILE: Final[Mapping[str, str]] = {
    "Thẻ lạ": "Thẻ lạ <script>document.title='chạy'</script><img src=x onerror=\"document.title='chạy'\">",
    "Dấu nháy": "Dấu nháy \"> ' onmouseover='document.title=1' <svg/onload=document.title=1> {{ 7*7 }} %s",
    "Chữ đảo": "Chữ đảo \u202e\u2067gnohk\u2066 và chữ dài " + "khôngcókhoảngtrắng" * 40,
}
SILENT: Final = "H52.13"  #: a member whose site is read, and shows nothing
RULE: Final = "Quyết định 24/2017/QĐ-UBND"  #: that asks for what members owe
HTML: Final = "text/html; charset=utf-8"
SITE: Final = "/xa-moi/"  #: a site that is not read yet, with a feed

_TEXT: Final = "Sáng nay, đơn vị đã tổ chức hoạt động với sự tham gia của đông đảo cán bộ và người dân địa phương. "
_HOSTILE_TEXT: Final = (
    "<p>Đoạn <script>document.title='chạy'</script><a href=\"javascript:document.title='chạy'\">liên kết</a>"
    f" <b onclick=\"document.title='chạy'\">đậm</b> {'dàiliềnnhau' * 60}</p>"
    f"<table><tr>{'<td>ô của bảng rộng</td>' * 30}</tr></table>"
    "<pre>" + "dòng lệnh " * 60 + "</pre>"
)


def prepare(province: Province) -> None:
    """Write the settings of the office and let its site show these texts."""
    province.member(COMMUNE, "Xã Hạ Liễu", "commune")
    every = (
        *PUBLIC, *APPROVED, *REJECTED, *BY_KEYS, RETURNED, EDITED, PLANNED, UNPLANNED, REFUSED, LOOKED_UP, NOTED,
    )  # fmt: skip
    _source(province, "so-y-te-tin", [_story(number, title) for number, title in enumerate(every, 1)])
    people = " và ".join(f"Nguyễn Văn An, CCCD {number}" for number in NUMBERS)
    _source(
        province, "xa-ha-lieu-tin",
        [_story(101, OF_THE_COMMUNE), _story(102, PERSONAL, f"<p>Danh sách: {people}.</p>")], COMMUNE,
    )  # fmt: skip
    _source(province, "so-y-te-van-ban", [_story(111, SECRET, f"<p>MẬT</p><p>Kế hoạch {CANARY} của đơn vị.</p>")])
    _source(province, "so-y-te-la", [
        _story(120 + number, title, _HOSTILE_TEXT, (title[:150],)) for number, title in enumerate(HOSTILE.values())
    ])  # fmt: skip
    province.source("trang-hong", path="/hong.rss", page={"status": 404}, member=COMMUNE, every="1h")
    _new_site(province.site)
    province.member(SILENT, "Sở Tư pháp")
    province.source("so-tu-phap-tin", rss(), every="1h", member=SILENT)
    province.duty("dau-thau", category="tenders", members=[SILENT], every="week", rule=RULE)
    province.duty("tin-bai", category="news", every="month", rule=RULE, confirmed=True)
    province.reports(public=True, place="Tỉnh Mẫu")
    province.route(province.destination("cong-tinh"))


def _new_site(site: Site) -> None:
    """A site with a feed of teasers: the whole text of an item stands on the item's own page."""
    head = "<title>Xã Hạ Liễu</title><link rel='alternate' type='application/rss+xml' href='tin.rss'>"
    front = f"<!doctype html><html><head>{head}</head><body><p>Trang tin của xã.</p></body></html>"
    site.serve(SITE, front.encode(), content_type=HTML)
    stories = []
    for number, title in enumerate(("Xã ra mắt trang tin điện tử", "Lịch họp thôn tháng 12"), 131):
        page = f"<!doctype html><html><body><article><h1>{title}</h1><p>{_TEXT * 4}</p></article></body></html>"
        link = site.serve(f"{SITE}{number}.html", page.encode(), content_type=HTML)
        stories.append(story(number, title=title, text=_TEXT, link=link))
    site.serve(f"{SITE}tin.rss", rss(*stories))


def _source(province: Province, name: str, stories: Sequence[Story], member: str = MEMBER) -> None:
    province.source(name, rss(*stories), review="hold", every="1h", member=member)


def _story(number: int, title: str, text: str = _TEXT * 3, tags: tuple[str, ...] = ("Y tế",)) -> Story:
    return story(
        number, title=title, text=text, tags=tags, published=f"Sat, 21 Nov 2026 {number % 9 + 8:02}:15:00 +0700"
    )
