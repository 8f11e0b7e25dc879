"""Who may be urged, at which step, and when a reminder ends by itself."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.rules.calendar import WorkingCalendar
from hub.rules.silences import Silence
from hub.rules.urging import BEFORE, WAIT, Doubt, Gap, Step, Turn, Urged, may_be_urged, turn

TODAY = date(2026, 4, 8)
MARCH = date(2026, 3, 31)
CALENDAR = WorkingCalendar()
GAP = Gap(
    member="H52.9", name="Sở Y tế", duty="tin", category="Tin tức", rule="", confirmed=True, first=date(2026, 2, 1),
    until=MARCH, unmet=2, late_days=26, last_item=None, silence=Silence.NOTHING, sentence="",
)  # fmt: skip
SENT = [date(2026, 4, 1), date(2026, 4, 2), None]


@pytest.mark.parametrize(
    ("step", "history", "doubt"),
    [
        (Step.NOTICE, [], None),
        (Step.NOTICE, [Urged(Step.NOTICE, MARCH, None)], Doubt.DONE),
        (Step.NOTICE, [Urged(Step.NOTICE, date(2026, 2, 28), SENT[0])], None),
        (Step.REMINDER, [], Doubt.NOT_YET),
        (Step.REMINDER, [Urged(Step.NOTICE, MARCH, None)], Doubt.NOT_YET),
        (Step.REMINDER, [Urged(Step.NOTICE, MARCH, SENT[0])], None),
        (Step.REMINDER, [Urged(Step.NOTICE, MARCH, SENT[1])], Doubt.TOO_SOON),
        (Step.REMINDER, [Urged(Step.NOTICE, date(2026, 1, 31), SENT[0])], Doubt.NOT_YET),
        (Step.LIST, [Urged(Step.NOTICE, MARCH, SENT[0])], Doubt.NOT_YET),
        (Step.LIST, [Urged(Step.REMINDER, date(2026, 2, 28), SENT[0])], None),
    ],
)
def test_each_step_is_taken_once_and_after_the_one_before(
    step: Step, history: list[Urged], doubt: Doubt | None
) -> None:
    assert may_be_urged(GAP, step, history, today=TODAY, calendar=CALENDAR) is doubt


days = st.dates(date(2026, 1, 1), date(2026, 12, 31))
steps = st.builds(lambda step, until, sent: Urged(step, until, sent), st.sampled_from(Step), days, st.none() | days)


@given(st.sampled_from(Step), st.sampled_from(Silence), st.integers(0, 3), st.lists(steps, max_size=6), days)
def test_nobody_is_urged_for_what_may_be_ours(
    step: Step, silence: Silence, unmet: int, history: list[Urged], today: date
) -> None:
    gap = replace(GAP, silence=silence, unmet=unmet)
    doubt = may_be_urged(gap, step, history, today=today, calendar=CALENDAR)
    if silence is not Silence.NOTHING or not unmet:
        assert doubt is not None
    if doubt is None and step in BEFORE:
        before = [one.sent for one in history if one.step is BEFORE[step] and one.sent]
        assert any(CALENDAR.between(day, today) >= WAIT for day in before)


@pytest.mark.parametrize(
    ("gap", "turned"),
    [
        (GAP, Turn.GOES_ON),
        (None, Turn.SETTLED),
        (replace(GAP, silence=Silence.UNREAD), Turn.STOPS),
        (replace(GAP, silence=Silence.KEPT), Turn.STOPS),
        (replace(GAP, unmet=0), Turn.SETTLED),
        (replace(GAP, first=MARCH + timedelta(days=1)), Turn.SETTLED),  # the stretch was met, a later one was not
    ],
)
def test_a_reminder_ends_by_itself(gap: Gap | None, turned: Turn) -> None:
    assert turn(MARCH, gap) is turned
