"""What tests of the reconcile stage share: a whole run, what it found, a person's decision."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

from connectors.base import Cursor, Difference, Holding, Holdings, Payload, Receipt
from hub import control
from hub.app import Hub
from hub.stages.reconcile import Reconcile
from hub.store import differing, reconciling
from hub.store.differing import KnownDifference
from hub.store.reconciling import Run
from schemas.edition import PublishedItem, Withdrawal
from tests.province import turn
from tests.stages.sending import WHO


async def compare(hub: Hub, *, apply: bool = False, destination: str = "portal") -> Run:
    """A whole run, step by step."""
    await control.execute(hub.engine, "reconcile", {"destination": destination, "apply": apply, "who": WHO})
    for _ in range(50):
        if not await turn(Reconcile(hub.engine)):
            break
    run = await reconciling.latest(hub.engine.store, destination)
    assert run is not None
    return run


async def found(hub: Hub, destination: str = "portal") -> list[KnownDifference]:
    return await differing.known(hub.engine.store, destination)


def verdicts(differences: list[KnownDifference]) -> list[tuple[str, str, str]]:
    return [(each.kind, each.reason, each.state) for each in differences]


async def decide(hub: Hub, key: str, *, accept: bool, **more: str) -> None:
    arguments = {"destination": "portal", "key": key, "accept": accept, "who": WHO} | more
    await control.execute(hub.engine, "decide_difference", arguments)


class Shelf:
    """A place by natural keys that shows the pages it is told to, and takes whatever is sent."""

    repeatable = True
    settling = 0.0

    def __init__(self, *pages: Holdings, by_hand: bool = False) -> None:
        self.pages = list(pages)
        self.by_hand = by_hand
        self.cursors: list[Mapping[str, str]] = []
        self.sent: list[tuple[str, str]] = []  #: call and key, in order
        self.keys: dict[str, str] = {}  #: by title; what is not named goes by its title

    def present(self, edition: PublishedItem | Withdrawal, *, last: PublishedItem | None = None) -> Payload:
        item = last if isinstance(edition, Withdrawal) else edition
        key = self.keys.get(item.title, item.title) if item else ""
        title = item.title if item else ""
        return Payload(content_id=edition.content_id, revision=edition.revision, body=b"{}", key=key, title=title)

    async def send(self, http: object, payload: Payload, *, key: str, remote_id: str = "") -> Receipt:
        self.sent.append(("send", payload.key))
        return Receipt(remote_id=payload.key, revision=payload.revision)

    async def withdraw(self, http: object, payload: Payload, *, key: str, remote_id: str = "") -> Receipt:
        self.sent.append(("withdraw", payload.key or remote_id))
        return Receipt(remote_id=payload.key, revision=payload.revision)

    async def find(self, http: object, payload: Payload, *, remote_id: str = "") -> None:
        return None

    async def holdings(self, http: object, cursor: Cursor) -> Holdings:
        self.cursors.append(cursor)
        return self.pages.pop(0) if self.pages else Holdings()

    def differences(self, item: PublishedItem, held: Holding) -> Sequence[Difference]:
        theirs = str(held.record.get("title", item.title))
        return () if theirs == item.title else (Difference(field="title", ours=item.title, theirs=theirs),)


def holding(*keys: str, **more: Any) -> Holdings:
    """A page with these records, which say what ours say."""
    return Holdings(held=[Holding(key=key, record={}) for key in keys], **more)


def with_shelf(hub: Hub, shelf: Shelf, **place: Any) -> Hub:
    """The same hub with this place behind the name `portal`."""
    in_force = replace(hub.engine.destinations["portal"], destination=shelf, interval=timedelta(), **place)  # type: ignore[arg-type]
    return Hub(hub.settings, replace(hub.engine, destinations={"portal": in_force}))
