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


def is_second(first: str, who: str) -> bool:
    """Whether `who` is somebody else than the first person; of a text that nobody wrote here everybody is."""
    return not first or first.casefold() != who.casefold()


def may_approve(matters: Collection[Matter], author: str, who: str) -> bool:
    """Whether `who` may approve an edition that `author` wrote; empty: its source did."""
    return Matter.EDITS not in matters or is_second(author, who)
