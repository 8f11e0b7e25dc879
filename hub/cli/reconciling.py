"""`hub reconcile`: where a destination differs from what it should show, and what shall be done about it."""

from collections.abc import Iterator, Sequence
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any

import typer

from hub.cli.invocation import Invocation

if TYPE_CHECKING:
    from hub.app import Hub
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
        given = {"key": key, "owner": content_id, "accept": True}
        decisions.append(("decide_difference", {"destination": destination, **given, **by}))
    for keys, accepts in ((accept, True), (leave, False)):
        for key in keys or ():
            decisions.append(("decide_difference", {"destination": destination, "key": key, "accept": accepts, **by}))
    if stop:
        decisions.append(("stop_reconciliation", {"destination": destination, "who": by["who"]}))
    compares = not (listed or stop) and (apply or not decisions)

    async def work(settings: "Settings") -> "tuple[Run | None, list[KnownDifference]]":
        return await _Session(settings, destination, by["who"]).work(decisions, compares=compares, apply=apply)

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
        from hub import control

        begins = {"destination": self._destination, "apply": apply, "who": self._who}
        asked = [*decisions, *([("reconcile", begins)] if compares else [])]
        try:
            for command, arguments in asked:
                await control.ask(self._settings.data_dir, command, arguments)
        except (FileNotFoundError, ConnectionError):
            return await self._by_ourselves(asked, compares=compares, apply=apply)
        from hub.cli import opening

        async with opening.reading(self._settings) as store:
            if compares:
                await self._watch(store)
                if apply:
                    await control.ask(self._settings.data_dir, "reconcile", begins | {"apply": False})
                    await self._watch(store)
            return await _found(store, self._destination)

    async def _by_ourselves(
        self, asked: Sequence[tuple[str, dict[str, Any]]], *, compares: bool, apply: bool
    ) -> "tuple[Run | None, list[KnownDifference]]":
        from hub import control
        from hub.app import open_hub

        async with open_hub(self._settings) as hub:
            for command, arguments in asked:
                await control.execute(hub.engine, command, arguments)
            if compares:
                await self._run(hub)
                if apply:
                    again = {"destination": self._destination, "who": self._who}
                    await control.execute(hub.engine, "reconcile", again)
                    await self._run(hub)
            return await _found(hub.engine.store, self._destination)

    async def _run(self, hub: "Hub") -> None:
        await hub.reconcile(self._destination, on_progress=_show)

    async def _watch(self, store: "Store") -> None:
        """Another process works: look how far it is."""
        import asyncio

        from hub.store import applying, reconciling

        while True:
            run = await reconciling.latest(store, self._destination)
            if run is None or not (run.goes_on or await applying.under_way(store, self._destination)):
                return
            _show(run)
            await asyncio.sleep(LOOK)


async def _found(store: "Store", destination: str) -> "tuple[Run | None, list[KnownDifference]]":
    from hub.store import differing, reconciling

    return await reconciling.latest(store, destination), await differing.known(store, destination)


def _show(run: "Run") -> None:
    if typer.get_text_stream("stderr").isatty():
        step = {"pulling": "đang đọc", "comparing": "đang so sánh", "applying": "đang gửi yêu cầu"}.get(
            run.state, "chờ gửi"
        )
        typer.echo(f"\r{run.destination}: {step}, {run.held} bản ghi\x1b[K", err=True, nl=False)


def _told(destination: str, run: "Run | None", differences: "Sequence[KnownDifference]") -> Iterator[str]:
    from hub.cli.words import DIFFERENCE_STATES, DIFFERENCES, REASONS, RUNS

    if run is None:
        yield f"{destination}: chưa đối soát lần nào."
        return
    counts = run.counts
    yield f"{destination}: {RUNS[run.state]}. {run.note}".rstrip()
    if counts:
        yield (
            f"Hệ thống có {counts['ours']} mục, nơi nhận có {counts['held']} bản ghi, khớp {counts['same']}."
            f" Khác biệt: " + ", ".join(f"{counts[kind]} {word}" for kind, word in DIFFERENCES.items())
            + (f"; {counts['settled']} để nguyên theo quyết định" if counts["settled"] else "")
            + (f"; {counts['unread']} bản ghi không đọc được nên chưa so sánh" if counts["unread"] else "")
            + "."
        )  # fmt: skip
    for each in differences[:SHOWN]:
        yield f"  {each.key}  {DIFFERENCES[each.kind]}: {REASONS[each.reason]} [{DIFFERENCE_STATES[each.state]}]"
        if named := " ".join(filter(None, (each.title, each.content_id and f"({each.content_id})"))):
            yield f"      {named}"
        for part in each.fields[:8]:
            yield f"      {part['field']}: hệ thống «{part['ours']}», nơi nhận «{part['theirs']}»"
        if each.claimants:
            yield f"      các nội dung cùng nhận mã: {', '.join(each.claimants)}"
    if len(differences) > SHOWN:
        yield f"  … và {len(differences) - SHOWN} khác biệt nữa; xem đủ bằng --json."
