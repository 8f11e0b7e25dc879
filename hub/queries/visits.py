"""How often was it read? Visits by site, by page with the item that it shows, and what is odd about the numbers."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from hub.reports.snapshot import Readers
from hub.rules.access import EVERYWHERE, Scope
from hub.rules.visits import WEEKS, DayCount, has_number, remarks
from hub.store import visiting
from hub.store.instants import moment
from hub.store.scoping import within
from hub.store.unit import Store
from hub.visits.values import day_at, day_number

_VIETNAM: Final = ZoneInfo("Asia/Ho_Chi_Minh")


@dataclass(frozen=True, slots=True, kw_only=True)
class VisitedSite:
    """A site whose visits are known."""

    site: str
    member: str  #: empty = the portal
    name: str  #: of the member
    first: date
    last: date
    days: int
    visits: int  #: all of them
    loaded_at: datetime
    fault: str = ""  #: of its counter, when it was asked last


@dataclass(frozen=True, slots=True, kw_only=True)
class Visited:
    """A page and how often it was read."""

    path: str
    visits: int
    content_id: str = ""  #: the item that it shows
    title: str = ""


async def readers(
    store: Store, first: date, last: date, *, zone: ZoneInfo = _VIETNAM, scope: Scope = EVERYWHERE
) -> list[Readers]:
    """Visits of each site in a period and in the one of as many days before it, with remarks; by name of the site.

    A day counts with the total of its site; where only pages are known, with their sum. `before` is None where no day
    of that time has a number.
    """
    length = (last - first).days + 1
    began = first - timedelta(days=max(length, 7 * WEEKS))
    where, members = within(scope, "v.member")
    # Sums by day of totals and pages in one pass over the index of days.
    rows = await store.fetch(
        f"""
        SELECT v.site, v.member, v.day, sum(CASE WHEN v.path = '' THEN 0 ELSE v.visits END) AS pages,
               sum(CASE WHEN v.path = '' THEN v.visits ELSE 0 END) AS total,
               max(CASE WHEN v.path = '' THEN 1 ELSE 0 END) AS whole, max(v.remark) AS fault
          FROM visit v WHERE v.day BETWEEN ? AND ? AND {where}
         GROUP BY v.site, v.member, v.day ORDER BY v.site, v.day
        """,
        day_number(began), day_number(last), *members,
    )  # fmt: skip
    names = {row["code"]: row["name"] for row in await store.fetch("SELECT code, name FROM member")}
    sites: dict[tuple[str, str], dict[date, DayCount]] = {}
    for row in rows:
        visits = row["total"] if row["whole"] else row["pages"]
        sites.setdefault((row["site"], row["member"]), {})[day_at(row["day"])] = DayCount(
            visits=int(visits), of_pages=not row["whole"], fault=row["fault"]
        )
    today = store.now().astimezone(zone).date()
    return [_readers(site, member, names, days, first, last, today=today) for (site, member), days in sites.items()]


def _readers(
    site: str, member: str, names: dict[str, str], days: dict[date, DayCount], first: date, last: date, *, today: date
) -> Readers:
    length = (last - first).days + 1
    earlier = [one for day, one in days.items() if first - timedelta(days=length) <= day < first and has_number(one)]
    now = [one for day, one in days.items() if first <= day <= last and has_number(one)]
    return Readers(
        site=site, member=member, name=names.get(member, member), now=sum(one.visits for one in now),
        before=sum(one.visits for one in earlier) if earlier else None, days=len(now),
        remarks=remarks(days, first, last, today=today),
    )  # fmt: skip


async def sites(store: Store, *, scope: Scope = EVERYWHERE) -> list[VisitedSite]:
    """Every site of which something is known, by name."""
    where, members = within(scope, "v.member")
    rows = await store.fetch(
        f"""
        SELECT v.site, v.member, coalesce(m.name, '') AS name, min(v.day) AS first, max(v.day) AS last,
               count(DISTINCT v.day) AS days, max(v.loaded_at) AS loaded_at, sum(v.visits) AS visits
          FROM visit v LEFT JOIN member m ON m.code = v.member WHERE {where}
         GROUP BY v.site, v.member, m.name ORDER BY v.site
        """,
        *members,
    )
    counters = await visiting.counters(store)
    return [
        VisitedSite(
            site=row["site"], member=row["member"], name=row["name"], first=day_at(row["first"]),
            last=day_at(row["last"]), days=row["days"], visits=int(row["visits"]), loaded_at=moment(row["loaded_at"]),
            fault=counters[row["site"]].fault if row["site"] in counters else "",
        )
        for row in rows
    ]  # fmt: skip


async def most_read(
    store: Store, first: date, last: date, *, site: str = "", under: str = "", limit: int = 50,
    scope: Scope = EVERYWHERE,
) -> Sequence[Visited]:  # fmt: skip
    """The pages that were read most in a period; `under` is the path of a section, whose pages alone are asked for."""
    where, members = within(scope, "v.member")
    conditions, values = [where, "v.day BETWEEN ? AND ?", "v.path <> ''"], [*members, day_number(first),
                                                                              day_number(last)]  # fmt: skip
    if site:
        conditions.append("v.site = ?")
        values.append(site)
    if under:
        conditions.append("substr(v.path, 1, ?) = ?")
        values += [len(under), under]
    rows = await store.fetch(
        f"""
        SELECT v.path, v.content_id, sum(v.visits) AS visits,
               max(CASE WHEN i.state = 'live' AND i.restricted = 0 AND i.public_at IS NOT NULL
                        THEN i.title ELSE '' END) AS title
          FROM visit v LEFT JOIN item i ON i.content_id = v.content_id WHERE {" AND ".join(conditions)}
         GROUP BY v.site, v.path, v.content_id ORDER BY sum(v.visits) DESC, v.path LIMIT ?
        """,
        *values, limit,
    )  # fmt: skip
    return [
        Visited(path=row["path"], visits=int(row["visits"]), content_id=row["content_id"], title=row["title"] or "")
        for row in rows
    ]
