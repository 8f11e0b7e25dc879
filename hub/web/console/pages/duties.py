"""Duties: which unit owes what, how it stands today, and all that is known about each gap."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import Final

from aiohttp import web

from hub.commands.urge import prepare_reminders
from hub.engine import Engine
from hub.locale import N_, Texts
from hub.queries.duties import Standing, standing
from hub.queries.filters import Filter
from hub.queries.reminders import choices, reminders
from hub.queries.sources import SourceLine, sources
from hub.queries.tallies import counted
from hub.rules.access import EVERYWHERE, Permission, Scope
from hub.rules.coverage import Group
from hub.rules.duties import GAPS, Duty
from hub.rules.silences import Silence
from hub.rules.urging import Doubt, Step
from hub.store.states import TallyState
from hub.web import matrix
from hub.web.console import periods, reporting, technical
from hub.web.console.asking import one_of
from hub.web.console.forms import FORM
from hub.web.console.rendering import back, page, texts_of
from hub.web.console.viewer import VIEWER
from hub.web.routes import get, post
from hub.web.site import SITE

#: Days of items that the page of a gap leads to.
YEAR: Final = timedelta(days=365)
NOTICES: Final = {
    "prepared": N_("The letter was prepared. It goes out when somebody sends it on the page Reminders."),
    "left_out": N_("No letter was prepared: something has changed meanwhile, see below."),
}


async def overview(request: web.Request) -> web.Response:
    """Every unit with every duty."""
    viewer, engine, texts = request[VIEWER], request.app[SITE].engine, texts_of(request)
    every = await standing(engine, scope=viewer.scope())
    known = {each.category: each.category_name for each in every}
    group, category = one_of(request, "group", set(Group)), one_of(request, "category", known)
    state, gaps = one_of(request, "state", reporting.STANDINGS), bool(one_of(request, "gaps", ("1",)))
    silence = one_of(request, "silence", set(Silence))
    chosen = [each for each in every if group in ("", each.group) and category in ("", each.category)]
    shown = {
        each.member
        for each in chosen
        if state in ("", each.state) and silence in ("", each.silence) and (not gaps or each.state in GAPS)
    }
    stretches = {each: texts(label) for each, label in reporting.STRETCHES.items()}
    return page(
        request, "duties.html", known=bool(engine.duties), counts=Counter(each.state for each in chosen),
        matrices=matrix.matrices(
            [each for each in chosen if each.member in shown],
            engine.duties, engine.categories, stretches,
        ),
        chosen=state, group=group, category=category, gaps=gaps, silence=silence,
        narrowed=bool(group or category or state or silence or gaps),
        states=reporting.STANDINGS, silences=reporting.SILENCES, groups=reporting.GROUPS,
        categories=list(known.items()), open=GAPS, said=partial(reporting.stands, texts), tone=reporting.tone,
        choices=[(code, texts(label)) for code, (label, _) in reporting.STANDINGS.items()],
        whose=[(code, texts(label)) for code, (label, _) in reporting.SILENCES.items()],
    )  # fmt: skip


async def one(request: web.Request) -> web.Response:
    """One unit with one duty: whose silence it is, by what one can tell, and what was done about it."""
    engine, texts = request.app[SITE].engine, texts_of(request)
    duty, found = await _found(request)
    lines = await _sources(engine, found)
    today, may_urge = periods.today(request), request[VIEWER].may(Permission.URGE, found.member)
    known = await reminders(engine.store, scope=Scope(frozenset({found.member})))
    items = Filter(today - YEAR, today, member=found.member, category=found.category, once=None)
    return page(
        request, "duty.html", found=found, duty=duty, said=partial(reporting.stands, texts), tone=reporting.tone,
        evidence=_proofs(found, lines), sources=lines, kept=await _kept(engine, items),
        items_query=items.query(), ours=found.silence in (Silence.UNREAD, Silence.KEPT), owed=_owed(duty, texts),
        states=reporting.STANDINGS, silences=reporting.SILENCES, tallies=reporting.TALLIES,
        conditions=technical.CONDITIONS, amount=partial(reporting.amount, texts),
        reminders=[each for each in known if each.duty == duty.name], reminder_states=reporting.REMINDERS,
        steps=reporting.STEPS, next=await _next(engine, found) if may_urge else None, may_urge=may_urge,
        doubts=reporting.DOUBTS, notices=NOTICES,
    )  # fmt: skip


async def urge(request: web.Request) -> web.Response:
    """Prepare the next letter about this gap."""
    viewer, engine = request[VIEWER], request.app[SITE].engine
    duty, member, step = request.match_info["duty"], request.match_info["member"], request[FORM].text("step")
    viewer.demand(Permission.URGE, member)
    await _found(request)
    prepared = await prepare_reminders(
        engine, step=Step(step) if step in set(Step) else Step.NOTICE, member=member, duty=duty, who=viewer.who,
        scope=Scope(frozenset({member})),
    )  # fmt: skip
    return back(request, f"/duties/{duty}/{member}", done="prepared" if prepared.ids else "left_out")


@dataclass(frozen=True, slots=True)
class Next:
    """The letter that comes next, and why it may not be prepared; `doubt` None: it may."""

    step: Step
    doubt: Doubt | None


async def _next(engine: Engine, found: Standing) -> Next | None:
    """None where nothing is missing."""
    told = None
    for step in Step:
        every = await choices(engine, step, scope=Scope(frozenset({found.member})))
        choice = next((each for each in every if each.gap.duty == found.duty), None)
        if choice is None:
            return None
        told = Next(step, choice.doubt)
        if choice.doubt is not Doubt.DONE:
            break
    return told


@dataclass(frozen=True, slots=True)
class Proof:
    """A line of evidence; `source` is the one that it speaks of, empty where it names none."""

    source: str
    text: str


@dataclass(frozen=True, slots=True)
class Kept:
    """So many items came and are not public."""

    state: TallyState
    items: int
    query: str


async def _found(request: web.Request) -> tuple[Duty, Standing]:
    """What the path names. Raises HTTPNotFound for what nobody owes, or what belongs to another unit."""
    engine, member = request.app[SITE].engine, request.match_info["member"]
    duty = next((each for each in engine.duties if each.name == request.match_info["duty"]), None)
    if duty is None or not request[VIEWER].may(Permission.READ, member):
        raise web.HTTPNotFound
    every = await standing(engine, scope=Scope(frozenset({member})))
    found = next((each for each in every if each.duty == duty.name), None)
    if found is None:
        raise web.HTTPNotFound
    return duty, found


async def _sources(engine: Engine, found: Standing) -> list[SourceLine]:
    """The sources of a unit that bring what the duty asks for."""
    codes = engine.categories.counted(found.category)
    kinds = {kind for code in codes for kind in engine.categories.by_code[code].kinds}
    every = await sources(engine.store, engine.zone, scope=Scope(frozenset({found.member})))
    own = {name: source.category for name, source in engine.sources.items()}
    return [each for each in every if (own.get(each.name) in codes if own.get(each.name) else each.kind in kinds)]


def _proofs(found: Standing, lines: Sequence[SourceLine]) -> list[Proof]:
    """The evidence, each line with the source that it begins with."""
    names = {line.name for line in lines}
    parted = [text.partition(": ") for text in found.evidence]
    return [Proof(name, text) if name in names else Proof("", name + colon + text) for name, colon, text in parted]


async def _kept(engine: Engine, items: Filter) -> list[Kept]:
    """What came within the year and is not public, by what became of it."""
    found = []
    for state in (TallyState.HELD, TallyState.REJECTED, TallyState.WITHDRAWN):
        asked = Filter(items.first, items.last, state=state, member=items.member, category=items.category, once=None)
        if many := await counted(engine.store, asked, categories=engine.categories, scope=EVERYWHERE):
            found.append(Kept(state, many, asked.query()))
    return found


def _owed(duty: Duty, texts: Texts) -> str:
    """How much, how often, how soon."""
    said = []
    if duty.every:
        many = texts.many("%(n)s item", "%(n)s items", duty.at_least)
        said.append(f"{many} {texts(reporting.STRETCHES[duty.every])}")
    if duty.within is not None:
        said.append(texts.many("public within %(n)s working day", "public within %(n)s working days", duty.within))
    return ", ".join(said)


ROUTES = (
    get("/duties", overview, Permission.READ),
    get("/duties/{duty}/{member}", one, Permission.READ),
    post("/duties/{duty}/{member}/urge", urge, Permission.URGE),
)
