"""Which gaps may be urged, which reminders are there, and how do their gaps stand now?"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from hub.counting import up_to_date
from hub.engine import Engine
from hub.queries.codes import calendar
from hub.queries.duties import Standing, standing
from hub.rules.access import EVERYWHERE, Scope
from hub.rules.duties import GAPS
from hub.rules.silences import Silence
from hub.rules.urging import Doubt, Gap, Step, may_be_urged
from hub.store import reminding
from hub.store.reminding import ReminderRow
from hub.store.unit import Store


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """A gap, and whether a step may be taken for it."""

    gap: Gap
    doubt: Doubt | None  #: why not


async def reminders(
    store: Store, *, states: Sequence[str] = (), scope: Scope = EVERYWHERE, limit: int = 500
) -> list[ReminderRow]:
    """Reminders in these states, or all; newest first."""
    return await reminding.reminders(store, states=states, scope=scope, limit=limit)


async def gaps_now(engine: Engine, *, scope: Scope = EVERYWHERE) -> dict[tuple[str, str], Gap]:
    """What is missing at this moment, by member and duty: everything that happened is counted before."""
    await up_to_date(engine)
    found = [_gap(one) for one in await standing(engine, scope=scope) if one.state in GAPS]
    return {(one.member, one.duty): one for one in found}


async def choices(engine: Engine, step: Step, *, scope: Scope = EVERYWHERE) -> list[Choice]:
    """Every gap of today with what speaks against taking this step; in the order of members and duties."""
    today = engine.store.now().astimezone(engine.zone).date()
    days, history = await calendar(engine.store), await reminding.history(engine.store, engine.zone)
    return [
        Choice(gap=gap, doubt=may_be_urged(gap, step, history.get(key, ()), today=today, calendar=days))
        for key, gap in (await gaps_now(engine, scope=scope)).items()
    ]


def _gap(one: Standing) -> Gap:
    first = (one.first_unmet or one.stretch).first
    return Gap(
        member=one.member, name=one.name, duty=one.duty, category=one.category_name, rule=one.rule,
        confirmed=one.confirmed, first=first, until=one.stretch.first - timedelta(days=1),
        unmet=one.unmet if one.first_unmet else 0, late_days=one.late_days, last_item=one.last_item,
        # Where nobody judged the silence nobody may be blamed for it.
        silence=one.silence or Silence.UNREAD, sentence=one.sentence, evidence=tuple(one.evidence),
    )  # fmt: skip
