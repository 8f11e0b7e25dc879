"""Nothing came: whose silence is it? The member's, ours, or did it come and we kept it back?"""

from enum import StrEnum


class Silence(StrEnum):
    """The three silences, told apart for every gap."""

    NOTHING = "nothing"  #: the member published nothing, and we would have seen it
    UNREAD = "unread"  #: we could not see it: no source, a connector that fails, a site that does not answer
    KEPT = "kept"  #: it came, and was filtered, held, rejected or withdrawn here
