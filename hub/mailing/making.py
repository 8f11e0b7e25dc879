"""Makes a digest that is due: the letter first, then one transaction with its row and a row for each reader."""

from dataclasses import dataclass
from datetime import date

from connectors.errors import ConfigError
from hub.engine import Engine
from hub.mailing.compose import compose
from hub.rules.digests import Digest, Letter, Period, period
from hub.store import mailing
from hub.store.unit import ENGINE


@dataclass(frozen=True, slots=True)
class Made:
    """A digest that was made; `items` 0: there was nothing to tell, and nobody gets a mail."""

    items: int
    mails: int


def digest_named(engine: Engine, name: str) -> Digest:
    """The digest of this name. Raises ConfigError: `unknown_digest`."""
    known = engine.mailing.digests if engine.mailing else {}
    if name not in known:
        names = ", ".join(known) or "chưa có bản tin nào"
        raise ConfigError(
            f"no digest {name[:60]}", code="unknown_digest",
            sentence=f"Không có bản tin tên «{name[:60]}» đang dùng trong settings.toml. Các tên hiện có: {names}.",
        )  # fmt: skip
    return known[name]


async def letter_now(engine: Engine, digest: Digest, day: date) -> tuple[Period, Letter | None]:
    """Of which time the digest of this day would tell, were it made now, and how; nothing is written."""
    assert engine.mailing is not None
    now_local = engine.store.now().astimezone(engine.zone)
    told = period(digest, day, await mailing.told_until(engine.store, digest.name), now_local)
    return told, await compose(engine.store, engine.mailing.masthead, digest, told)


async def make(engine: Engine, digest: Digest, day: date, *, who: str = ENGINE) -> Made | None:
    """Make the digest of this day; None when it was made before, be it by another process at the same moment."""
    if await mailing.is_made(engine.store, digest.name, day):
        return None
    told, letter = await letter_now(engine, digest, day)
    async with engine.store.unit() as unit:
        run = mailing.NewRun(digest=digest.name, title=digest.title, day=day, told=told, letter=letter, to=digest.to)
        if not await mailing.made(unit, run, who=who):
            return None
    return Made(items=len(letter.items) if letter else 0, mails=len(digest.to) if letter else 0)
