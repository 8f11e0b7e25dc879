"""A report as paper, before it is Word or PDF: its head, its sections, tables and charts, in the order of reading.

snapshot + words + number + signature ──> paper() ──> Paper ──┬──> docx.py
                                                              └──> pdf.py
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final, Literal

from hub.reports import charts, gaps, tables, wording
from hub.reports.charts import Chart
from hub.reports.snapshot import Contributor, Missing, Signed, Slot, Snapshot
from hub.reports.tables import Table
from hub.rules.silences import Silence

#: Contributors with a line of their own; the others share one, and stand in the Excel file.
CONTRIBUTORS: Final = 100
_ROMAN: Final = ("I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX")


@dataclass(frozen=True, slots=True)
class Text:
    """One paragraph."""

    text: str
    form: Literal["section", "part", "text", "item", "note", "caption"] = "text"


@dataclass(frozen=True, slots=True)
class Appendix:
    """What follows stands on new pages, sideways if it is wide."""

    name: str
    title: str
    wide: bool = True


Block = Text | Table | Chart | Appendix


@dataclass(frozen=True, slots=True, kw_only=True)
class Paper:
    """Everything that stands on it."""

    above: str
    agency: str
    number: str
    dateline: str
    title: str
    subject: str  #: one line, for the properties of the file
    recipients: tuple[str, ...]
    signer_title: str
    signed: Signed | None
    body: tuple[Block, ...]
    appendices: tuple[Block, ...]  #: behind the signature


def paper(
    snapshot: Snapshot, words: Mapping[Slot, str], *, number: str = "", signed: Signed | None = None
) -> Paper:  # fmt: skip
    """The report with what people wrote in it."""
    head, title = snapshot.head, wording.title(snapshot)
    return Paper(
        above=head.above.upper(), agency=head.agency.upper(), number=wording.number_line(number, head.suffix),
        dateline=wording.dateline(head.place, signed.day if signed else None, snapshot.made_at.year), title=title,
        subject=" ".join(title.split()), recipients=head.recipients,
        signer_title=head.signer_title.upper(), signed=signed, body=tuple(_body(snapshot, words)),
        appendices=tuple(_appendices(snapshot)),
    )  # fmt: skip


def recipients(told: Paper) -> list[str]:
    """The lines under “Nơi nhận”: dashes before, semicolons behind, a full stop behind the last."""
    ends = [";"] * (len(told.recipients) - 1) + ["."]
    return [f"- {one.rstrip(';.')}{end}" for one, end in zip(told.recipients, ends, strict=False)]


def _body(snapshot: Snapshot, words: Mapping[Slot, str]) -> Iterable[Block]:
    yield from _written(words, Slot.OPENING)
    yield Text(wording.opening(snapshot))
    sections: list[tuple[str, list[Block]]] = [
        (wording.RESULTS, [*_results(snapshot), *_written(words, Slot.RESULTS)]),
        (wording.MEMBERS, [*_members(snapshot), *_written(words, Slot.PUBLISHING)]),
        (wording.SILENT, [*_silent(snapshot), *_written(words, Slot.SILENT)]),
        (wording.TIMELINESS, [*_timeliness(snapshot), *_filled(tables.timeliness(snapshot).only(
            "number", "category", "limit", "measured", "in time", "share", "median", "worst"
        ))]),
        (wording.PLACES, [Text(wording.places(snapshot)), *_filled(tables.places(snapshot))]),
        (wording.VISITS, [Text(wording.visits(snapshot)), *_filled(tables.readers(snapshot))]),
        (wording.CONTRIBUTORS, [Text(wording.contributors(snapshot)), *_filled(_contributors(snapshot))]),
        (wording.PROPOSALS, list(_written(words, Slot.PROPOSALS))),
        (wording.REMARKS, [Text(one, "item") for one in (*snapshot.remarks, wording.made(snapshot))]),
    ]  # fmt: skip
    for at, (name, blocks) in enumerate((name, blocks) for name, blocks in sections if blocks):
        yield Text(f"{_ROMAN[at]}. {name}", "section")
        yield from blocks


def _written(words: Mapping[Slot, str], slot: Slot) -> Iterable[Text]:
    """What people wrote there, line by line."""
    return (Text(line.strip()) for line in words.get(slot, "").splitlines() if line.strip())


def _filled(*found: Table) -> Iterable[Table]:
    return (table for table in found if table.rows)


def _results(snapshot: Snapshot) -> Iterable[Block]:
    yield Text(wording.total(snapshot))
    categories, compared = tables.categories(snapshot), snapshot.items.before is not None
    for number in categories:
        if number.now or number.before:
            yield Text(wording.line(number, compared=compared), "item")
    if empty := [number.name for number in categories if not (number.now or number.before)]:
        yield Text(wording.empty(empty), "item")
    for number in (snapshot.photos, snapshot.files):
        yield Text(wording.line(number, compared=compared), "item")
    if snapshot.readers:
        yield Text(wording.visit_line(snapshot), "item")
    for sentence in wording.how_counted(snapshot):
        yield Text(sentence)
    yield Text(f"Bảng 1. Số lượng thông tin theo chuyên mục{', so với kỳ trước' if compared else ''}", "caption")
    totals = tables.totals(snapshot)
    yield totals if compared else totals.only("number", "name", "now")
    if chart := charts.months(snapshot):
        yield chart


def _members(snapshot: Snapshot) -> Iterable[Block]:
    yield Text(wording.members(snapshot))
    for sentence in wording.covered(snapshot.covered):
        yield Text(sentence, "item")
    if chart := charts.members(snapshot):
        yield chart
    if snapshot.senders:
        yield Text("Bảng 2. Số lượng thông tin của các cơ quan, đơn vị", "caption")
        compared = ("before",) if any(each.total.before is not None for each in snapshot.senders) else ()
        timed = ("timed", "in time", "in time share") if any(each.timed for each in snapshot.senders) else ()
        yield tables.senders(snapshot).only("number", "member", "total", *compared, "photos", "files", "copies", *timed)


def _timeliness(snapshot: Snapshot) -> Iterable[Block]:
    for sentence in wording.decided(snapshot):
        yield Text(sentence)
    yield Text(wording.timeliness(snapshot))


def _silent(snapshot: Snapshot) -> Iterable[Block]:
    """Four lists: who sent nothing, who sent too little, whom we could not read, whose items we kept back."""
    nothing = [each for each in snapshot.missing if each.sent_nothing]
    little = [each for each in snapshot.missing if each.silence is Silence.NOTHING and each.came]
    unread = [each for each in snapshot.missing if each.silence is Silence.UNREAD]
    kept = [each for each in snapshot.missing if each.silence is Silence.KEPT]
    if not snapshot.missing:
        yield Text(gaps.nobody_missing())
        return
    heads = iter(range(1, 5))
    if nothing:
        yield Text(f"{next(heads)}. {gaps.NOTHING_CAME}", "part")
        yield Text(gaps.how_many_silent(nothing))
        by_rule: dict[tuple[str, str], list[Missing]] = {}
        for each in nothing:
            by_rule.setdefault((each.category, each.duty), []).append(each)
        for same in by_rule.values():
            yield Text(gaps.silent(same), "item")
        twice = len({(each.category, each.duty) for each in nothing}) > len({each.category for each in nothing})
        rule = ("rule",) if twice else ()  # else the sentences above name it
        yield tables.missing(nothing, gaps.verdict).only(
            "number", "member", "category", *rule, "owed", "unmet", "last", "late"
        )
    if little:
        yield Text(f"{next(heads)}. {gaps.TOO_LITTLE}", "part")
        yield tables.missing(little, gaps.verdict).only(
            "number", "member", "category", "rule", "owed", "unmet", "came", "last"
        )
    for rows, head, why in ((unread, gaps.UNREAD, gaps.WHY_UNREAD), (kept, gaps.KEPT, gaps.WHY_KEPT)):
        if rows:
            yield Text(f"{next(heads)}. {head}", "part")
            yield Text(why)
            yield tables.missing(rows, gaps.verdict).only("number", "member", "category", "sentence", "evidence")


def _contributors(snapshot: Snapshot) -> Table:
    """Those with the most points; all others together, so that the sums are those of all."""
    ranked = sorted(snapshot.contributors, key=lambda each: (-each.points, -each.total, each.author, each.member))
    shown = ranked[:CONTRIBUTORS]
    if rest := ranked[CONTRIBUTORS:]:
        shown.append(Contributor(
            author=wording.others(len(rest)), member="", member_name="", categories={},
            total=sum(each.total for each in rest), photos=sum(each.photos for each in rest),
            points=sum(each.points for each in rest),
        ))  # fmt: skip
    table = tables.contributors(shown, {})
    return table if any(each.points for each in shown) else table.only("number", "author", "member", "total", "photos")


def _appendices(snapshot: Snapshot) -> Iterable[Block]:
    table = tables.senders(snapshot)
    chosen = [column.key for column in table.columns if column.key.startswith("category ")]
    if table.rows and len(chosen) > 1:
        yield Appendix("PHỤ LỤC", f"Số lượng thông tin theo đơn vị và chuyên mục, {wording.inside(snapshot.period)}")
        yield table.only("number", "member", *chosen, "total")
