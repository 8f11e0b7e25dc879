"""Puts the sample together: member sites, or a folder of saved feeds; a portal, a national base and a community page;
settings for the hub between them.
"""

from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from hub.sample.announcing import CONNECTIONS
from hub.sample.connections import connection
from hub.sample.fanpage import PAGE_ID, VERSION, SampleFanpage
from hub.sample.fanpage_pages import COUNTED as PAGE_COUNTED
from hub.sample.folder import SavedFeeds
from hub.sample.nationalbase import CALL, DSTCODE, LOGIN, NOT_FOUND, PUBLISH, UNIT, USER, WITHDRAW, SampleBase
from hub.sample.nationalbase import COUNTED as BASE_COUNTED
from hub.sample.onestop import OneStop
from hub.sample.portal import SamplePortal
from hub.sample.portal_pages import COUNTED
from hub.sample.province import Feed, SampleMember, load_province
from hub.sample.register import Register
from hub.sample.settings import (
    SampleBaseRow,
    SampleDutyRow,
    SampleFanpageRow,
    SampleMemberRow,
    SampleSourceRow,
    kept_secret,
    write_settings,
)
from hub.sample.sites import Sites
from hub.sample.world import World
from schemas.item import Kind

#: of the world: the same stories at every run
SEED = 2026
#: how long the world lives on between two rounds of `--once`
BETWEEN_ROUNDS = timedelta(minutes=4)
#: posts at most: slowly enough to watch the page fill up, and as fast as nobody looks
TO_WATCH, IN_HASTE = "2/s", "30/s"

#: what members owe: some give it, some are late, one site cannot be read, another's items wait for an editor
DUTIES = (
    SampleDutyRow(
        name="tin-bai", category="news", every="week", confirmed=True,
        rule="Quy chế hoạt động của Cổng thông tin điện tử tỉnh (mẫu)",
    ),
    SampleDutyRow(
        name="tin-bai-so-nganh", category="news", kinds=("department",), every="week", at_least=8,
        rule="Kế hoạch truyền thông năm của tỉnh (mẫu)",
    ),
    SampleDutyRow(
        name="tiep-cong-dan", category="receptions", kinds=("department",), every="month",
        rule="Quy chế hoạt động của Cổng thông tin điện tử tỉnh (mẫu)",
    ),
    SampleDutyRow(
        name="ngan-sach", category="budget", kinds=("commune",), every="quarter",
        rule="Nghị định 42/2022/NĐ-CP, Điều 4",
    ),
)  # fmt: skip
#: what posts that stand there twice are called
DOUBLED = "bài trùng"
#: the member whose site the guide to adding one works with (docs/howto/connect-a-site.md)
WITHOUT_FEED = "chi-cuc-kiem-lam"
#: what a run leaves in its folder; nothing else there is ever touched
OURS = (
    "settings.toml", "hub.db*", "portal.db*", "portal-token", "national-base.db*", "national-base-password",
    "fanpage.db*", "fanpage-token", "world.json", "register.json", "control.sock", "console-password", "witness.json*",
)  # fmt: skip


@dataclass(slots=True)
class _Clock:
    """The world's clock: the machine's, and what was skipped."""

    skipped: timedelta = timedelta()

    def now(self) -> datetime:
        return datetime.now(UTC) + self.skipped


@dataclass(frozen=True, slots=True, kw_only=True)
class SampleWorld:
    """A running world: where its settings are, and what to open in a browser."""

    settings: Path
    addresses: Mapping[str, str]
    portal: SamplePortal
    base: SampleBase | None  #: None, and so what follows, when saved feeds are served
    fanpage: SampleFanpage | None
    world: World | None
    register: Register | None
    clock: _Clock

    def let_time_pass(self) -> None:
        """Let stories appear, change and go, as they would while one waits a few minutes."""
        self.clock.skipped += BETWEEN_ROUNDS

    def portal_counters(self) -> Mapping[str, int]:
        """What the portal has counted."""
        return {COUNTED[name]: count for name, count in asdict(self.portal.counters).items()}

    def base_counters(self) -> Mapping[str, int]:
        """What the national base has counted; nothing where there is none."""
        counters = asdict(self.base.counters) if self.base else {}
        return {BASE_COUNTED[name]: count for name, count in counters.items() if name in BASE_COUNTED}

    def page_counters(self) -> Mapping[str, int]:
        """What the community page has counted, its doubles last; nothing where there is none."""
        if self.fanpage is None:
            return {}
        counters = {PAGE_COUNTED[name]: count for name, count in asdict(self.fanpage.counters).items()}
        return counters | {DOUBLED: self.fanpage.doubled}


@asynccontextmanager
async def sample_world(
    folder: Path, *, feeds: Path | None = None, keep: bool = False, haste: bool = False
) -> AsyncIterator[SampleWorld]:
    """Start everything but the hub. Everything is on loopback, and ends with the block.

    `folder` holds the settings, the database, the portal's memory; those of an earlier run go first unless `keep`.
    In `haste` the community page fills up at once.
    """
    if not keep:
        _start_afresh(folder)
    token_file = folder / "portal-token"
    token = kept_secret(token_file)
    clock = _Clock()
    async with AsyncExitStack() as stack:
        portal = await stack.enter_async_context(SamplePortal(folder, name="Tỉnh Mẫu", token=token))
        if feeds is not None:
            saved = await stack.enter_async_context(SavedFeeds(feeds))
            members = [SampleMemberRow(code="H52.99", name="Nguồn tin đã lưu", kind="other")]
            sources = [
                SampleSourceRow(name=s.name, member="H52.99", kind="news", url=s.url, every="1h", review="auto")
                for s in saved.sources
            ]
            world, register, base, base_row, page, page_row = None, None, None, None, None, None
            doors, sites = [saved.door], {"Nguồn tin đã lưu": f"http://{saved.door}/"}
        else:
            world = _world(clock, folder if keep else None)
            register = Register(
                world.province, seed=SEED, clock=clock.now, state=folder / "register.json" if keep else None
            )
            if keep:
                stack.callback(world.save)
                stack.callback(register.save)
            one_stop = await stack.enter_async_context(OneStop(world.province, register))
            running = await stack.enter_async_context(Sites(world, register=register, one_stop=one_stop.listing))
            secret = folder / "national-base-password"
            base = await stack.enter_async_context(
                SampleBase(folder, world.province, password=kept_secret(secret), now=clock.now, seed=SEED)
            )
            base_row = _base(base, secret)
            page_token = folder / "fanpage-token"
            page = await stack.enter_async_context(
                SampleFanpage(folder, name="Tỉnh Mẫu", token=kept_secret(page_token), portal=portal.page_url)
            )
            page_row = SampleFanpageRow(
                url=page.url, version=VERSION, page_id=PAGE_ID, token_file=page_token,
                link=f"{portal.page_url}tin/{{content_id}}", rate=IN_HASTE if haste else TO_WATCH,
            )  # fmt: skip
            members = [_member(member) for member in world.province.members]
            sources = [row for feed in world.province.feeds if (row := _source(feed, running)) is not None]
            sources += [_announced(member, running, one_stop) for member in world.province.members if member.announces]
            homes = running.addresses
            doors = [*running.doors, one_stop.door]
            sites = {
                "Trang cộng đồng (fanpage)": f"{page.url}/",
                "Một trang thành viên": next(iter(homes.values())),
                "Một trang không có RSS": homes[WITHOUT_FEED],
                "Hệ thống một cửa": f"{one_stop.url}/",
                "CSDL quốc gia về TTHC": f"{base.url}/",
            }
        settings = write_settings(
            folder, name="Tỉnh Mẫu", members=members, sources=sources, doors=doors, portal_url=portal.base_url,
            token_file=token_file, base=base_row, fanpage=page_row,
            duties=DUTIES if feeds is None else (),
        )  # fmt: skip
        addresses = {"Cổng tỉnh (portal)": portal.page_url, **sites, "Cấu hình (settings)": str(settings)}
        yield SampleWorld(
            settings=settings, addresses=addresses, portal=portal, base=base, fanpage=page, world=world,
            register=register, clock=clock,
        )  # fmt: skip


def _world(clock: _Clock, folder: Path | None) -> World:
    province = load_province()
    return World(
        province, seed=SEED, clock=clock.now,
        tombstone_feeds=[feed.name for feed in province.feeds if feed.member.manner == "atom"],
        state=folder / "world.json" if folder else None,
    )  # fmt: skip


def _source(feed: Feed, sites: Sites) -> SampleSourceRow | None:
    """What stands under a heading of a site as a source of the hub; None where nobody has connected it."""
    found = connection(feed)
    if found is None:
        return None
    return SampleSourceRow(
        name=feed.name, member=feed.member.code, kind=feed.kind, url=sites.base(feed.member) + found.path,
        every="5s", review=feed.member.review, connector=found.connector, keys=found.keys,
    )  # fmt: skip


def _member(member: SampleMember) -> SampleMemberRow:
    duties = (Kind.PROCEDURE.value,) if member.announces else ()
    return SampleMemberRow(code=member.code, name=member.name, kind=member.kind, duties=duties)


def _base(base: SampleBase, password: Path) -> SampleBaseRow:
    return SampleBaseRow(
        url=base.url, username=USER, password_file=password, login_path=LOGIN, call_path=CALL, dstcode=DSTCODE,
        unit=UNIT, publish=PUBLISH, withdraw=WITHDRAW, not_found=NOT_FOUND,
    )  # fmt: skip


def _announced(member: SampleMember, sites: Sites, one_stop: OneStop) -> SampleSourceRow:
    """How the hub reads what a member announces of its procedures."""
    keys: Mapping[str, Any]
    if member.announces == "share":
        connector, url, keys = "dvcqg", one_stop.service(member), {"page": one_stop.page}
    else:
        connector, path, keys = CONNECTIONS[member.announces]
        url = sites.base(member) + path
    return SampleSourceRow(
        name=f"{member.slug}-thu-tuc", member=member.code, kind=Kind.PROCEDURE, url=url, every="20s",
        connector=connector, keys=keys,
    )  # fmt: skip


def _start_afresh(folder: Path) -> None:
    for pattern in OURS:
        for file in folder.glob(pattern):
            file.unlink()
