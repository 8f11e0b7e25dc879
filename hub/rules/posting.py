"""Whether a person has to say yes before something is shown at a destination, beside the approval of the item itself.

    none    whatever is approved goes
    first   the first time that an item is shown there; corrections of what is there go by themselves
    each    every revision

A withdrawal never waits: what is to be gone is to be gone at once.
"""

from enum import StrEnum


class Approval(StrEnum):
    """What a destination wants a person to say."""

    NONE = "none"
    FIRST = "first"
    EACH = "each"


def waits(approval: Approval, *, wanted: int, sent: int, cleared: int) -> bool:
    """Whether revision `wanted` waits for a person; `cleared` is the newest one to which somebody said yes."""
    match approval:
        case Approval.NONE:
            return False
        case Approval.FIRST:
            return not (sent or cleared)
        case Approval.EACH:
            return cleared < wanted
