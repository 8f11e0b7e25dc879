"""`hub mails list | send | drop` and `hub digest`: mails with what became public, and those that want a person."""

from collections.abc import Iterator, Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Any

import typer

from hub.cli.invocation import Invocation

if TYPE_CHECKING:
    from hub.queries.mails import MailShown
    from hub.rules.digests import Letter, Period
    from hub.settings import Settings

commands = typer.Typer()
mails = typer.Typer(help="Mails of digests: what is on its way, and what wants a person.")
commands.add_typer(mails, name="mails")

Id = Annotated[int, typer.Argument(min=1, help="Number of the mail; see `hub mails list`.")]
Why = Annotated[str, typer.Option("--why", help="Reason, kept in the account of events.")]
Who = Annotated[str, typer.Option("--who", help="Who decides; your account if left out.")]


@mails.command("list")
def listed(
    context: typer.Context,
    digest: Annotated[str | None, typer.Option(help="Only those of this digest.")] = None,
    everything: Annotated[bool, typer.Option("--all", help="Sent and dropped ones too.")] = False,
) -> None:
    """List mails that are not sent, newest first."""
    from hub.cli import opening

    call: Invocation = context.obj

    async def ask(settings: "Settings") -> "list[MailShown]":
        from hub.queries.mails import mails

        async with opening.reading(settings) as store:
            return await mails(store, digest=digest, everything=everything)

    found = opening.run(call, ask, quiet=True)
    call.answer([asdict(each) for each in found], lambda: _told(found))


@mails.command()
def send(context: typer.Context, mail: Id, why: Why = "", who: Who = "") -> None:
    """Send a mail that was refused, or of which nobody knows whether it arrived."""
    _decide(context, "send_mail", "Sẽ gửi tới {}.", mail, why, who)


@mails.command()
def drop(context: typer.Context, mail: Id, why: Why = "", who: Who = "") -> None:
    """Let a mail be; its reader has it, or shall not get it."""
    _decide(context, "drop_mail", "Không gửi nữa tới {}.", mail, why, who)


@commands.command()
def digest(
    context: typer.Context,
    name: Annotated[str, typer.Argument(help="Name of the digest.")],
    preview: Annotated[bool, typer.Option("--preview", help="Only show it; nothing is kept or sent.")] = False,
    who: Who = "",
) -> None:
    """Make today's digest now and send it, or show what it would say."""
    _preview(context.obj, name) if preview else _make(context.obj, name, who)


def _preview(call: Invocation, name: str) -> None:
    from hub.cli import opening

    async def look(settings: "Settings") -> "tuple[Period, Letter | None]":
        from hub.queries.mails import letter_now

        async with opening.looking(settings) as engine:
            return await letter_now(engine, name)

    told, letter = opening.run(call, look, quiet=True)
    document = {"begin": told.begin, "end": told.end, "letter": asdict(letter) if letter else None}
    call.answer(
        document,
        lambda: (
            [letter.subject, "", letter.text] if letter else ["Chưa có nội dung mới nên không có thư nào được gửi."]
        ),
    )


def _make(call: Invocation, name: str, who: str) -> None:
    from hub.cli import opening

    async def work(settings: "Settings") -> Any:
        return await opening.carry_out(settings, "make_digest", {"digest": name, "who": who or opening.who()})

    made = opening.run(call, work, quiet=True)
    call.answer(
        made,
        lambda: (
            [f"Đã lập bản tin gồm {made['items']} mục; {made['mails']} thư chờ gửi."]
            if made["mails"]
            else ["Chưa có nội dung mới nên không có thư nào được gửi."]
        ),
    )


def _decide(context: typer.Context, command: str, said: str, mail: int, why: str, who: str) -> None:
    from hub.cli import opening

    call: Invocation = context.obj
    arguments = {"mail": mail, "why": why, "who": who or opening.who()}

    async def work(settings: "Settings") -> Any:
        return await opening.carry_out(settings, command, arguments)

    recipient = opening.run(call, work, quiet=True)
    call.answer({"ok": True, "recipient": recipient}, lambda: [said.format(recipient)])


def _told(found: "Sequence[MailShown]") -> Iterator[str]:
    from hub.cli.words import MAILS

    if not found:
        yield "Không có thư nào đang chờ."
    for each in found:
        year, month, day = each.day.split("-")
        yield (
            f"{each.id}. {each.digest} ngày {day}/{month}/{year} tới {each.recipient}:"
            f" {MAILS.get(each.state, each.state)} ({each.items} mục)"
        )
        if each.sentence:
            yield f"   {each.sentence}"
