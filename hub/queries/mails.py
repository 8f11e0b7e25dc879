"""Which mails are on their way, or wait for a person? And what would a digest say now?"""

from dataclasses import dataclass
from datetime import datetime

import orjson

from hub.engine import Engine
from hub.mailing import making
from hub.rules.digests import Letter, Period
from hub.store.instants import maybe_moment, moment
from hub.store.unit import Store


@dataclass(frozen=True, slots=True, kw_only=True)
class MailShown:
    """A digest to one of its readers."""

    id: int
    digest: str
    day: str  #: ISO date in the hub's zone
    recipient: str
    state: str  #: ready, sending, done, refused, unknown, parked, dropped
    items: int  #: listed in it
    code: str
    sentence: str
    answer: str  #: what the mail server said when it took it
    attempts: int
    due_at: datetime
    settled_at: datetime | None


async def mails(
    store: Store, *, digest: str | None = None, everything: bool = False, limit: int = 200
) -> list[MailShown]:  # fmt: skip
    """Those that are on their way or want a person, newest first; with `everything` sent and dropped ones too."""
    where, args = ([] if everything else ["m.state NOT IN ('done', 'dropped')"]), list[str]()
    if digest is not None:
        where, args = [*where, "r.digest = ?"], [digest]
    rows = await store.fetch(
        "SELECT m.*, r.digest, r.day, r.items FROM mail m JOIN digest_run r ON r.id = m.run"
        f" {'WHERE ' + ' AND '.join(where) if where else ''} ORDER BY m.run DESC, m.id LIMIT ?",
        *args, limit,
    )  # fmt: skip
    return [
        MailShown(
            id=row["id"], digest=row["digest"], day=row["day"], recipient=row["recipient"], state=row["state"],
            items=len(orjson.loads(row["items"])), code=row["error_code"], sentence=row["error_sentence"],
            answer=row["answer"], attempts=row["attempts"], due_at=moment(row["due_at"]),
            settled_at=maybe_moment(row["settled_at"]),
        )
        for row in rows
    ]  # fmt: skip


async def letter_now(engine: Engine, digest: str) -> tuple[Period, Letter | None]:
    """What today's digest would say, were it made now; None: nothing. Nothing is written or sent.

    Raises ConfigError: `unknown_digest`.
    """
    named = making.digest_named(engine, digest)
    return await making.letter_now(engine, named, engine.store.now().astimezone(engine.zone).date())
