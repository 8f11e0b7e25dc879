"""What codes are called on the pages of duties, numbers and reports; Vietnamese stands in hub/locale/vi/reports.po."""

from typing import Final

from hub.locale import N_, Texts
from hub.queries.duties import Standing
from hub.reports.snapshot import Slot
from hub.rules.coverage import Group
from hub.rules.duties import Every
from hub.rules.silences import Silence
from hub.rules.urging import Doubt, Step
from hub.store.states import ReminderState, ReportState, TallyState

#: Of a member and a duty (hub/rules/duties.py): what it is called, and its colour.
STANDINGS: Final = {
    "late": (N_("Late"), "bad"), "never": (N_("Never published"), "bad"),
    "empty": (N_("Nothing there any more"), "bad"),
    "due": (N_("Due now"), "warn"), "fresh": (N_("In order"), "good"),
}  # fmt: skip
#: Of hub.rules.silences.Silence: whose silence it is, in the office's own words.
SILENCES: Final = {
    Silence.NOTHING: (N_("The unit published nothing"), "bad"),
    Silence.UNREAD: (N_("The hub could not read it"), "calm"),
    Silence.KEPT: (N_("It came and was kept back here"), "warn"),
}
GROUPS: Final = {
    Group.DEPARTMENT: N_("Departments"), Group.DISTRICT: N_("Districts"), Group.COMMUNE: N_("Communes"),
    Group.OTHER: N_("Other units"),
}  # fmt: skip
STRETCHES: Final = {
    Every.WEEK: N_("each week"), Every.MONTH: N_("each month"), Every.QUARTER: N_("each quarter"),
    Every.HALF_YEAR: N_("each half-year"), Every.YEAR: N_("each year"),
}  # fmt: skip
TALLIES: Final = {
    TallyState.PUBLIC: (N_("Public"), "good"), TallyState.HELD: (N_("Waits for review"), "warn"),
    TallyState.REJECTED: (N_("Rejected"), "calm"), TallyState.WITHDRAWN: (N_("Withdrawn"), "calm"),
}  # fmt: skip
REPORTS: Final = {
    ReportState.DRAFT: (N_("Draft"), "warn"), ReportState.SIGNED: (N_("Signed"), "good"),
    ReportState.DROPPED: (N_("Dropped"), "calm"),
}  # fmt: skip
REMINDERS: Final = {
    ReminderState.PREPARED: (N_("Prepared"), "warn"), ReminderState.SENT: (N_("Sent out"), "good"),
    ReminderState.STOPPED: (N_("Stopped"), "calm"), ReminderState.SETTLED: (N_("Settled"), "good"),
}  # fmt: skip
STEPS: Final = {
    Step.NOTICE: N_("Polite notice"), Step.REMINDER: N_("Reminder"), Step.LIST: N_("List for the chairman"),
}  # fmt: skip
#: Why a unit is not reminded now.
DOUBTS: Final = {
    Doubt.NOT_OVER: N_("The stretch is not over yet."),
    Doubt.OURS: N_("The fault may be ours: it came, or the hub could not see it."),
    Doubt.DONE: N_("The unit was reminded of this stretch already."),
    Doubt.TOO_SOON: N_("The last letter went out less than 5 working days ago."),
    Doubt.NOT_YET: N_("The letter before has not gone out."),
}
#: What people write, in the order in which it stands in a report, with what belongs there.
SLOTS: Final = {
    Slot.OPENING: (N_("Opening"), N_("On which ground and for whom the report is made.")),
    Slot.RESULTS: (N_("Results"), N_("What the numbers of the period show.")),
    Slot.PUBLISHING: (N_("How units publish"), N_("Remarks on quality and timeliness.")),
    Slot.SILENT: (N_("Units that published nothing"), N_("What was done about them, and what they answered.")),
    Slot.PROPOSALS: (N_("Proposals"), N_("What the board asks for, and what comes next.")),
}
#: By which numbers may be summed: fields of a row of sums, and what they are called.
DIMENSIONS: Final = {
    "category": N_("Category"), "kind": N_("Kind"), "member": N_("Unit"), "author": N_("Writer"),
    "source": N_("Source"),
}  # fmt: skip


def amount(texts: Texts, number: float | None, digits: int = 0) -> str:
    """A number as the language writes it: 12.345 in Vietnamese, 12,345 in English; a dash for none."""
    if number is None:
        return "–"
    written = f"{number:,.{digits}f}"
    return written if texts.language == "en" else written.translate(_VIETNAMESE)


def stands(texts: Texts, found: Standing) -> str:
    """How a member stands with a duty, in a word or two."""
    if found.late_days:
        return texts.many("Late by %(n)s day", "Late by %(n)s days", found.late_days)
    return texts(STANDINGS[found.state][0])


def tone(found: Standing) -> str:
    """The colour of a state; a gap is red only where it is the unit's own."""
    if found.silence in (None, Silence.NOTHING):
        return STANDINGS[found.state][1]
    return SILENCES[found.silence][1]


def change(texts: Texts, now: int, before: int | None) -> str:
    """How a count differs from that of the period before: `+12 (+3,4%)`; without a share where there was nothing."""
    if before is None:
        return "–"
    much = now - before
    sign = "+" if much > 0 else "−" if much < 0 else ""
    said = f"{sign}{amount(texts, abs(much))}"
    return f"{said} ({sign}{amount(texts, abs(much) / before * 100, 1)}%)" if before and much else said


#: Point and comma change places.
_VIETNAMESE: Final = str.maketrans(",.", ".,")
