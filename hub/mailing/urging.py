"""Letters that urge: written when a person sends them, judged once more before they go out, and stopped if we err.

send ─> gaps judged ─> letter, mail, reminder `sent` (one transaction) ─> stage hub.mail
            └─ ours: stopped                     └─ gaps judged again ─> as it is | written anew | not sent
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Final

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from hub.engine import Engine
from hub.mailing.compose import NAMELESS
from hub.queries.reminders import gaps_now
from hub.reports.urging import Office, Urging, docx, said
from hub.rules.access import Scope
from hub.rules.digests import Letter
from hub.rules.urging import BEFORE, Gap, Step, Turn, turn
from hub.store import reminding
from hub.store.mailing import Run
from hub.store.reminding import ReminderRow
from hub.store.states import ReminderState
from hub.store.unit import ENGINE

#: Why a reminder ended by itself, for people.
CAME: Final = "Thông tin còn thiếu đã có, hoặc nghĩa vụ không còn."
UNDELIVERED: Final = (
    "Thư không gửi được nên đơn vị chưa được nhắc. Hãy kiểm tra địa chỉ nhận thư của đơn vị rồi lập lại thông báo."
)
_ENVIRONMENT = Environment(
    loader=FileSystemLoader(Path(__file__).with_name("templates")), undefined=StrictUndefined,
    autoescape=lambda name: bool(name and name.endswith(".html")), trim_blocks=True, lstrip_blocks=True,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Judged:
    """Reminders as their gaps stand now."""

    going: Sequence[ReminderRow]
    ended: Sequence[tuple[ReminderRow, Turn, str]]  #: with the reason


def office(engine: Engine) -> Office:
    """Who urges: the agency that reports."""
    settings = engine.register.settings
    reports, name = settings.reports, settings.hub.name or NAMELESS
    return Office(
        agency=reports.agency or name, above=reports.above, place=reports.place, signer_title=reports.signer_title,
        portal=name,
    )  # fmt: skip


async def letters(
    engine: Engine, some: Sequence[ReminderRow], *, day: date
) -> list[tuple[Urging, list[ReminderRow]]]:  # fmt: skip
    """The letters of a day that these reminders make: one to each member for each step, and one list."""
    groups: dict[tuple[Step, str], list[ReminderRow]] = {}
    for one in sorted(some, key=lambda one: (list(Step).index(one.step), one.id)):
        groups.setdefault((one.step, "" if one.step is Step.LIST else one.member), []).append(one)
    before = await reminding.history(engine.store, engine.zone)
    names = {member.code: member for member in engine.register.settings.members}
    found, ours = [], office(engine)
    for (step, member), inside in groups.items():
        known = names.get(member)
        sent = [
            urged.sent
            for one in inside
            for urged in before.get((one.member, one.duty), ())
            if urged.step is BEFORE.get(step) and urged.sent and urged.until >= one.gap.first
        ]
        letter = Urging(
            step=step, to=known.name if known else inside[0].gap.name, contact=known.contact_name if known else "",
            office=ours, day=day, gaps=[one.gap for one in inside], told=max(sent, default=None),
        )  # fmt: skip
        found.append((letter, inside))
    return found


def as_mail(one: Urging) -> Letter:
    """The letter as a mail."""
    told = said(one)
    context = {"said": told, "agency": one.office.agency}
    return Letter(
        subject=told.subject,
        text=_ENVIRONMENT.get_template("urging.txt").render(context).strip() + "\n",
        html=_ENVIRONMENT.get_template("urging.html").render(context).strip() + "\n",
    )


async def judged(engine: Engine, some: Sequence[ReminderRow]) -> Judged:
    """How the gaps of these reminders stand at this moment."""
    if not some:
        return Judged((), ())
    gaps = await gaps_now(engine, scope=Scope(frozenset(one.member for one in some)))
    going, ended = list[ReminderRow](), list[tuple[ReminderRow, Turn, str]]()
    for one in some:
        gap = gaps.get((one.member, one.duty))
        what = turn(one.until, gap)
        if what is Turn.GOES_ON:
            going.append(one)
        else:
            ended.append((one, what, _because(gap) if what is Turn.STOPS else CAME))
    return Judged(going, ended)


def _because(gap: Gap | None) -> str:
    return " ".join([gap.sentence, *gap.evidence]) if gap else ""


async def settle(engine: Engine) -> int:
    """End what is open and wanted no more, and what reached nobody; once a day. Returns how many ended."""
    store = engine.store
    ended = 0
    for one in await reminding.undelivered(store):
        async with store.unit() as unit:
            states = [ReminderState.SENT]
            ended += await reminding.end(unit, one, Turn.STOPS, why=UNDELIVERED, who=ENGINE, states=states)
    some = await reminding.reminders(store, states=(ReminderState.PREPARED, ReminderState.SENT))
    found = await judged(engine, some)
    for one, what, why in found.ended:
        # What has gone out is history: our later fault does not unwrite it.
        async with store.unit() as unit:
            states = [ReminderState.PREPARED]
            if await reminding.taken_back(unit, one) or what is Turn.SETTLED:
                states.append(ReminderState.SENT)
            ended += await reminding.end(unit, one, what, why=why, who=ENGINE, states=states)
    return ended


async def again(engine: Engine, run: Run) -> Letter | None:
    """The letter as it may be told at this moment, just before it goes out; None: not at all.

    What it said of gaps that are not the member's, or that are closed, is left out, and its reminders end.
    """
    store = engine.store
    some = await reminding.reminders(store, states=(ReminderState.SENT,), run=run.id)
    found = await judged(engine, some)
    for one, what, why in found.ended:
        async with store.unit() as unit:
            await reminding.end(unit, one, what, why=why, who=ENGINE, states=(ReminderState.SENT,))
    made = await letters(engine, found.going, day=date.fromisoformat(run.day))
    return as_mail(made[0][0]) if made else None


async def papers(engine: Engine, ids: Sequence[int] | None) -> list[tuple[str, bytes]]:
    """Letters of prepared reminders, or of these, as Word files with their names; nothing is judged or changed."""
    states = (ReminderState.PREPARED,) if ids is None else (ReminderState.PREPARED, ReminderState.SENT)
    some = await reminding.reminders(engine.store, states=states, ids=ids)
    today = engine.store.now().astimezone(engine.zone).date()
    return [
        (f"{letter.step}-{inside[0].member if letter.step is not Step.LIST else 'lanh-dao'}.docx", docx(letter))
        for letter, inside in await letters(engine, some, day=today)
    ]
