"""`hub report make | list | show | save | sign | drop` and `hub ledger`: frozen numbers of a period, and who wrote."""

from collections.abc import Iterator, Sequence
from dataclasses import asdict
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from hub.cli.invocation import Invocation
from hub.cli.words import REPORTS, listed

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

    from hub.engine import Engine
    from hub.reports.snapshot import Contributor, Number, Snapshot
    from hub.settings import Settings
    from hub.store.reports import Report

commands = typer.Typer()
report = typer.Typer(help="Reports over a period: their numbers are frozen when they are made.")
commands.add_typer(report, name="report")

PERIOD = "2026-06, 2026-Q2, 2026-H1, 2026, 2026-W10 or 2026-01-01..2026-02-15."
Period = Annotated[str, typer.Argument(help=PERIOD)]
Id = Annotated[int, typer.Argument(min=1, help="The report; see `hub report list`.")]
To = Annotated[Path, typer.Option("--to", help="File that is written; one that is there is replaced.")]
Who = Annotated[str, typer.Option("--who", help="Who decides; your account if left out.")]


class Format(StrEnum):
    """Files of a report."""

    DOCX = "docx"
    XLSX = "xlsx"
    PDF = "pdf"
    JSON = "json"


class LedgerFormat(StrEnum):
    """Files of the ledger."""

    CSV = "csv"
    XLSX = "xlsx"


@report.command()
def make(context: typer.Context, period: Period, who: Who = "") -> None:
    """Count what happened and make a draft over a period."""
    made = _carry_out(context, "make_report", {"period": period}, who)
    call: Invocation = context.obj
    call.answer(
        made, lambda: [f"Đã lập báo cáo {made['report']}: {made['period']}, {made['items']} tin, bài, văn bản."]
    )


@report.command("list")
def listed_(context: typer.Context) -> None:
    """List reports, newest first."""
    from hub.cli import opening

    call: Invocation = context.obj

    async def ask(settings: "Settings") -> "tuple[list[Report], ZoneInfo]":
        from hub.store import reports

        async with opening.reading(settings) as store:
            return await reports.listed(store), settings.zone

    found, zone = opening.run(call, ask, quiet=True)
    call.answer(
        [asdict(each) for each in found],
        lambda: [_line(each, zone) for each in found] or ["Chưa có báo cáo nào."],
    )


@report.command()
def show(context: typer.Context, number: Id) -> None:
    """Show the numbers of a report."""
    call: Invocation = context.obj
    found, snapshot, settings = _read(call, number)
    document = {"report": asdict(found), "snapshot": snapshot.model_dump(mode="json")}
    call.answer(document, lambda: _told(found, snapshot, settings.zone))


@report.command()
def save(
    context: typer.Context, number: Id, to: To,
    form: Annotated[Format, typer.Option("--format", help="docx, xlsx, pdf, or json: its numbers.")] = Format.DOCX,
) -> None:  # fmt: skip
    """Write a report into a file."""
    from hub.reports.files import file_of

    call: Invocation = context.obj
    found, snapshot, settings = _read(call, number)
    _write(call, to, file_of(form, found, snapshot, settings.zone))


@report.command()
def sign(
    context: typer.Context, number: Id,
    given: Annotated[str, typer.Option("--number", help="Its number before the suffix: 09.")],
    signer: Annotated[str, typer.Option("--signer", help="Name that stands under it.")],
    who: Who = "",
) -> None:  # fmt: skip
    """Sign a draft: nothing of it changes any more."""
    _carry_out(context, "sign_report", {"report": number, "number": given, "signer": signer}, who)
    call: Invocation = context.obj
    call.answer({"ok": True}, lambda: [f"Đã ký báo cáo {number}, số {given}; từ nay không sửa được nữa."])


@report.command()
def drop(
    context: typer.Context, number: Id,
    why: Annotated[str, typer.Option("--why", help="Reason, kept in the account of events.")] = "", who: Who = "",
) -> None:  # fmt: skip
    """Let a draft be; it stays readable."""
    _carry_out(context, "drop_report", {"report": number, "why": why}, who)
    call: Invocation = context.obj
    call.answer({"ok": True}, lambda: [f"Đã hủy dự thảo báo cáo {number}."])


@commands.command()
def ledger(
    context: typer.Context, period: Period,
    form: Annotated[
        LedgerFormat | None, typer.Option("--format", help="Write a file: csv (for Excel) or xlsx.")
    ] = None,
    to: Annotated[Path | None, typer.Option("--to", help="File that is written; one there is replaced.")] = None,
) -> None:  # fmt: skip
    """Show who wrote what was accepted in a period, with points by the tariff of the settings."""
    from hub.cli import opening

    if (form is None) is not (to is None):
        raise typer.BadParameter("--format and --to go together", param_hint="--to")
    call: Invocation = context.obj

    async def ask(settings: "Settings") -> "tuple[Sequence[Contributor], bytes]":
        from hub.queries.ledger import ledger
        from hub.rules.periods import span

        days = span(period)
        async with opening.looking(settings) as engine:
            found = await ledger(engine, days)
            return found, _ledger_file(engine, found, form, period)

    found, file = opening.run(call, ask, quiet=True)
    if to is not None:
        return _write(call, to, file)
    call.answer([each.model_dump(mode="json") for each in found], lambda: _authors(found))


def _ledger_file(engine: "Engine", found: "Sequence[Contributor]", form: LedgerFormat | None, period: str) -> bytes:
    from hub.reports import ledger as files
    from hub.reports.contributors import columns
    from hub.rules.periods import span

    names = columns(found, engine.categories)
    if form is LedgerFormat.CSV:
        return files.csv(found, names)
    made_at = engine.store.now().astimezone(engine.zone)
    return files.xlsx(found, names, span(period), made_at=made_at) if form else b""


def _carry_out(context: typer.Context, command: str, arguments: dict[str, Any], who: str) -> Any:
    from hub.cli import opening

    async def work(settings: "Settings") -> Any:
        return await opening.carry_out(settings, command, arguments | {"who": who or opening.who()})

    return opening.run(context.obj, work, quiet=True)


def _read(call: Invocation, number: int) -> "tuple[Report, Snapshot, Settings]":
    from hub.cli import opening

    async def ask(settings: "Settings") -> "tuple[Report, Snapshot, Settings]":
        from hub.store import reports

        async with opening.reading(settings) as store:
            return *await reports.read(store, number), settings

    return opening.run(call, ask, quiet=True)


def _write(call: Invocation, to: Path, file: bytes) -> None:
    from connectors.errors import ConfigError

    with call.failing():
        try:
            to.write_bytes(file)
        except OSError as error:
            raise ConfigError(
                f"{to}: {error}", code="folder_refused",
                sentence=f"Không ghi được tệp {to.name}. Hãy kiểm tra quyền và dung lượng, hoặc chọn nơi khác.",
            ) from error  # fmt: skip
    call.answer({"file": str(to), "bytes": len(file)}, lambda: [f"Đã ghi {to} ({len(file)} byte)."])


def _line(one: "Report", zone: "ZoneInfo") -> str:
    signed = f", số {one.number}, người ký {one.signer}" if one.signed_at else ""
    made = one.made_at.astimezone(zone)
    return f"{one.id}  {one.period.name}: {REPORTS[one.state]}{signed}; lập {made:%d/%m/%Y} bởi {one.made_by}"


def _told(found: "Report", snapshot: "Snapshot", zone: "ZoneInfo") -> Iterator[str]:
    yield _line(found, zone)
    for number in (snapshot.items, *snapshot.totals, snapshot.photos, snapshot.files):
        if number.now or number.before:
            yield f"  {_counted(number)}"
            yield from (f"    {_counted(part)}" for part in number.parts if part.now or part.before)
    silent = dict.fromkeys(one.name for one in snapshot.missing if one.sent_nothing)
    if silent:
        yield f"Chưa cung cấp thông tin ({len(silent)}): {', '.join(silent)}"
    yield from (f"Ghi chú: {remark}" for remark in snapshot.remarks)


def _counted(number: "Number") -> str:
    return f"{number.name}: {number.now}" + (f" (kỳ trước {number.before})" if number.before is not None else "")


def _authors(found: "Sequence[Contributor]") -> Iterator[str]:
    if not found:
        yield "Chưa có tác giả nào được ghi trong kỳ này."
    for one in found:
        counts = listed(one.categories, {})
        yield f"{one.author}, {one.member_name}: {one.points:g} điểm; {one.total} tin, bài ({counts}); {one.photos} ảnh"
