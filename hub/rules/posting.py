"""Whether a person has to say yes before something is shown at a destination, beside the approval of the item itself.

    none    whatever is approved goes
    first   the first time that an item is shown there; corrections of what is there go by themselves
    each    every revision

Beside that a destination may have quiet hours, in which nothing new is shown there; corrections go at once.

A withdrawal never waits: what is to be gone is to be gone at once.
"""

from datetime import datetime
from enum import StrEnum

from hub.rules.routing import Window


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


def quiet_until(quiet: Window | None, now_local: datetime, *, sent: int) -> datetime | None:
    """When the quiet hours end in which something new (`sent` is 0) is not shown; None: it may be shown now."""
    if quiet is None or sent or quiet.opens(now_local) is not None:
        return None
    return Window(quiet.end, quiet.begin).opens(now_local)
