"""Who may do what: roles, what each permits, and the part of the province in which it does.

A grant is a role of an account, for the whole province or for one member and all that stand below it. Several grants
add up. What nobody granted is refused: a route without a permission does not let the server start (hub/web/routes.py).
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final


class Permission(StrEnum):
    """One thing that a person may do; routes and commands name it."""

    READ = "read"  #: see items, editions, sources, destinations, members, duties, numbers and reports
    DRAFT = "draft"  #: write contributions and send them for approval
    EDIT = "edit"  #: change the text of an item
    APPROVE = "approve"  #: approve, reject, return, schedule
    WITHDRAW = "withdraw"  #: take an item back everywhere
    POST = "post"  #: say yes or no to posts of destinations that ask, and where a post could not be told
    SCREEN = "screen"  #: see what the screens hold, release it, recall; be told of secrecy alarms
    OPERATE = "operate"  #: pause, resume, replay, add a source, free deliveries, reconcile
    SETTINGS = "settings"  #: see the settings in force
    ACCOUNTS = "accounts"  #: make and end accounts, grants, sessions, API keys
    AUDIT = "audit"  #: read the account of who did what
    URGE = "urge"  #: remind a member of what it owes, stop a reminder
    REPORT = "report"  #: make a report over a period, write its words, drop it; bring in counts of visits
    SIGN_REPORT = "sign_report"  #: sign a report, which ends all changes of it


class Role(StrEnum):
    """What an account is in the office."""

    VIEWER = "viewer"
    CONTRIBUTOR = "contributor"
    EDITOR = "editor"
    CHIEF_EDITOR = "chief_editor"
    TECHNICIAN = "technician"
    DUTY_OFFICER = "duty_officer"
    ADMINISTRATOR = "administrator"


_P = Permission
_EDITOR: Final = frozenset({_P.READ, _P.DRAFT, _P.EDIT, _P.APPROVE, _P.URGE, _P.REPORT})
#: The one table. Nobody has SCREEN by rank: what the screens hold is for the duty officer alone.
PERMITS: Final[Mapping[Role, frozenset[Permission]]] = {
    Role.VIEWER: frozenset({_P.READ}),
    Role.CONTRIBUTOR: frozenset({_P.READ, _P.DRAFT}),
    Role.EDITOR: _EDITOR,
    Role.CHIEF_EDITOR: _EDITOR | {_P.WITHDRAW, _P.POST, _P.AUDIT, _P.SIGN_REPORT},
    Role.TECHNICIAN: frozenset({_P.READ, _P.OPERATE, _P.SETTINGS}),
    Role.DUTY_OFFICER: frozenset({_P.READ, _P.SCREEN, _P.WITHDRAW, _P.AUDIT}),
    Role.ADMINISTRATOR: frozenset({_P.READ, _P.SETTINGS, _P.ACCOUNTS, _P.AUDIT}),
}
#: Permissions that are about the hub as a whole: a grant for one member does not give them. A report speaks of
#: everybody.
WHOLE: Final = frozenset({_P.SETTINGS, _P.ACCOUNTS, _P.AUDIT, _P.POST, _P.REPORT, _P.SIGN_REPORT})


@dataclass(frozen=True, slots=True)
class Grant:
    """A role, for the whole province or for one member and all below it."""

    role: Role
    member: str = ""  #: code of the member; empty = the whole province


@dataclass(frozen=True, slots=True)
class Scope:
    """The members whose matter somebody may touch."""

    members: frozenset[str] | None = None  #: None = all of them

    def __contains__(self, member: str) -> bool:
        return self.members is None or member in self.members

    def __bool__(self) -> bool:
        return self.members is None or bool(self.members)


EVERYWHERE: Final = Scope()
NOWHERE: Final = Scope(frozenset())


def scope(grants: Iterable[Grant], permission: Permission, parents: Mapping[str, str]) -> Scope:
    """Where these grants give a permission; `parents` names the member above each one (code to code, "" at the top)."""
    roots = {grant.member for grant in grants if permission in PERMITS[grant.role]}
    if "" in roots:
        return EVERYWHERE
    if not roots or permission in WHOLE:
        return NOWHERE
    return Scope(frozenset(code for code in parents if _below(code, roots, parents)) | roots)


def _below(code: str, roots: Collection[str], parents: Mapping[str, str]) -> bool:
    """Whether a member or one above it is among the roots. A roster that runs in a circle ends the walk."""
    seen = set[str]()
    while code and code not in seen:
        if code in roots:
            return True
        seen.add(code)
        code = parents.get(code, "")
    return False
