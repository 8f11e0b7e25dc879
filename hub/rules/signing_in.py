"""What a login is called, how strongly it was proved, and what is still owed before the console opens."""

import re
import unicodedata
from collections.abc import Collection, Iterable
from enum import StrEnum
from typing import Final

from hub.rules.access import Grant, Role

#: What an account is called in addresses and events.
LOGIN: Final = re.compile(r"[a-z0-9][a-z0-9._@-]{1,99}")
#: Names under which events stand that are no account's.
NOBODY: Final = "nobody"
TAKEN: Final = frozenset({"hub", "cli", "system", NOBODY})


class Strength(StrEnum):
    """How whoever began a session proved who it is."""

    PASSWORD = "password"
    TOTP = "totp"  #: a one-time code beside the password, or beside the single sign-on
    RECOVERY = "recovery"  #: a recovery code in its place
    SINGLE_SIGN_ON = "single_sign_on"
    STRONG_SIGN_ON = "strong_sign_on"  #: the single sign-on says that it asked for a second factor itself


#: These had a second factor.
STRONG: Final = frozenset({Strength.TOTP, Strength.RECOVERY, Strength.STRONG_SIGN_ON})


class Owed(StrEnum):
    """What somebody has to do before anything else; the page on which it is done is called so."""

    PASSWORD = "password"  #: the password is one for the first login
    SECOND_FACTOR = "second-factor"  #: a role demands one, and there is none


def folded_login(typed: str) -> str:
    """The login that was meant: capitals and spaces around it do not matter."""
    return unicodedata.normalize("NFKC", typed).strip().casefold()[:100]


def is_login(folded: str) -> bool:
    """Whether an account may be called so."""
    return LOGIN.fullmatch(folded) is not None and folded not in TAKEN


def demands_second_factor(grants: Iterable[Grant], roles: Collection[Role]) -> bool:
    """Whether one of the roles is among those that need a second factor."""
    return any(grant.role in roles for grant in grants)


def owed(*, must_set_password: bool, strength: str, grants: Iterable[Grant], roles: Collection[Role]) -> Owed | None:
    """What comes before anything else in a session; `roles` are those that need a second factor."""
    if must_set_password:
        return Owed.PASSWORD
    if strength not in STRONG and demands_second_factor(grants, roles):
        return Owed.SECOND_FACTOR
    return None
