"""A destination comes back to a backlog: how fast it drains, in which order, and what does not wait behind it.

Thousands of deliveries are planted through the store's own functions while the portal is away. A feed that had three
articles there before shows, in the middle of the drain, a tombstone for one, a correction of one, and one of today.
"""

import hashlib
import math
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Final
from uuid import NAMESPACE_URL, UUID, uuid5

from aiohttp import web

from hub.app import open_hub
from hub.settings import load_settings
from hub.store import editions
from hub.store.editions import NewEdition, Origin
from schemas.edition import EditionState, UpdateType
from schemas.item import News
from tests.fakes.portal import Effect, Portal
from tests.fakes.server import drop
from tests.fakes.site import Site
from tests.load.house import MEMBER, running, until, written
from tests.load.table import Table

CONCURRENCY: Final = 8
#: Deliveries a second that are promised at least.
PROMISED: Final = 20
#: Places by which an article may come before its turn or after it: what is under way at once, twice over.
SHIFT: Final = 4 * CONCURRENCY
#: Articles that may come later than that: they were tried while the portal was away, and have their own patience.
TRIED: Final = 3 * CONCURRENCY
#: Seconds within which what does not wait has arrived: the feed's rhythm, reading, and one claim.
SOON: Final = 12.0
#: Seconds without a call after which the hub is taken to leave the portal alone.
ALONE: Final = 5.0
#: Seconds without an effect after which no other is waited for; longer than what was tried in vain has to wait.
QUIET: Final = 90.0
#: Articles that are written at once.
_PART: Final = 250


class Ledger(Portal):
    """A portal that notes when it was called and when it changed; while it is away it hangs up."""

    def __init__(self) -> None:
        super().__init__()
        self.called: list[float] = []
        self.changed: list[float] = []
        self.away = False

    async def _handle(self, request: web.Request) -> web.StreamResponse:
        self.called.append(time.monotonic())
        if self.away:
            drop(request)
            return web.Response()
        return await super()._handle(request)

    def _note(self, effect: Effect) -> None:
        self.changed.append(time.monotonic())
        super()._note(effect)


@dataclass(slots=True)
class Seen:
    """A drain, as the portal saw it."""

    newest_first: Sequence[str]  #: ids of the planted articles
    effects: Sequence[Effect]
    called: Sequence[float]
    rate: float
    seconds: float = 0.0
    #: of what came in the middle: seconds after the feed showed it, and how many planted articles were yet to come
    urgent: dict[str, tuple[float, int]] = field(default_factory=dict)


def judged(seen: Seen, table: Table) -> None:
    """Say of a drain what was promised."""
    planted = set(seen.newest_first)
    arrived = [each.content_id for each in seen.effects if each.content_id in planted]
    table.tell("deliveries that waited", len(planted))
    table.zero("never arrived", planted - set(arrived))
    table.zero("arrived twice", _doubled(seen.effects))
    speed = len(arrived) / seen.seconds if seen.seconds else 0.0
    table.want("drained, a second", speed, speed >= min(PROMISED, seen.rate), f">= {min(PROMISED, seen.rate):.0f}")
    table.tell("drained in, s", seen.seconds)
    for span in (1.0, 10.0):
        most, allowed = _most(seen.called, span), int(seen.rate * span) + CONCURRENCY
        table.want(f"most calls within {span:.0f} s", most, most <= allowed, f"<= {allowed:,} (rate, under way)")
    late = _out_of_turn(seen.newest_first, arrived)
    table.want("not newest first", len(late), len(late) <= TRIED, f"<= {TRIED} (tried while it was away)")
    for what, (seconds, behind) in seen.urgent.items():
        kept = seconds <= SOON and behind > 0
        table.want(f"{what} arrives after, s", f"{seconds:.1f}", kept, f"<= {SOON:.0f}, before the {behind:,} left")


def _doubled(effects: Sequence[Effect]) -> list[str]:
    times = Counter((each.content_id, each.version) for each in effects)
    return [content_id for (content_id, _), count in times.items() if count > 1]


def _most(times: Sequence[float], span: float) -> int:
    """The most calls that lie within so many seconds."""
    first = most = 0
    for last, at in enumerate(times):
        while times[first] <= at - span:
            first += 1
        most = max(most, last - first + 1)
    return most


def _out_of_turn(newest_first: Sequence[str], arrived: Sequence[str]) -> list[str]:
    """Articles whose place among those that arrived differs from that among all by more than what is under way."""
    turn = {content_id: place for place, content_id in enumerate(newest_first)}
    return [each for place, each in enumerate(arrived) if abs(turn[each] - place) > SHIFT + TRIED]


async def campaign(count: int, rate: float, database: str, *, outage: bool = True, seed: int = 1) -> Table:
    """Plant, wait, drain; `database` is an address, or "" for a file."""
    table = Table(f"Backlog of {count:,} at {rate:.0f}/s, {database.partition(':')[0] or 'sqlite'}, seed {seed}")
    born = datetime.now(UTC)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        async with Site() as site, Ledger() as portal:
            settings = _settled(folder, database or f"sqlite://{folder}/hub.db", site, portal, rate)
            site.serve(
                "/live.atom", _feed(born, (1, "", 1), (2, "", 2), (3, "", 3)), content_type="application/atom+xml"
            )
            async with running(settings):
                await until(lambda: len(portal.effects) == 3, 30, "three articles are shown")
            newest_first = await _plant(settings, count, Random(seed))
            portal.called.clear()
            portal.away = outage
            seen = Seen(newest_first, portal.effects, portal.called, rate)
            async with running(settings) as hub:
                await _drained(site, portal, seen, count, born)
                table.tell("memory, MB", hub.memory() >> 20)
                lag = await hub.number("hub_loop_lag_p99_seconds")
                table.tell("loop late, p99, ms", lag * 1000)
            judged(seen, table)
            table.zero("defects in the log", hub.hub.defects())
    return table


async def _drained(site: Site, portal: Ledger, seen: Seen, count: int, born: datetime) -> None:
    """The portal is away until the hub leaves it alone, comes back, and gets all of it."""
    before = len(portal.effects)
    if portal.away:
        await until(lambda: time.monotonic() - max(portal.called, default=time.monotonic()) > ALONE, 120, "it is left")
        portal.away = False
    await until(lambda: len(portal.effects) > before, 120, "the portal is called again")
    began = portal.changed[before]
    await until(lambda: len(portal.effects) > before + count // 5, 600, "a fifth has arrived")
    shown = time.monotonic()
    site.serve(
        "/live.atom", _feed(born, (2, "Đã sửa.", 2), (3, "", 3), (9, "", 0), gone=(1,)),
        content_type="application/atom+xml",
    )  # fmt: skip
    await until(lambda: len(portal.effects) >= before + count + 3 or _is_quiet(portal), 1_800, "nothing comes any more")
    seen.seconds = portal.changed[-1] - began
    planted = set(seen.newest_first)
    kinds = {"a withdrawal": _is_withdrawal, "a correction": _is_correction, "news of today": _is_new}
    for what, is_it in kinds.items():
        place = next((n for n, each in enumerate(portal.effects) if n >= before and is_it(each)), None)
        if place is None:
            seen.urgent[what] = math.inf, 0
            continue
        left = sum(each.content_id in planted for each in portal.effects[place:])
        seen.urgent[what] = portal.changed[place] - shown, left


def _is_quiet(portal: Ledger) -> bool:
    return time.monotonic() - portal.changed[-1] > QUIET


def _is_withdrawal(effect: Effect) -> bool:
    return effect.action == "delete"


def _is_correction(effect: Effect) -> bool:
    return effect.action == "put" and effect.version > 1


def _is_new(effect: Effect) -> bool:
    return effect.title == "Tin 9"


def _settled(folder: Path, database: str, site: Site, portal: Portal, rate: float) -> Path:
    source = {"member": MEMBER, "connector": "feed", "kind": "news"}
    return written(
        folder, database, [f"127.0.0.1:{site.port}"],
        [
            ("source", {**source, "name": "live", "url": f"{site.origin}/live.atom", "every": "1s"}),
            ("source", {**source, "name": "old", "url": f"{site.origin}/old.atom", "every": "1d"}),
            ("destination", {
                "name": "portal", "connector": "portal", "base_url": portal.base_url, "rate": f"{rate:g}/s",
                "timeout": "3s", "concurrency": CONCURRENCY, "allow_private": [f"127.0.0.1:{portal.port}"],
            }),
            ("route", {"to": ["portal"]}),
        ],
    )  # fmt: skip


def _feed(now: datetime, *entries: tuple[int, str, int], gone: Sequence[int] = ()) -> bytes:
    """An Atom feed of a day: number, text and age in days of each entry; tombstones for what is gone."""
    listed = "".join(
        f"<entry><id>live-{number}</id><title>Tin {number}</title><link href='http://syt.example.vn/{number}'/>"
        f"<published>{(now - timedelta(days=age)).isoformat()}</published><updated>{now.isoformat()}</updated>"
        f"<summary>{text or 'Nội dung.'}</summary></entry>"
        for number, text, age in entries
    )
    stones = "".join(
        f"<t:deleted-entry ref='live-{number}' when='{datetime.now(UTC).isoformat()}'/>" for number in gone
    )
    return (
        '<?xml version="1.0" encoding="utf-8"?><feed xmlns="http://www.w3.org/2005/Atom"'
        f' xmlns:t="http://purl.org/atompub/tombstones/1.0"><id>urn:live</id><title>Tin</title>{listed}{stones}</feed>'
    ).encode()


async def _plant(settings: Path, count: int, chance: Random) -> list[str]:
    """So many approved articles that the portal has not; in the order in which they are wanted no date is in order."""
    now = datetime.now(UTC)
    ages = chance.sample(range(1, 2 * count + 1), count)
    async with open_hub(load_settings(settings)) as hub:
        for start in range(0, count, _PART):
            async with hub.engine.store.unit() as unit:
                new = [_edition(now - timedelta(minutes=age), age) for age in ages[start : start + _PART]]
                await editions.write(unit, Origin(source="old", member=MEMBER, capture=0), new)
    return [str(_id_of(age)) for age in sorted(ages)]


def _id_of(age: int) -> UUID:
    return uuid5(NAMESPACE_URL, f"old-{age}")


def _edition(published: datetime, age: int) -> NewEdition:
    item = News(
        guid=f"old-{age}", title=f"Tin cũ {age}", url=f"http://syt.example.vn/old/{age}", published=published,
        content_html="<p>Nội dung của tin.</p>",
    )  # fmt: skip
    return NewEdition(
        content_id=_id_of(age), revision=1, item=item, kind=item.kind, update_type=UpdateType.MAJOR, pointer="",
        digest=hashlib.sha256(item.model_dump_json().encode()).hexdigest(), state=EditionState.APPROVED, why={},
        destinations=("portal",),
    )  # fmt: skip
