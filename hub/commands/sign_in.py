"""Sign in: a password that is compared at the same cost for everybody, and a session."""

from dataclasses import dataclass

from hub.access import passwords
from hub.engine import Engine
from hub.rules.signing_in import Strength, folded_login
from hub.store import accounts, people


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """Where a login comes from."""

    address: str
    agent: str = ""


async def sign_in(engine: Engine, login: str, password: str, caller: Caller) -> str | None:
    """The token of a new session; None when login and password do not belong together."""
    account = await accounts.by_login(engine.store, folded_login(login))
    usable = account if account is not None and account.is_active else None
    if not await passwords.verified(usable.password_hash if usable else "", password) or usable is None:
        return None
    async with engine.store.unit() as unit:
        await accounts.came_in(unit, usable.id)
        unit.tell("login_ok", who=usable.login, why={"address": caller.address})
        return await people.begin_session(
            unit, usable.id, strength=Strength.PASSWORD, address=caller.address, agent=caller.agent
        )
