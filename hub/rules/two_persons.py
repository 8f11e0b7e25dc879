"""Which decisions take two people, as the settings say; whoever wrote or proposed something is not the second one.

    edits         who wrote or changed a text does not approve it
    posts         a second person confirms a yes to a post of a destination that asks
    withdrawals   a second person confirms that an item is taken back
    screen        a second person confirms that something is released which a screen holds

Without a setting nothing takes two.
"""

from collections.abc import Collection
from enum import StrEnum


class Matter(StrEnum):
    """What may take two."""

    EDITS = "edits"
    POSTS = "posts"
    WITHDRAWALS = "withdrawals"
    SCREEN = "screen"


#: What events call a program that acts by a key of the API begins so (hub/web/api/caller.py).
PROGRAM = "key:"


def is_second(first: str, who: str) -> bool:
    """Whether `who` is somebody else than the first person; of a text that nobody wrote here everybody is.

    A program is nobody's second person: whose key it acts by may be the first one.
    """
    if not first:
        return True
    return first.casefold() != who.casefold() and not any(each.startswith(PROGRAM) for each in (first, who))


def may_approve(matters: Collection[Matter], author: str, who: str) -> bool:
    """Whether `who` may approve an edition that `author` wrote; empty: its source did."""
    return Matter.EDITS not in matters or is_second(author, who)
