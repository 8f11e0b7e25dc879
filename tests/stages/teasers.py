"""A site of teasers, each with a page of its own, and the work of all stages on it: for the tests of pages."""

from dataclasses import replace
from typing import Any

from hub.app import Hub
from hub.stages.deliver import Deliver
from hub.stages.enrich import Enrich
from hub.stages.harvest import Harvest
from hub.stages.normalise import Normalise
from schemas.item import ITEM, ItemBase
from tests.province import Province, row, rss, story, turn

HTML = "text/html; charset=utf-8"
PARAGRAPHS = (
    "Sáng nay, Sở Y tế tổ chức hội nghị triển khai công tác tiêm chủng mở rộng năm 2026 trên địa bàn toàn tỉnh.",
    "Theo báo cáo tại hội nghị, năm qua toàn tỉnh đã tiêm chủng đầy đủ cho 18.450 trẻ em dưới một tuổi, đạt 97,2% kế"
    " hoạch. Một số xã vùng cao còn khó khăn về đường đi lại và bảo quản vắc xin.",
    "Phát biểu chỉ đạo, Giám đốc Sở yêu cầu các trung tâm y tế rà soát danh sách trẻ, không để sót đối tượng, đồng thời"
    " công khai lịch tiêm tại trụ sở Ủy ban nhân dân xã và trên loa truyền thanh.",
)
SHORT = "Hội nghị triển khai công tác tiêm chủng."


def page(*paragraphs: str, attachments: str = "", title: str = "Hội nghị tiêm chủng mở rộng") -> bytes:
    """A page of the site with its menu and footer around the article."""
    text = "".join(f"<p>{one}</p>" for one in paragraphs or PARAGRAPHS)
    return (
        f"<!doctype html><html lang='vi'><head><title>{title}</title></head><body><header><ul><li><a href='/'>Trang"
        f" chủ</a></li><li><a href='/lien-he'>Liên hệ</a></li></ul></header><main><article><h1>{title}</h1>"
        f"<div class='noi-dung'>{text}{attachments}</div></article></main>"
        "<footer>Bản quyền thuộc Sở Y tế</footer></body></html>"
    ).encode()


class Newsroom:
    """A source of teasers, each with a page of its own on the same site."""

    def __init__(self, province: Province, **article: Any) -> None:
        self.province, self.site = province, province.site
        province.source("tin", self.list(1), article={"fetch": "teaser"} | article)
        province.route(province.destination())

    def list(self, *numbers: int, text: str = SHORT, **changes: Any) -> bytes:
        return rss(*(replace(self.story(number), text=text, **changes) for number in numbers))

    def story(self, number: int) -> Any:
        return story(number, link=f"{self.site.origin}/tin/{number}.html")

    def show(self, *numbers: int, **changes: Any) -> None:
        self.site.serve("/tin.rss", self.list(*numbers, **changes))

    def page(self, number: int, body: bytes | None = None, **answer: Any) -> None:
        self.site.serve(f"/tin/{number}.html", page() if body is None else body, content_type=HTML, **answer)

    def asked(self, path: str) -> int:
        return sum(one.path == path for one in self.site.asked)


async def work(hub: Hub) -> None:
    """Poll, read, enrich, read the pages, deliver."""
    for stage in (Harvest(hub.engine), Normalise(hub.engine), Enrich(hub.engine)):
        await turn(stage)
    while await turn(Normalise(hub.engine)):
        continue
    await turn(Deliver(hub.engine, "portal"))


async def item_of(hub: Hub, revision: int = 1) -> ItemBase:
    return ITEM.validate_json((await row(hub, "edition", revision=revision))["body"])
