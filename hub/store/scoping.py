"""The part of the province that somebody may see, as SQL: the one place where a scope becomes a WHERE."""

from hub.rules.access import Scope
from hub.store.database import marks


def within(scope: Scope, column: str) -> tuple[str, tuple[str, ...]]:
    """A condition on a column of member codes, and its values.

    where, members = within(scope, "i.member")
    rows = await store.fetch(f"SELECT … FROM item i WHERE {where} AND …", *members, …)
    """
    if scope.members is None:
        return "1 = 1", ()
    members = tuple(sorted(scope.members))
    return f"{column} IN ({marks(len(members))})", members
