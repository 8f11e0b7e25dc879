"""Who calls the API: nobody in particular, a program with a key, or a person at the console."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from aiohttp import web

from hub.rules.access import NOWHERE, Permission, Scope, scope
from hub.store.consumers import Consumer


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """Whoever is behind a request, and what it may do."""

    who: str  #: as events call it: "key:NAME", a login, or "" for nobody in particular
    consumer: int = 0  #: number of the program; 0: no key
    member: str = ""  #: whose items it may send
    per_minute: int = 0  #: its own quota; 0: that of its address
    scopes: Mapping[Permission, Scope] = field(default_factory=dict)

    @classmethod
    def with_key(cls, consumer: Consumer, parents: Mapping[str, str]) -> "Caller":
        """The program whose key was sent; `parents` is the tree of members."""
        return cls(
            who=f"key:{consumer.name}", consumer=consumer.id, member=consumer.member, per_minute=consumer.per_minute,
            scopes={each: scope(consumer.grants, each, parents) for each in Permission} if consumer.grants else {},
        )  # fmt: skip

    def may(self, permission: Permission, member: str | None = None) -> bool:
        """Whether it may do this: somewhere, or with the matter of one member."""
        where = self.scope(permission)
        return bool(where) if member is None else member in where

    def scope(self, permission: Permission) -> Scope:
        """The members whose matter it may see or touch."""
        return self.scopes.get(permission, NOWHERE)


NOBODY: Final = Caller(who="")
#: Of every request to the API, once the guard knows.
CALLER: Final = web.RequestKey("CALLER", Caller)
