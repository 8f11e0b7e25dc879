"""Decide about mails of which nobody knows, or that were refused; and make a digest before its time."""

from hub.engine import Engine
from hub.mailing import making
from hub.store import mailing
from hub.store.deciding import DecisionRefusedError
from hub.store.states import MailState


async def send_mail(engine: Engine, mail: int, *, who: str, why: str = "") -> str:
    """Send a mail that is unknown, refused or parked (once more); returns whom it goes to.

    Raises DecisionRefusedError when it waits for nobody.
    """
    return await _decide(engine, mail, MailState.READY, who=who, why=why)


async def drop_mail(engine: Engine, mail: int, *, who: str, why: str = "") -> str:
    """Do not send a mail (any more); returns whom it would have gone to. Raises DecisionRefusedError."""
    return await _decide(engine, mail, MailState.DROPPED, who=who, why=why)


async def _decide(engine: Engine, mail: int, state: MailState, *, who: str, why: str) -> str:
    async with engine.store.unit() as unit:
        recipient = await mailing.decided(unit, mail, state, who=who, why=why)
        if recipient is None:
            raise DecisionRefusedError(
                f"mail {mail} does not wait for a person",
                sentence="Thư này không chờ quyết định: đã gửi xong, đã bỏ, đang gửi hoặc không có. Xem danh sách bằng"
                " lệnh hub mails list.",
            )
        return recipient


async def make_digest(engine: Engine, digest: str, *, who: str) -> making.Made:
    """Make today's digest now, whatever its hour and days, and send it.

    Raises DecisionRefusedError when it was made before, ConfigError when there is none of this name.
    """
    named = making.digest_named(engine, digest)
    today = engine.store.now().astimezone(engine.zone).date()
    made = await making.make(engine, named, today, who=who)
    if made is None:
        raise DecisionRefusedError(
            f"the digest {digest} of {today} was made before",
            sentence="Bản tin hôm nay đã được lập; mỗi ngày chỉ lập một lần. Xem thư đã gửi bằng lệnh hub mails list"
            " --all.",
        )
    return made
