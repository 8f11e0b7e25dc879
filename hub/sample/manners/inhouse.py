"""A .NET site made in-house: list pages and nothing else; the time stands before a day with a year of two digits."""

from hub.sample.manners import Product
from hub.sample.province import Feed
from hub.sample.story import Site, Story

PRODUCT = Product(pages="inhouse", headers={"X-Powered-By": "ASP.NET", "X-AspNet-Version": "4.0.30319"})


def identity(site: Site, story: Story) -> tuple[str, str]:
    return "", f"{site.base}/ChiTietTin.aspx?id={story.id}"


def listing(feed: Feed, page: int) -> str:
    return f"/DanhSachTin.aspx?cm={feed.word}" + (f"&trang={page}" if page > 1 else "")
