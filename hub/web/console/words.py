"""What codes are called on the pages: one text for each; Vietnamese stands in hub/locale/vi/editorial.po."""

from collections.abc import Mapping
from typing import Final

from hub.locale import N_

KINDS: Final = {
    "news": N_("News"), "notice": N_("Notice"), "document": N_("Document"), "procedure": N_("Procedure"),
    "question": N_("Question and answer"),
}  # fmt: skip
ITEMS: Final = {
    "public": N_("Public"), "waiting": N_("Waits for review"), "withdrawn": N_("Withdrawn"),
    "unpublished": N_("Not public"),
}  # fmt: skip
EDITIONS: Final = {
    "held": N_("Waits for review"), "approved": N_("Approved"), "rejected": N_("Rejected"),
    "superseded": N_("Replaced by a newer one"), "withdrawn": N_("Withdrawal"),
}  # fmt: skip
CHANGES: Final = {"major": N_("Major change"), "minor": N_("Minor change")}
DELIVERIES: Final = {
    "ready": N_("Waits to be sent"), "sending": N_("Being sent"), "asked": N_("Waits for an officer"),
    "held": N_("Waits for a yes to show it there"), "done": N_("Confirmed"), "refused": N_("Refused"),
    "parked": N_("Set aside"),
}  # fmt: skip
ATTEMPTS: Final = {
    "open": N_("Not finished"), "done": N_("Confirmed"), "refused": N_("Refused"), "later": N_("Not sent"),
    "unknown": N_("Nobody knows"),
}  # fmt: skip
REASONS: Final = {
    "review": N_("The source is reviewed"), "review_minor": N_("The source is reviewed, small correction"),
    "withdrawn_by_person": N_("Withdrawn by the board before"),
    "withdrawn_by_source": N_("Withdrawn by its source before"),
    "rejected_before": N_("Rejected before"), "held_before": N_("An earlier edition waits"),
    "internal_only": N_("Meant for the administration"), "secrecy_before": N_("A secrecy mark was found before"),
    "edited_by_person": N_("Edited here, changed at its source"), "edited": N_("Edited by the board"),
    "contribution": N_("A contribution"),
}  # fmt: skip
SIDES: Final = {
    "member": N_("The unit's side"), "network": N_("The line"), "hub": N_("Our side"),
    "destination": N_("The destination's side"), "person": N_("A person decides"),
}  # fmt: skip
ENDPOINTS: Final = {
    "active": N_("Works"), "paused": N_("Paused"), "blocked": N_("Refuses us"), "removed": N_("Not used any more"),
}  # fmt: skip
TASKS: Final = {
    "enter": N_("Enter"), "change": N_("Change"), "remove": N_("Take off the public list"),
    "unseen": N_("An announced procedure is not published"),
    "still_there": N_("An abolished procedure is still published"),
}  # fmt: skip
FIELDS: Final = {
    "title": N_("Title"), "summary": N_("Summary"), "content_html": N_("Text"), "authors": N_("Authors"),
    "tags": N_("Tags"), "published": N_("Published"), "url": N_("Address"), "image": N_("Picture"),
    "attachments": N_("Attachments"), "kind": N_("Kind"), "language": N_("Language"),
}  # fmt: skip
DIFFERENCES: Final = {
    "missing": N_("Missing there"), "outdated": N_("Out of date there"), "orphan": N_("Should not be there"),
    "conflict": N_("Conflict"),
}  # fmt: skip
WITHDRAWALS: Final = {
    "notice": N_("Withdrawn, with a notice"), "redirect": N_("Replaced by another address"), "gone": N_("Gone"),
    "vanish": N_("Recalled"),
}  # fmt: skip
EVENTS: Final = {
    "captured": N_("Fetched"), "edition_held": N_("New edition, waits for review"),
    "edition_approved": N_("New edition, approved by the source's rule"), "approved": N_("Approved"),
    "rejected": N_("Rejected"), "returned": N_("Returned"), "withdrawn": N_("Withdrawn"), "delivered": N_("Delivered"),
    "delivery_refused": N_("Refused by the destination"), "delivery_parked": N_("Set aside"),
    "post_held": N_("A person is asked about the post"), "post_approved": N_("Post approved"),
    "post_refused": N_("Post refused"), "post_confirmed": N_("Post confirmed by a person"),
    "withdrawn_at": N_("Taken off there"), "delivery_postponed": N_("Sent later"),
    "nothing_to_withdraw": N_("Was not there"),
    "deliveries_freed": N_("Sent again"), "planned": N_("Approval planned"), "edited": N_("Edited"),
}  # fmt: skip
#: Who decided or did something, where that was nobody.
NOBODY: Final = {"auto": N_("By the source's rule"), "hub": N_("The hub")}
#: What a reason of a field or a code looks like: good, warn, bad or calm.
TONES: Final[Mapping[str, str]] = {
    "public": "good", "approved": "good", "done": "good", "active": "good",
    "waiting": "warn", "held": "warn", "asked": "warn", "ready": "warn", "sending": "warn", "paused": "warn",
    "unknown": "warn", "later": "warn", "open": "warn",
    "rejected": "bad", "refused": "bad", "parked": "bad", "blocked": "bad", "withdrawn": "calm", "superseded": "calm",
}  # fmt: skip


def tone(state: str) -> str:
    """The colour of a state."""
    return TONES.get(state, "calm")
