"""`hub reconcile`: where a destination differs from what it should show, and what shall be done about it."""

from collections.abc import Iterator, Sequence
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any
from uuid import UUID

import typer

from hub.cli.invocation import Invocation

if TYPE_CHECKING:
    from hub.settings import Settings
    from hub.store.differing import KnownDifference
    from hub.store.reconciling import Run
    from hub.store.unit import Store

commands = typer.Typer()

#: Seconds between two looks at the progress.
LOOK = 1.0
#: Differences that are listed for a person.
SHOWN = 100


class Kinds(StrEnum):
    """hub.rules.reconciliation.DifferenceKind, without its import."""

    MISSING = "missing"
    OUTDATED = "outdated"
    ORPHAN = "orphan"
    CONFLICT = "conflict"


@commands.command()
def reconcile(
    context: typer.Context,
    destination: Annotated[str, typer.Argument(help="Name of the destination.")],
    apply: Annotated[
        bool, typer.Option("--apply", help="Act on accepted differences, then compare once more.")
    ] = False,
    listed: Annotated[bool, typer.Option("--list", help="Only show what the last comparison found.")] = False,
    accept: Annotated[
        list[str] | None, typer.Option(help="Key whose difference is accepted: it shall become as the hub has it.")
    ] = None,
    accept_all: Annotated[list[Kinds] | None, typer.Option(help="Accept all differences of this kind.")] = None,
    owner: Annotated[
        list[str] | None, typer.Option(metavar="KEY=CONTENT_ID", help="Which item shall stand under a claimed key.")
    ] = None,
    leave: Annotated[
        list[str] | None, typer.Option(help="Key that is left as it is, until either side changes.")
    ] = None,
    stop: Annotated[bool, typer.Option("--stop", help="End the comparison that is under way.")] = False,
    why: Annotated[str, typer.Option("--why", help="Reason, kept in the account of events.")] = "",
    who: Annotated[str, typer.Option("--who", help="Who decides; your account if left out.")] = "",
) -> None:
    """Compare what a destination holds with what it should show; list what is missing, outdated, orphan or unclear."""
    from hub.cli import opening

    call: Invocation = context.obj
    by = {"who": who or opening.who(), "why": why}
    decisions: list[tuple[str, dict[str, Any]]] = []
    if accept_all:
        decisions.append(("accept_differences", {"destination": destination, "kinds": accept_all, **by}))
    for pair in owner or ():
        key, _, content_id = pair.rpartition("=")
        try:
            given = {"key": key, "owner": str(UUID(content_id)), "accept": True}
        except ValueError:
            raise typer.BadParameter(f"{pair!r} is not KEY=CONTENT_ID", param_hint="--owner") from None
        decisions.append(("decide_difference", {"destination": destination, **given, **by}))
    for keys, accepts in ((accept, True), (leave, False)):
        for key in keys or ():
            decisions.append(("decide_difference", {"destination": destination, "key": key, "accept": accepts, **by}))
    if stop:
        decisions.append(("stop_reconciliation", {"destination": destination, "who": by["who"]}))
    compares = not (listed or stop) and (apply or not decisions)

    async def work(settings: "Settings") -> "tuple[Run | None, list[KnownDifference]]":
        try:
            return await _Session(settings, destination, by["who"]).work(decisions, compares=compares, apply=apply)
        finally:
            _clear()

    run, differences = opening.run(call, work, quiet=True)
    from dataclasses import asdict

    call.answer(
        {"run": asdict(run) if run else None, "differences": [asdict(each) for each in differences]},
        lambda: _told(destination, run, differences),
    )
    if run is not None and run.state == "failed":
        raise typer.Exit(1)


class _Session:
    """One call of the command: through the process at work, or by ourselves where there is none."""

    def __init__(self, settings: "Settings", destination: str, who: str) -> None:
        self._settings = settings
        self._destination = destination
        self._who = who

    async def work(
        self, decisions: Sequence[tuple[str, dict[str, Any]]], *, compares: bool, apply: bool
    ) -> "tuple[Run | None, list[KnownDifference]]":
        from hub.control_socket import ask

        begins = {"destination": self._destination, "apply": apply, "who": self._who}
        asked = [*decisions, *([("reconcile", begins)] if compares else [])]
        try:
            while asked:
                await ask(self._settings.data_dir, *asked[0])
                del asked[0]  # if the process stops now, the rest is for us
        except (FileNotFoundError, ConnectionError):
            return await self._by_ourselves(asked, compares=compares, apply=apply)
        from hub.cli import opening

        async with opening.reading(self._settings) as store:
            if compares:
                await self._watch(store, apply)
                if apply:
                    await ask(self._settings.data_dir, "reconcile", begins | {"apply": False})
                    await self._watch(store, apply)
            return await self._found(store)

    async def _by_ourselves(
        self, asked: Sequence[tuple[str, dict[str, Any]]], *, compares: bool, apply: bool
    ) -> "tuple[Run | None, list[KnownDifference]]":
        from hub import control
        from hub.app import open_hub

        async with open_hub(self._settings) as hub:
            for command, arguments in asked:
                await control.execute(hub.engine, command, arguments)
            if compares:
                run = await hub.reconcile(self._destination, apply=apply, on_progress=_show)
                if apply and run is not None and run.state == "done":
                    again = {"destination": self._destination, "who": self._who}
                    await control.execute(hub.engine, "reconcile", again)
                    await hub.reconcile(self._destination, on_progress=_show)
            return await self._found(hub.engine.store)

    async def _watch(self, store: "Store", apply: bool) -> None:
        """Another process works: look how far it is."""
        import asyncio

        from hub.store import applying, reconciling

        while True:
            run = await reconciling.latest(store, self._destination)
            if run is None or not await applying.moves(store, run, applies=apply):
                return
            _show(run)
            await asyncio.sleep(LOOK)

    async def _found(self, store: "Store") -> "tuple[Run | None, list[KnownDifference]]":
        from hub.engine import unknown_destination
        from hub.store import differing, reconciling

        run = await reconciling.latest(store, self._destination)
        names = [place.name for place in self._settings.destinations if place.enabled]
        if run is None and self._destination not in names:
            raise unknown_destination(self._destination, names)
        return run, await differing.known(store, self._destination)


def _show(run: "Run") -> None:
    if typer.get_text_stream("stderr").isatty():
        step = {"pulling": "đang đọc", "comparing": "đang so sánh", "applying": "đang gửi yêu cầu"}.get(
            run.state, "chờ gửi"
        )
        typer.echo(f"\r{run.destination}: {step}, {run.held} bản ghi\x1b[K", err=True, nl=False)


def _clear() -> None:
    """The answer begins where the progress stood."""
    if typer.get_text_stream("stderr").isatty():
        typer.echo("\r\x1b[K", err=True, nl=False)


def _plain(text: str) -> str:
    """Words of a destination on one line: what they hold of commands for a terminal does nothing."""
    return "".join(letter if letter.isprintable() else "\ufffd" for letter in text)


def _told(destination: str, run: "Run | None", differences: "Sequence[KnownDifference]") -> Iterator[str]:
    from hub.cli.words import DIFFERENCE_STATES, DIFFERENCES, DOUBTS, REASONS, RUNS

    if run is None:
        yield f"{destination}: chưa đối soát lần nào."
        return
    counts = run.counts
    yield f"{destination}: {RUNS[run.state]}. {run.note}".rstrip()
    if run.goes_on:
        yield (
            "Lần đối soát này chưa xong; nó đi tiếp khi hub đang chạy (hub run) và nơi nhận không tạm dừng, hoặc khi"
            f" gọi lại lệnh hub reconcile {destination}."
        )
    if counts:
        yield (
            f"Hệ thống có {counts['ours']} mục, nơi nhận có {counts['held']} bản ghi, khớp {counts['same']}."
            f" Khác biệt: " + ", ".join(f"{counts[kind]} {word}" for kind, word in DIFFERENCES.items())
            + (f"; {counts['settled']} để nguyên theo quyết định" if counts["settled"] else "")
            + (f"; {counts['unread']} bản ghi không đọc được nên chưa so sánh" if counts["unread"] else "")
            + "."
        )  # fmt: skip
    if not run.goes_on and any(each.state == "accepted" for each in differences):
        yield f"Có khác biệt đã chấp nhận; cho xử lý bằng lệnh hub reconcile {destination} --apply."
    for each in differences[:SHOWN]:
        state = DIFFERENCE_STATES[each.state] + (f": {DOUBTS[each.why]}" if each.why in DOUBTS else "")
        yield f"  {_plain(each.key)}  {DIFFERENCES[each.kind]}: {REASONS[each.reason]} [{state}]"
        if named := " ".join(filter(None, (each.title, each.content_id and f"({each.content_id})"))):
            yield f"      {_plain(named)}"
        for part in each.fields[:8]:
            yield f"      {part['field']}: hệ thống «{_plain(part['ours'])}», nơi nhận «{_plain(part['theirs'])}»"
        if each.claimants:
            yield f"      các nội dung cùng nhận mã: {', '.join(each.claimants)}"
    if len(differences) > SHOWN:
        yield f"  … và {len(differences) - SHOWN} khác biệt nữa; xem đủ bằng --json."
