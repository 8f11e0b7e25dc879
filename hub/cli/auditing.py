"""`hub audit …`: who did what, and whether the account of it holds."""

from collections.abc import Iterator, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import TYPE_CHECKING, Annotated

import typer

from hub.cli.invocation import Invocation

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

    from hub.queries.audit import Chain, Entry
    from hub.settings import Settings

commands = typer.Typer()
audit = typer.Typer(help="Who did what, and whether the account of it holds.")
commands.add_typer(audit, name="audit")


@audit.callback()
def _audit() -> None:
    """Who did what, and whether the account of it holds."""


@audit.command("list")
def listed(
    context: typer.Context,
    by: Annotated[str, typer.Option("--by", help="Only what this account did.")] = "",
    what: Annotated[str, typer.Option("--what", help="Only events of this name.")] = "",
    item: Annotated[str, typer.Option("--item", help="Only events of this content id.")] = "",
    source: Annotated[str, typer.Option("--source", help="Only events of this source.")] = "",
    since: Annotated[datetime | None, typer.Option("--since", formats=["%Y-%m-%d"], help="From this day on.")] = None,
    everything: Annotated[bool, typer.Option("--all", help="Also what the hub did by itself.")] = False,
    before: Annotated[int, typer.Option(min=0, max=2**63 - 1, help="Only what is older than this entry.")] = 0,
    limit: Annotated[int, typer.Option(min=1, max=100_000, help="Rows at most.")] = 50,
) -> None:
    """Show who did what, newest first."""
    from hub.cli import opening

    call: Invocation = context.obj

    async def ask(settings: "Settings") -> "tuple[list[Entry], ZoneInfo]":
        from hub.queries.audit import Question, entries

        question = Question(
            who=by, what=what, content_id=item, source=source, everything=everything,
            since=since.replace(tzinfo=settings.zone) if since else None,
        )  # fmt: skip
        async with opening.reading(settings) as store:
            return await entries(store, question, before=before, limit=limit + 1), settings.zone

    found, zone = opening.run(call, ask, quiet=True)
    shown, more = found[:limit], len(found) > limit
    call.answer([asdict(each) for each in shown], lambda: _lines(shown, zone, more=more))


@audit.command()
def verify(
    context: typer.Context,
    newest: Annotated[int | None, typer.Option("--newest", min=1, help="Only so many links, from the end.")] = None,
    expect: Annotated[
        str, typer.Option("--expect", help="NUMBER:HASH of a link that was kept elsewhere; it has to be there still.")
    ] = "",
) -> None:
    """Check the chain of hashes over the account; ends with 1 when it does not hold."""
    from hub.cli import opening

    call: Invocation = context.obj
    number, colon, kept = expect.partition(":")
    if expect and not (colon and number.isdigit() and kept):
        raise typer.BadParameter("NUMBER:HASH, as this command printed it", param_hint="--expect")

    async def ask(settings: "Settings") -> "tuple[Chain, bool]":
        from hub.queries.audit import chain, link_hash

        async with opening.reading(settings) as store:
            known = not expect or await link_hash(store, int(number)) == kept
            return await chain(store, newest=newest), known

    found, known = opening.run(call, ask, quiet=True)
    call.answer(
        {"ok": found.holds and known, "expected_link_found": known, **asdict(found)}, lambda: _verdict(found, known)
    )
    if not (found.holds and known):
        raise typer.Exit(1)


def _verdict(found: "Chain", known: bool) -> Iterator[str]:
    if found.holds:
        yield f"Nhật ký nguyên vẹn: đã kiểm tra {found.checked} mục, đến mục {found.last}."
        yield f"Mục cuối: {found.last}:{found.last_hash}"
    else:
        yield f"Nhật ký bị sai từ mục {found.broken_at} ({found.why})."
        yield "Hãy đối chiếu với bản sao lưu và báo ngay người phụ trách."
    if found.unsealed:
        yield f"{found.unsealed} mục mới nhất chưa được nối vào chuỗi; việc này tự thực hiện khi hub chạy."
    if not known:
        yield "Mục đã lưu ở nơi khác không còn đúng trong nhật ký: phần cuối có thể đã bị cắt hoặc thay."


def _lines(found: "Sequence[Entry]", zone: "ZoneInfo", *, more: bool) -> Iterator[str]:
    if not found:
        yield "Không có mục nào."
    for each in found:
        about = " ".join(filter(None, [each.content_id, each.source, each.destination]))
        why = ", ".join(f"{name}={value}" for name, value in each.why.items() if value not in ("", None))
        yield f"{each.at.astimezone(zone):%d/%m/%Y %H:%M:%S}  {each.who}  {each.what}  {about}  {why}".rstrip()
    if more:
        yield f"Còn nữa, mới hiện {len(found)} mục; xem tiếp: thêm --before {found[-1].id} (there are more)."
