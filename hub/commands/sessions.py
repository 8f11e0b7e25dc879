"""End sessions: the own ones, or anybody's by an administrator."""

from connectors.errors import HubError
from hub.commands.sign_in import Caller, Entered
from hub.engine import Engine
from hub.rules.signing_in import Strength
from hub.store import accounts, people
from hub.store.accounts import Account


class NoSessionError(HubError):
    """This session is over already."""

    code = "no_session"

    def __init__(self) -> None:
        super().__init__(sentence="Phiên làm việc này đã kết thúc. Không có gì để làm.")


async def end_session(engine: Engine, login: str, session: int, *, who: str) -> None:
    """End one. Raises NoAccountError, NoSessionError."""
    account = await accounts.named(engine.store, login)
    async with engine.store.unit() as unit:
        if not await people.end_session(unit, account.id, session):
            raise NoSessionError
        unit.tell("session_ended", who=who, why={"login": login})


async def end_all_sessions(engine: Engine, login: str, *, but: int | None = None, who: str) -> int:
    """End all of an account, or all but one; returns how many. Raises NoAccountError."""
    account = await accounts.named(engine.store, login)
    async with engine.store.unit() as unit:
        ended = await people.end_sessions(unit, account.id, but=but)
        if ended:
            unit.tell("session_ended", who=who, why={"login": login, "sessions": ended})
        return ended


async def renew_session(engine: Engine, account: Account, caller: Caller, strength: Strength) -> Entered:
    """A new token for the session of this browser, after what it may do has changed."""
    assert caller.session is not None
    async with engine.store.unit() as unit:
        await people.end_session(unit, account.id, caller.session)
        token = await people.begin_session(
            unit, account.id, strength=strength, address=caller.address, agent=caller.agent,
            longest=engine.conditions.longest,
        )  # fmt: skip
        device = await people.remember_device(unit, account.id, caller.device)
    return Entered(token=token, device=device, language=account.language)
