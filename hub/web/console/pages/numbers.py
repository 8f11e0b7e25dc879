"""Numbers of a period, summed by what one asks for, and the list behind each of them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Final, cast

from aiohttp import web

from hub.locale import Texts
from hub.queries.filters import NO_CATEGORY, Filter
from hub.queries.items import shelves
from hub.queries.tallies import Key, Sum, counted, listed, summed
from hub.rules.access import EVERYWHERE, Permission
from hub.rules.categories import Categories
from hub.rules.coverage import Group
from hub.store import reports
from hub.store.reports import UnknownReportError
from hub.store.states import TallyState
from hub.web.console import periods, reporting
from hub.web.console.asking import one_of, word
from hub.web.console.rendering import link, page, texts_of
from hub.web.console.viewer import VIEWER
from hub.web.console.words import KINDS
from hub.web.routes import get
from hub.web.site import SITE

#: Items of one page of a list, and lines of a table of sums; the last line tells what is left out.
PAGE, LINES = 50, 400
#: What the address says of stories that several units told: as `Filter.query` writes it.
ONCE: Final = {"": True, "copies": False, "all": None}
#: Fields of a filter that the form narrows by, and which stay when another period is chosen.
NARROWED: Final = ("by", "group", "member", "category", "kind", "author", "source", "state", "once")


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One line of sums; `query` is the list of that length, empty where nothing names it."""

    name: str
    items: int
    photos: int
    files: int
    query: str = ""
    inner: bool = False  #: in the sum of the line above


async def sums(request: web.Request) -> web.Response:
    """What was published, by category, kind, unit, author or source."""
    viewer, engine, texts = request[VIEWER], request.app[SITE].engine, texts_of(request)
    asked = periods.asked(request)
    by = cast("Key", one_of(request, "by", reporting.DIMENSIONS) or "category")
    choice = Filter(
        asked.span.first, asked.span.last, state=TallyState(one_of(request, "state", set(TallyState)) or "public"),
        member=word(request, "member"), group=one_of(request, "group", set(Group)),
        category=word(request, "category"), kind=one_of(request, "kind", KINDS), author=word(request, "author"),
        source=word(request, "source"), once=ONCE[one_of(request, "once", ONCE)],
    )  # fmt: skip
    ask = partial(summed, engine.store, categories=engine.categories, scope=viewer.scope())
    known = await shelves(engine.store, scope=viewer.scope())
    lines = _lines(await ask(choice, [by]), choice, by, engine.categories, dict(known.members), texts)
    [undated] = await ask(replace(choice, undated=True), []) or [Sum(key=(), items=0, photos=0, files=0)]
    return page(
        request, "numbers.html", span=asked.span, problem=asked.problem, by=by, choice=choice, lines=lines[:LINES],
        left=max(len(lines) - LINES, 0), total=_total(lines, choice), undated=undated.items,
        undated_query=replace(choice, undated=True).query(), known=known, once=one_of(request, "once", ONCE),
        presets=periods.presets(periods.today(request)), dimensions=reporting.DIMENSIONS, groups=reporting.GROUPS,
        categories=category_choices(engine.categories, texts), kinds=KINDS, whole=viewer.scope() == EVERYWHERE,
        states=[(state, texts(label)) for state, (label, _) in reporting.TALLIES.items()],
        narrowed={name: value for name in NARROWED if (value := word(request, name))},
        amount=partial(reporting.amount, texts),
    )  # fmt: skip


async def items(request: web.Request) -> web.Response:
    """The items behind one number: as many as it says."""
    viewer, engine, texts = request[VIEWER], request.app[SITE].engine, texts_of(request)
    choice = _asked_for(request)
    if choice.report is not None:
        try:
            await reports.head(engine.store, choice.report)
        except UnknownReportError:
            raise web.HTTPNotFound from None
    many = await counted(engine.store, choice, categories=engine.categories, scope=viewer.scope())
    found = await listed(
        engine.store, choice, categories=engine.categories, scope=viewer.scope(), limit=PAGE,
        after=word(request, "after"),
    )  # fmt: skip
    members = dict((await shelves(engine.store, scope=viewer.scope())).members)
    query = choice.query()
    return page(
        request, "numbers_list.html", choice=choice, found=found.items, many=many,
        heading=texts.many("%(count)s item", "%(count)s items", many, count=reporting.amount(texts, many)),
        narrowed=_said(choice, engine.categories, members, texts), whole=viewer.scope() == EVERYWHERE,
        older=f"{link(request, '/numbers/list')}?{query}&after={found.after}" if found.after else "",
        summary=link(
            request, "/numbers", first=choice.first, last=choice.last, group=choice.group, member=choice.member,
            category=choice.category, kind=choice.kind, author=choice.author, source=choice.source,
        ),
        kinds=KINDS, states=reporting.TALLIES, name_of=engine.categories.named,
        amount=partial(reporting.amount, texts),
    )  # fmt: skip


def category_choices(categories: Categories, texts: Texts) -> list[tuple[str, str]]:
    """The categories of a filter, parts below their sum; the last are items that none fits."""
    listed = [
        (each.code, f"{'– ' if each.group else ''}{each.name}")
        for top in categories.listed if not top.group
        for each in (top, *categories.parts(top.code))
    ]  # fmt: skip
    return [*listed, (NO_CATEGORY, texts("none fits"))]


def _asked_for(request: web.Request) -> Filter:
    """The filter of the address; without days those of this month. Raises BadFilterError."""
    written = {name: value[:500] for name, value in request.query.items() if "\x00" not in value}
    if "first" not in written and "last" not in written:
        span = periods.asked(request).span
        written |= {"first": span.first.isoformat(), "last": span.last.isoformat()}
    return Filter.read(written)


def _lines(
    found: Sequence[Sum], choice: Filter, by: Key, categories: Categories, members: dict[str, str], texts: Texts
) -> list[Line]:
    """The lines of a table of sums, in the order in which people look for them."""
    by_key = {each.key[0]: each for each in found}
    if by == "category":
        return list(_by_category(by_key, choice, categories, texts))
    if by == "kind":
        known = [kind for kind in KINDS if kind in by_key]
        return [_line(texts(KINDS[kind]), by_key[kind], replace(choice, kind=kind)) for kind in known]
    most = sorted(found, key=lambda each: (-each.items, each.key))
    if by == "member":
        return [
            _line(members.get(code, code), each, replace(choice, member=code)) for each in most for code in each.key
        ]
    if by == "source":
        return [_line(each.key[0], each, replace(choice, source=each.key[0])) for each in most]
    return [
        _line(name, each, replace(choice, author=name)) if name else _line(texts("(no author named)"), each, None)
        for each in most for name in each.key
    ]  # fmt: skip


def _by_category(
    found: dict[str, Sum], choice: Filter, categories: Categories, texts: Texts
) -> Iterable[Line]:  # fmt: skip
    """Sums of the top categories, each with its parts below it; then what no category of the list has."""
    told = set[str]()
    for top in categories.listed:
        if top.group:
            continue
        parts = [part for part in categories.parts(top.code) if part.code in found]
        own = [found[code] for code in (top.code, *(part.code for part in parts)) if code in found]
        told |= {top.code, *(part.code for part in parts)}
        if not own:
            continue
        yield _line(top.name, _sum(own), replace(choice, category=top.code))
        for part in parts:
            yield _line(part.name, found[part.code], replace(choice, category=part.code), inner=True)
    for code in sorted(set(found) - told - {"", NO_CATEGORY}):  # of a list that was in force before
        yield _line(code, found[code], replace(choice, category=code))
    if nothing := [found[code] for code in ("", NO_CATEGORY) if code in found]:
        yield _line(texts("none fits"), _sum(nothing), replace(choice, category=NO_CATEGORY))


def _line(name: str, found: Sum, choice: Filter | None, *, inner: bool = False) -> Line:
    return Line(
        name=name, items=found.items, photos=found.photos, files=found.files,
        query=choice.query() if choice else "", inner=inner,
    )  # fmt: skip


def _sum(found: Sequence[Sum]) -> Sum:
    return Sum(
        key=(), items=sum(each.items for each in found), photos=sum(each.photos for each in found),
        files=sum(each.files for each in found),
    )  # fmt: skip


def _total(lines: Sequence[Line], choice: Filter) -> Line:
    outer = [line for line in lines if not line.inner]
    return Line(
        name="", items=sum(line.items for line in outer), photos=sum(line.photos for line in outer),
        files=sum(line.files for line in outer), query=choice.query(),
    )  # fmt: skip


def _said(choice: Filter, categories: Categories, members: dict[str, str], texts: Texts) -> list[tuple[str, str]]:
    """What the list is narrowed to, in words."""
    category = texts("none fits") if choice.category == NO_CATEGORY else categories.named(choice.category)
    once = {None: texts("each time"), False: texts("copies only")}
    said = [
        (texts("Group"), texts(reporting.GROUPS[Group(choice.group)]) if choice.group else ""),
        (texts("Unit"), members.get(choice.member, choice.member)),
        (texts("Category"), category if choice.category else ""),
        (texts("Kind"), texts(KINDS[choice.kind]) if choice.kind in KINDS else choice.kind),
        (texts("Writer"), choice.author), (texts("Source"), choice.source),
        (texts("State"), texts(reporting.TALLIES[choice.state][0])),
        (texts("Stories told by several units"), "" if choice.once else once[choice.once]),
        (texts("Only"), texts("with photos") if choice.photos else ""),
        (texts("Day"), texts("without a date of their own") if choice.undated else ""),
    ]  # fmt: skip
    return [(label, value) for label, value in said if value]


ROUTES = (
    get("/numbers", sums, Permission.READ),
    get("/numbers/list", items, Permission.READ),
)
