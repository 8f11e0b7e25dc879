"""Urge members to publish what they owe: prepare reminders, and send them by mail or as sent on paper."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from hub.engine import Engine
from hub.mailing import urging
from hub.queries.reminders import choices
from hub.reports.urging import Urging
from hub.rules.access import EVERYWHERE, Scope
from hub.rules.urging import Step
from hub.store import mailing, reminding
from hub.store.deciding import DecisionRefusedError
from hub.store.reminding import ReminderRow
from hub.store.states import ReminderState
from hub.store.unit import ENGINE


@dataclass(frozen=True, slots=True, kw_only=True)
class Prepared:
    """What preparing came to."""

    ids: Sequence[int]
    left_out: Mapping[str, int]  #: gaps that are not urged, by the reason: hub.rules.urging.Doubt


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """What sending came to."""

    letters: int
    reminders: int
    stopped: int  #: ended just before: the fault may be ours, or it has come
    no_contact: Sequence[str] = ()  #: members that no mail can go to: on paper


class _OvertakenError(Exception):
    """Somebody else decided about a reminder meanwhile."""


async def prepare_reminders(
    engine: Engine, *, step: Step = Step.NOTICE, member: str = "", duty: str = "", who: str, scope: Scope = EVERYWHERE
) -> Prepared:
    """Write a reminder of this step for every gap that may be urged; nobody is told of it yet.

    `member` and `duty` choose among the gaps. Gaps whose fault may be ours are left out.
    """
    ids, doubts = list[int](), Counter[str]()
    for choice in await choices(engine, step, scope=scope):
        gap = choice.gap
        if (member and gap.member != member) or (duty and gap.duty != duty):
            continue
        if choice.doubt is not None:
            doubts[choice.doubt] += 1
            continue
        async with engine.store.unit() as unit:
            made = await reminding.prepare(unit, gap, step, who=who)
        if made is None:
            doubts["done"] += 1
        else:
            ids.append(made)
    return Prepared(ids=ids, left_out=dict(doubts))


async def send_reminders(
    engine: Engine, *, ids: Sequence[int] | None = None, on_paper: bool = False, who: str, scope: Scope = EVERYWHERE
) -> Sent:
    """Send prepared reminders, or those of them that are named: one letter to each member, one list to the leaders.

    Each gap is judged once more before. `on_paper`: a person has sent the letters, and only that is kept. Raises
    DecisionRefusedError when none of the named is prepared.
    """
    store = engine.store
    some = await reminding.reminders(store, states=(ReminderState.PREPARED,), ids=ids, scope=scope)
    if ids is not None and not some:
        raise DecisionRefusedError(
            "no such reminder is prepared",
            sentence="Không có thông báo nhắc nào trong số này đang chờ gửi: đã gửi, đã dừng hoặc không có. Xem danh"
            " sách bằng lệnh hub urge list.",
        )
    found = await urging.judged(engine, some)
    for one, turn, why in found.ended:
        async with store.unit() as unit:
            await reminding.end(unit, one, turn, why=why, who=ENGINE, states=(ReminderState.PREPARED,))
    today = store.now().astimezone(engine.zone).date()
    letters = reminders = 0
    unreached = list[str]()
    for letter, inside in await urging.letters(engine, found.going, day=today):
        to = _recipients(engine, letter, inside)
        if not on_paper and not to:
            unreached.append(letter.to)
            continue
        try:
            await _send(engine, letter, inside, () if on_paper else to, who=who)
        except _OvertakenError:
            continue
        letters, reminders = letters + 1, reminders + len(inside)
    return Sent(letters=letters, reminders=reminders, stopped=len(found.ended), no_contact=tuple(unreached))


async def _send(engine: Engine, letter: Urging, inside: Sequence[ReminderRow], to: Sequence[str], *, who: str) -> None:
    async with engine.store.unit() as unit:
        for one in inside:
            if not await reminding.sent(unit, one, who=who):
                raise _OvertakenError
        if to:  # what was stopped may be sent anew on the same day
            name = f"{mailing.URGING}{inside[0].id}-{unit.at}"
            mails = await mailing.noticed(unit, name, urging.as_mail(letter), day=letter.day, to=to)
            await reminding.mailed(unit, inside, mails[0])


def _recipients(engine: Engine, letter: Urging, inside: Sequence[ReminderRow]) -> tuple[str, ...]:
    """Who gets the letter by mail; nobody where no mail server is set."""
    settings = engine.register.settings
    if engine.mailing is None:
        return ()
    if letter.step is Step.LIST:
        return settings.reports.to
    contacts = {member.code: member.contact for member in settings.members}
    contact = contacts.get(inside[0].member, "")
    return (contact,) if contact else ()
