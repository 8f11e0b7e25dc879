"""`hub search`: find what is kept, as the office sees it; with `--reindex` write the index anew."""

from collections.abc import Iterator
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Annotated, Any

import typer

from hub.cli.invocation import Invocation

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

    from hub.queries.search import Found, Segment
    from hub.settings import Settings


commands = typer.Typer()

Day = Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"], help="A day: 2026-01-31.")]
#: Marks of what was found, on a terminal.
FOUND = ("\x1b[1m", "\x1b[0m")


@commands.command()
def search(
    context: typer.Context,
    words: Annotated[
        list[str] | None, typer.Argument(help='Words, a number of a document, a code; "…" a phrase, -word not this.')
    ] = None,
    kind: Annotated[str, typer.Option(help="news, notice, document, procedure or question.")] = "",
    member: Annotated[str, typer.Option(help="Code of a member.")] = "",
    since: Day = None,
    until: Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"], help="The last day: 2026-12-31.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=100, help="Hits at most.")] = 20,
    anew: Annotated[
        bool, typer.Option("--reindex", help="Write the index anew from the editions; a run that was stopped goes on.")
    ] = False,
) -> None:
    """Find what is kept, held items included; with or without marks."""
    from hub.cli import opening

    call: Invocation = context.obj
    if anew:
        return _reindex(call)

    async def ask(settings: "Settings") -> "tuple[Found, ZoneInfo]":
        from hub.queries import search as finding
        from hub.queries.search import Audience, parse

        zone = settings.zone
        async with opening.reading(settings) as store:
            found = await finding.search(
                store, parse(" ".join(words or ())), audience=Audience.OFFICE, kind=kind, member=member, limit=limit,
                since=since.replace(tzinfo=zone) if since else None,
                until=until.replace(tzinfo=zone) + timedelta(days=1) if until else None,
            )  # fmt: skip
            return found, zone

    found, zone = opening.run(call, ask, quiet=True)
    call.answer(_document(found), lambda: _lines(found, zone))
    if not found.hits:
        raise typer.Exit(1)


def _document(found: "Found") -> dict[str, Any]:
    document = asdict(found) | {"after": str(found.after or "")}
    for hit in document["hits"]:
        hit |= {"content_id": str(hit["content_id"]), "at": hit["at"].astimezone(UTC).isoformat()}
    return document


def _lines(found: "Found", zone: "ZoneInfo") -> Iterator[str]:
    if found.note:
        yield found.note
    for hit in found.hits:
        about = (hit.at.astimezone(zone).strftime("%d/%m/%Y"), hit.kind, hit.member_name or hit.member, hit.state)
        yield _marked(hit.title)
        yield f"  {' · '.join(about)} · {hit.content_id}"
        if hit.snippet:
            yield f"  {_marked(hit.snippet)}"
    more = "hơn " if found.is_more else ""
    yield f"{len(found.hits)} trên {more}{found.total} kết quả"


def _marked(segments: "tuple[Segment, ...] | Any") -> str:
    return "".join(f"{FOUND[0]}{one.text}{FOUND[1]}" if one.is_hit else one.text for one in segments)


def _reindex(call: Invocation) -> None:
    from hub.cli import opening

    async def work(settings: "Settings") -> Any:
        while True:
            done = await opening.carry_out(settings, "reindex_search", {"who": opening.who()})
            if done["is_finished"]:
                return done
            if not call.json:
                typer.echo(f"{done['done']:,} / {done['of']:,}", err=True)

    done = opening.run(call, work, quiet=True)
    call.answer(done, lambda: [f"Đã lập lại chỉ mục tìm kiếm: {done['of']:,} nội dung."])
