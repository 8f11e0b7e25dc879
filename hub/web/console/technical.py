"""What codes are called on the technician's pages; Vietnamese stands in hub/locale/vi/technical.po."""

import re
from typing import Final

from hub.locale import N_, Texts
from hub.rules.rhythm import BACKUP, FURTHER_PAGE

#: Of hub.rules.health.Condition: what it is called, and its colour.
CONDITIONS: Final = {
    "blocked": (N_("Refuses us"), "bad"), "failing": (N_("Fails"), "bad"), "held": (N_("Run held"), "warn"),
    "quiet": (N_("Quiet for too long"), "warn"), "empty": (N_("Nothing ever came"), "warn"),
    "paused": (N_("Paused"), "calm"), "new": (N_("Not asked yet"), "calm"), "good": (N_("Works"), "good"),
}  # fmt: skip
CAPTURES: Final = {
    "new": (N_("Waits to be read"), "calm"), "working": (N_("Being read"), "calm"), "done": (N_("Read"), "good"),
    "held": (N_("Held"), "warn"), "rejected": (N_("Not this source's data"), "bad"),
    "purged": (N_("Purged"), "bad"), "dead": (N_("Could not be read"), "bad"),
}  # fmt: skip
ORIGINS: Final = {
    "poll": N_("Poll"), "walk": N_("Backfill"), "article": N_("Page of an item"), "push": N_("Push"),
}  # fmt: skip
COUNTS: Final = {
    "shown": N_("shown"), "new": N_("new"), "major": N_("major changes"), "minor": N_("minor changes"),
    "same": N_("unchanged"), "unchanged": N_("unchanged pieces"), "withdrawn": N_("withdrawn"),
    "rejected": N_("rejected"), "held": N_("held"),
}  # fmt: skip
#: Deliveries by hub.queries.destinations.DEPTHS.
DEPTHS: Final = {
    "unknown": (N_("Nobody knows"), "bad"), "refused": (N_("Refused"), "bad"), "parked": (N_("Parked"), "bad"),
    "late": (N_("Late"), "warn"), "held": (N_("Asks for a yes"), "warn"), "asked": (N_("Entered by hand"), "warn"),
    "waiting": (N_("Waiting"), "calm"), "done": (N_("Confirmed"), "good"),
}  # fmt: skip
WALKS: Final = {
    "running": (N_("Under way"), "calm"), "done": (N_("Finished"), "good"), "failed": (N_("Given up"), "bad"),
    "stopped": (N_("Stopped"), "calm"),
}  # fmt: skip
SUBSCRIPTIONS: Final = {
    "asking": (N_("Asked for"), "calm"), "active": (N_("Works"), "good"), "denied": (N_("Denied"), "warn"),
    "leaving": (N_("Being ended"), "calm"), "ended": (N_("Ended"), "calm"),
}  # fmt: skip
RUNS: Final = {
    "pulling": (N_("Reads what is there"), "calm"), "comparing": (N_("Compares"), "calm"),
    "applying": (N_("Acts on what was accepted"), "calm"), "done": (N_("Finished"), "good"),
    "failed": (N_("Given up"), "bad"), "stopped": (N_("Stopped"), "calm"),
}  # fmt: skip
DIFFERENCE_STATES: Final = {
    "open": (N_("Waits for a decision"), "warn"), "accepted": (N_("Accepted"), "calm"),
    "applied": (N_("Asked for"), "calm"), "settled": (N_("Left as it is"), "calm"),
}  # fmt: skip
DIFFERENCE_REASONS: Final = {
    "not_sent": N_("never sent"), "lost": N_("confirmed once, not there any more"),
    "changed_here": N_("the hub has a newer one"), "changed_there": N_("somebody changed it there"),
    "unknown_here": N_("the hub does not have it"), "withdrawn_here": N_("the hub has withdrawn it"),
    "two_owners": N_("several units claim one code"), "two_items": N_("one unit published a code twice"),
    "other_owner": N_("the record there belongs to another unit"), "refused_there": N_("the destination refuses it"),
    "both_changed": N_("both sides changed it"), "withdrawn_there": N_("taken off there"),
}  # fmt: skip
APPROVALS: Final = {
    "none": N_("nobody is asked"), "first": N_("a person says yes to what is new"),
    "each": N_("a person says yes to each edition"),
}  # fmt: skip
REVIEWS: Final = {
    "auto": N_("Public at once"), "hold": N_("Waits for review"),
}  # fmt: skip
LEVELS: Final = {
    "department": N_("Department"), "commune": N_("Commune, ward"), "district": N_("District (until 2025)"),
    "other": N_("Other unit"),
}  # fmt: skip
SECTIONS: Final = {
    "hub": N_("The hub"), "database": N_("Database"), "broker": N_("Message queue"), "web": N_("Web"),
    "files": N_("Attachments"), "mail": N_("Mail"), "fetch": N_("Fetching"),
}  # fmt: skip
#: What to do about records that fell out, by code; any other: look at the record at its source.
ADVICE: Final = {
    "no_identity": N_("The record has nothing to be known by. Ask the unit to give it an id or a link."),
    "no_text": N_("The record has neither title nor text. Ask the unit to fill it in."),
    "no_link": N_("Blocks of the list page have no link. Does the selector of the link still fit the page?"),
    "no_title": N_("Blocks of the list page have no title. Does the selector of the title still fit the page?"),
    "secrecy_mark": N_("A document's number carries a mark of secrecy. Tell the unit at once by telephone."),
    "too_many": N_("More records than the source may bring at once. Raise max_items if they are wanted."),
    "foreign_host": N_("The sitemap names addresses of other hosts; those are sources of their own."),
    "row_too_long": N_("A row of the table has more cells than headings. Ask the unit for another delimiter."),
}  # fmt: skip
LOOK: Final = N_("Open the record at its source at this place, then mend the data there or the mapping here.")

_RHYTHMS: Final = {
    "new": N_("it is new"), "default rhythm": N_("the usual rhythm of 15 minutes"),
    "rhythm of the settings": N_("the rhythm of the settings"), "TTL of the feed": N_("the feed asks for it (TTL)"),
    "Cache-Control of the answer": N_("the site asks for it (Cache-Control)"),
    "Retry-After of the answer": N_("the site told us to wait (Retry-After)"),
    FURTHER_PAGE: N_("a further page of the same answer"), BACKUP: N_("news are pushed; this is the back-up"),
    "our own shutdown": N_("the hub was stopped in between"),
}  # fmt: skip
_FAILURES: Final = re.compile(r"(\d+) failures in a row")


def rhythm(texts: Texts, reason: str) -> str:
    """Why a source is asked when it is, in words."""
    if failed := _FAILURES.fullmatch(reason):
        return texts("%(n)s polls in a row gave nothing, so it is asked less often", n=failed[1])
    return texts(_RHYTHMS[reason]) if reason in _RHYTHMS else reason


def volume(texts: Texts, usual: float | None) -> str:
    """New items of a usual week."""
    if usual is None:
        return texts("less than four weeks here")
    if usual >= 1:
        return texts("about %(n)s a week", n=round(usual))
    return texts("less than one a week") if usual else texts("none in four weeks")
