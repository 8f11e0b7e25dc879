"""A search over real HTTP: what is ranked how, what is asked and what is not, and what hostile sites may cost."""

import tomllib
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from time import monotonic
from typing import Any

import pytest

from connectors.discovery.proposal import Worth
from connectors.discovery.search import FAILURES, REQUESTS
from connectors.errors import ConfigError, HubError, RejectedError
from connectors.http import Http
from hub.discover import Discovery, discover
from hub.settings import Settings, load_settings
from tests.fakes.site import Site

HTML = "text/html; charset=utf-8"
NOW = datetime.now(UTC)
WHOLE = "<p>" + "Nội dung đầy đủ của bài viết, không cần đọc thêm ở đâu. " * 12 + "</p>"


def feed(*, text: str = WHOLE, newest: timedelta = timedelta(hours=1), count: int = 5, title: str = "Tin tức") -> bytes:
    items = "".join(
        f"<item><title>{title} số {n} của đơn vị</title><link>https://a.vn/{title}/{n}</link><guid>{title}-{n}</guid>"
        f"<pubDate>{format_datetime(NOW - newest - timedelta(days=n))}</pubDate>"
        f"<description><![CDATA[{text}]]></description></item>"
        for n in range(count)
    )
    return f'<rss version="2.0"><channel><title>{title}</title><link>/</link>{items}</channel></rss>'.encode()


def listing(count: int = 6) -> str:
    return "<ul class='tin'>" + "".join(
        f'<li class="muc"><a href="/bai/{n}">Một bài viết khá dài số {n}</a>'
        f" <i class='ngay'>{NOW - timedelta(days=n):%d/%m/%Y}</i></li>"
        for n in range(1, count + 1)
    ) + "</ul>"  # fmt: skip


class Member:
    """A site with a home page, and how it is discovered."""

    def __init__(self, site: Site, settings: Settings, http: Http) -> None:
        self.site = site
        self.settings = settings
        self.http = http

    def page(self, path: str, body: str, head: str = "", **page: Any) -> str:
        html = f"<!doctype html><html><head><title>Sở Y tế</title>{head}</head><body>{body}</body></html>"
        return self.site.serve(path, html.encode(), content_type=HTML, **page)

    async def discover(self, path: str = "/", **options: Any) -> Discovery:
        return await discover(self.settings, self.site.origin + path, self.http, **options)

    @property
    def asked(self) -> list[str]:
        """What was asked for, robots.txt not counted."""
        return [asked.path for asked in self.site.asked if asked.path != "/robots.txt"]


@pytest.fixture
def member(site: Site, settings: Settings, http: Http) -> Member:
    return Member(site, settings, http)


def worths(found: Discovery) -> list[Worth]:
    return [proposal.worth for proposal in found.findings.proposals]


def entry(found: Discovery, number: int = 0) -> dict[str, Any]:
    [source] = tomllib.loads(found.entries[number])["source"]
    assert isinstance(source, dict)
    return source


ALTERNATE = '<link rel="alternate" type="application/rss+xml" title="{}" href="{}">'


async def test_whole_texts_come_before_teasers_and_teasers_before_lists(member: Member) -> None:
    member.page(
        "/", '<a href="/tin-tuc">Tin tức</a>', ALTERNATE.format("Tin tức", "/a.rss") + ALTERNATE.format("", "/b")
    )
    member.page("/tin-tuc", listing())
    member.site.serve("/a.rss", feed(text="<p>Vài chữ…</p>"))
    member.site.serve("/b", feed(title="Bản tin"))
    found = await member.discover()
    assert worths(found) == [Worth.FULL_FEED, Worth.TEASER_FEED, Worth.LISTING]
    assert entry(found, 1)["article"] == {"fetch": "teaser"}
    assert "article" not in entry(found, 0)


async def test_dead_feeds_come_last_with_the_reason(member: Member) -> None:
    member.page(
        "/", '<a href="/tin-tuc">Tin tức</a>', ALTERNATE.format("Tin", "/cu.rss") + ALTERNATE.format("", "/rong.rss")
    )
    member.page("/tin-tuc", listing())
    member.site.serve("/cu.rss", feed(newest=timedelta(days=400)))
    member.site.serve("/rong.rss", feed(count=0))
    found = await member.discover()
    assert worths(found) == [Worth.LISTING, Worth.DEAD, Worth.DEAD]
    old, empty = (proposal.reason for proposal in found.findings.proposals[1:])
    assert "đã ngừng" in old.vi
    assert "dead" in old.en
    assert "không có mục nào" in empty.vi


async def test_news_come_before_other_kinds_and_each_entry_says_its_kind(member: Member) -> None:
    member.page("/", "", ALTERNATE.format("Thông báo", "/tb.rss") + ALTERNATE.format("Tin tức", "/tt.rss"))
    member.site.serve("/tb.rss", feed(title="Thông báo"))
    member.site.serve("/tt.rss", feed())
    found = await member.discover()
    assert [entry(found, n)["kind"] for n in (0, 1)] == ["news", "notice"]
    assert [entry(found, n)["name"] for n in (0, 1)] == ["so-y-te-tin-tuc", "so-y-te-thong-bao"]


async def test_the_same_news_in_two_formats_are_proposed_once(member: Member) -> None:
    member.page("/", "", ALTERNATE.format("Tin", "/a.rss") + ALTERNATE.format("Tin", "/b.rss"))
    member.site.serve("/a.rss", feed())
    member.site.serve("/b.rss", feed())
    found = await member.discover()
    assert [proposal.candidate.url for proposal in found.findings.proposals] == [f"{member.site.origin}/a.rss"]


async def test_a_page_that_lists_feeds_is_followed_once(member: Member) -> None:
    member.page("/", '<a href="/rss">RSS</a>')
    member.page("/rss", '<p>Tin tức <a href="/rss/1.xml">RSS</a></p><p><a href="/rss/khac">RSS</a></p>')
    member.page("/rss/khac", '<a href="/rss/nua">RSS</a>')
    member.site.serve("/rss/1.xml", feed())
    found = await member.discover()
    assert found.findings.proposals[0].candidate.url == f"{member.site.origin}/rss/1.xml"
    assert "/rss/nua" not in member.asked


async def test_the_address_of_a_feed_is_an_answer_too(member: Member) -> None:
    member.site.serve("/a.rss", feed())
    found = await member.discover("/a.rss")
    assert worths(found) == [Worth.FULL_FEED]
    assert member.asked == ["/a.rss"]


async def test_a_list_on_the_home_page_is_better_than_nothing(member: Member) -> None:
    member.page("/", listing())
    found = await member.discover()
    assert worths(found) == [Worth.LISTING]
    assert entry(found)["items"] == "li.muc"
    assert found.findings.proposals[0].sample.items[0].title == "Một bài viết khá dài số 1"


async def test_the_address_of_a_list_is_an_answer_too(member: Member) -> None:
    menu = '<a href="/tin">Tin tức</a><a href="/tb">Thông báo</a>'
    for path in ("/tin", "/tb"):
        member.page(path, menu + listing().replace("/bai/", f"{path}/bai-").replace("Một", path))
    found = await member.discover("/tin")
    assert [proposal.candidate.url.removeprefix(member.site.origin) for proposal in found.findings.proposals] == [
        "/tin", "/tb",
    ]  # fmt: skip
    assert member.asked.count("/tin") == 1


async def test_an_index_of_sitemaps_is_followed_to_the_first_with_items(member: Member) -> None:
    today = NOW.isoformat(timespec="seconds")
    member.page("/", "<p>Trang chủ</p>")
    member.site.serve("/robots.txt", f"Sitemap: {member.site.origin}/chi-muc.xml".encode(), content_type="text/plain")
    member.site.serve(
        "/chi-muc.xml",
        f"<sitemapindex><sitemap><loc>{member.site.origin}/a.xml</loc><lastmod>{today}</lastmod></sitemap>"
        "</sitemapindex>".encode(),
        content_type="text/xml",
    )
    member.site.serve(
        "/a.xml",
        "".join(
            ["<urlset>"]
            + [f"<url><loc>{member.site.origin}/bai-viet-{n}</loc><lastmod>{today}</lastmod></url>" for n in range(5)]
            + ["</urlset>"]
        ).encode(),
        content_type="text/xml",
    )
    found = await member.discover()
    assert worths(found) == [Worth.SITEMAP]
    assert len(found.findings.proposals[0].sample.items) == 5


# ---------------------------------------------------------------------------------------------------- manners


async def test_what_robots_txt_forbids_is_not_asked(member: Member) -> None:
    member.site.serve("/robots.txt", b"User-agent: *\nDisallow: /rss\nDisallow: /feed", content_type="text/plain")
    member.page("/", '<a href="/rss">RSS</a>')
    found = await member.discover()
    assert not any(path.startswith(("/rss", "/feed")) for path in member.asked)
    assert any("robots.txt" in step.outcome.vi for step in found.findings.steps)


async def test_a_site_is_asked_a_dozen_times_at_most_and_one_by_one(member: Member) -> None:
    links = "".join(f'<a href="/rss/{n}">RSS</a>' for n in range(200))
    heads = "".join(ALTERNATE.format("Tin", f"/feed/{n}") for n in range(200))
    menu = "".join(f'<a href="/muc/{n}">Tin tức</a>' for n in range(200))
    member.page("/", menu + links + '<div id="dnn_ctr1_x">', heads)
    await member.discover()
    assert len(member.asked) <= REQUESTS
    assert member.site.most_at_once == 1
    assert len(member.asked) == len(set(member.asked))


async def test_a_site_that_fails_is_left_in_peace(member: Member) -> None:
    member.page("/", "".join(f'<a href="/rss/{n}">RSS</a>' for n in range(9)))
    for n in range(9):
        member.site.serve(f"/rss/{n}", status=503)
    found = await member.discover()
    assert len(member.asked) == 1 + FAILURES
    assert found.findings.steps[-1].outcome.vi == "dừng lại: trang không để hệ thống đọc"


async def test_one_word_to_slow_down_ends_the_search(member: Member) -> None:
    member.page("/", '<a href="/rss/1">RSS</a><a href="/rss/2">RSS</a>')
    member.site.serve("/rss/1", status=429, headers={"Retry-After": "60"})
    await member.discover()
    assert member.asked == ["/", "/rss/1"]


# ---------------------------------------------------------------------------------------------------- hostile


async def test_fifty_thousand_links_take_a_moment(member: Member) -> None:
    member.page(
        "/", "".join(f'<p><a href="/t/{n}">Tin tức số {n} của đơn vị</a> 20/11/2026</p>' for n in range(50_000))
    )
    began = monotonic()
    found = await member.discover()
    assert monotonic() - began < 20
    assert len(member.asked) <= REQUESTS
    assert found.findings.title in ("", "Sở Y tế")


async def test_a_page_of_ten_megabytes_is_refused_by_name(member: Member) -> None:
    member.site.serve("/", b'<a href="/rss">RSS</a>' * 500_000, content_type=HTML)
    with pytest.raises(HubError) as caught:
        await member.discover()
    assert caught.value.code == "too_large"


async def test_redirects_without_end_are_refused_by_name_and_cost_one_step_elsewhere(member: Member) -> None:
    for n in range(30):
        member.site.serve(f"/vong/{n}", status=302, to=f"/vong/{n + 1}")
    with pytest.raises(HubError) as caught:
        await member.discover("/vong/0")
    assert caught.value.code == "redirects"
    member.page("/", '<a href="/vong/0">RSS</a>' + listing())
    assert worths(await member.discover()) == [Worth.LISTING]


async def test_deep_and_broken_markup_is_no_defect(member: Member) -> None:
    bodies = ("<div>" * 50_000, "<a href='" * 9_000, "<table><tr>" * 9_000, "\0\xff" * 9_000, "<a " + "x=1 " * 100_000)
    for body in bodies:
        member.page("/", body)
        assert not (await member.discover()).findings.proposals, body[:10]


async def test_a_page_that_never_ends_is_cut_off(member: Member) -> None:
    member.site.serve("/", b"<p>tin</p>" * 10_000, content_type=HTML, endless=True)
    with pytest.raises(HubError) as caught:
        await member.discover()
    assert caught.value.code == "too_large"


async def test_a_feed_that_hangs_costs_its_time_and_no_more(member: Member, tmp_path: Path) -> None:
    file = tmp_path / "quick.toml"
    file.write_text('[hub]\nname = "T"\n[fetch]\ntimeout = 0.3\nidle_timeout = 0.2\n', "utf-8")
    member.settings = load_settings(file)
    member.page("/", '<a href="/rss">RSS</a>' + listing())
    member.site.serve("/rss", b"<rss>", stall=True)
    assert worths(await member.discover()) == [Worth.LISTING]


# ------------------------------------------------------------------------------------------------- the entry


async def test_the_member_is_the_one_named_or_the_one_whose_home_page_it_is(member: Member, tmp_path: Path) -> None:
    member.page("/", listing())
    assert (await member.discover()).member == "H52.1"  # its name is the title of the page
    named = await member.discover(member="H52.2")
    assert (entry(named)["member"], entry(named)["name"]) == ("H52.2", "so-noi-vu-tin-tuc")
    file = tmp_path / "home.toml"
    file.write_text(
        '[hub]\nname = "T"\n[[member]]\ncode = "A"\nname = "Xã Ao Chàm"\n'
        f'[[member]]\ncode = "B"\nname = "Xã Gò Sim"\nhome = "{member.site.origin}"\n'
        '[[source]]\nname = "xa-go-sim-tin-tuc"\nmember = "B"\nconnector = "feed"\nurl = "https://a.vn/rss"\n',
        "utf-8",
    )
    member.settings = load_settings(file)
    found = entry(await member.discover())
    assert (found["member"], found["name"]) == ("B", "xa-go-sim-tin-tuc-2")
    file.write_text(file.read_text("utf-8").replace(f'home = "{member.site.origin}"\n', ""), "utf-8")
    member.settings = load_settings(file)
    assert entry(await member.discover())["member"] == "?"


async def test_the_only_member_is_taken_until_it_has_a_source(member: Member, tmp_path: Path) -> None:
    member.page("/", listing())
    file, one = tmp_path / "one.toml", '[hub]\nname = "T"\n[[member]]\ncode = "A"\nname = "Xã Ao Chàm"\n'
    more = '[[source]]\nname = "a"\nmember = "A"\nconnector = "feed"\nurl = "https://a.vn/rss"\n'
    for text, code in ((one, "A"), (one + more, "?")):
        file.write_text(text, "utf-8")
        member.settings = load_settings(file)
        assert (await member.discover()).member == code


async def test_an_unknown_member_or_no_address_is_said_before_anything_is_asked(member: Member) -> None:
    with pytest.raises(ConfigError, match=r"H52\.99"):
        await member.discover(member="H52.99")
    with pytest.raises(ConfigError, match="no http"):
        await discover(member.settings, "mailto:a@b.vn", member.http)
    assert member.site.asked == []


async def test_a_login_in_place_of_the_home_page_is_named(member: Member) -> None:
    member.page("/", '<form action="/login"><p>Đăng nhập</p><input type="password" name="p"></form>')
    with pytest.raises(RejectedError) as caught:
        await member.discover()
    assert caught.value.code == "login_page"
