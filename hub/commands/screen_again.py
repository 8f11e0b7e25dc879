"""Run the screens of today over everything that is kept: after a rule or a list of the province has changed.

What is purged goes everywhere, as at its first reading. What is only to be held and waits already waits for the duty
officer from now on; what is public stays, by the yes that it has, and is named.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from hub.engine import Engine
from hub.reading import KeptTextsJob
from hub.screened import KeptText, Screened
from hub.store import restricting, screening
from hub.store.screening import NewHit

#: Editions that a child screens at once, and content ids that are named.
BATCH, NAMED = 40, 500


@dataclass(frozen=True, slots=True, kw_only=True)
class ScreenedAgain:
    """What came of it."""

    editions: int  #: that were looked at
    purged: int  #: items of which nothing is left
    held: int  #: editions that wait for the duty officer from now on
    to_look_at: Sequence[str]  #: content ids of what is public and would be held if it came today


async def screen_again(engine: Engine, *, who: str) -> ScreenedAgain:
    """Screen every kept edition with its files. Raises ReadingTooHardError when a child gives a batch up."""
    last, looked, purged, held = 0, 0, set[UUID](), 0
    named = dict[str, None]()
    while batch := await screening.kept_texts(engine.store, after=last, limit=BATCH):
        last, looked = batch[-1].id, looked + len(batch)
        job = KeptTextsJob(texts=tuple(batch), screening=engine.screens.of(""))
        for text, found in zip(batch, await engine.reader.screen_kept(job), strict=True):
            if found.purge and text.content_id not in purged:
                await _purge(engine, text, found)
                purged.add(text.content_id)
            elif found.hold and text.newest and text.content_id not in purged:
                held += await _hold(engine, text, found, named)
    async with engine.store.unit() as unit:
        unit.tell("screened_again", who=who, why={"editions": looked, "purged": len(purged), "held": held})
    await screening.scrub(engine.store, engine.files)
    return ScreenedAgain(editions=looked, purged=len(purged), held=held, to_look_at=list(named)[:NAMED])


async def _purge(engine: Engine, text: KeptText, found: Screened) -> None:
    async with engine.store.unit() as unit:
        await screening.hit(
            unit,
            NewHit(
                found="again", source=text.source, member=text.member, url=text.url, rules=found.rules,
                fingerprint=found.fingerprint, names=found.names, content_ids=(text.content_id,),
            ),
        )  # fmt: skip


async def _hold(engine: Engine, text: KeptText, found: Screened, named: dict[str, None]) -> int:
    """1 when it waits for the duty officer from now on; what a person has released before stays released."""
    known = await screening.recognised(engine.store, text.source, [found.fingerprint])
    if found.fingerprint in known.released or text.restricted:
        return 0
    if text.state != "held":
        named[str(text.content_id)] = None
        return 0
    async with engine.store.unit() as unit:
        return int(
            await restricting.restrict(
                unit, str(text.content_id), text.revision, rules=found.rules, fingerprint=found.fingerprint
            )
        )
