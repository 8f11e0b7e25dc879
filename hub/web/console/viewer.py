"""Who looks at the console: the account behind a request, what it may do and where, and its language."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Final

import structlog
from aiohttp import web

from hub.locale import Texts, texts_in
from hub.rules.access import NOWHERE, Permission, Role, Scope, scope
from hub.rules.signing_in import Owed, owed
from hub.store.people import SignedIn

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Viewer:
    """A person at the console."""

    person: SignedIn
    scopes: Mapping[Permission, Scope]
    owed: Owed | None = None  #: what has to be done before anything else

    @classmethod
    def of(
        cls, person: SignedIn, parents: Mapping[str, str], *, second_factor_for: Collection[Role] = ()
    ) -> "Viewer":  # fmt: skip
        """The viewer behind a session; `parents` is the tree of members (hub.store.roster)."""
        scopes = {each: scope(person.grants, each, parents) for each in Permission}
        return cls(
            person, scopes,
            owed(
                must_set_password=person.must_set_password, strength=person.strength, grants=person.grants,
                roles=second_factor_for,
            ),
        )  # fmt: skip

    @property
    def who(self) -> str:
        """What events call the person."""
        return self.person.login

    @property
    def texts(self) -> Texts:
        """The texts in the person's language."""
        return texts_in(self.person.language)

    def may(self, permission: Permission, member: str | None = None) -> bool:
        """Whether the person may do this: somewhere, or with the matter of one member."""
        where = self.scopes.get(permission, NOWHERE)
        return bool(where) if member is None else member in where

    def scope(self, permission: Permission = Permission.READ) -> Scope:
        """The members whose matter the person may see or touch."""
        return self.scopes.get(permission, NOWHERE)

    def demand(self, permission: Permission, member: str) -> None:
        """Raises HTTPNotFound for what the person may not even see, HTTPForbidden for what it may see only."""
        if not self.may(Permission.READ, member):
            log.warning("matter of another unit asked for", who=self.who, member=member, wanted=permission)
            raise web.HTTPNotFound
        if not self.may(permission, member):
            raise web.HTTPForbidden


#: Of every request that the guard let through to a page behind the login.
VIEWER: Final = web.RequestKey("VIEWER", Viewer)
