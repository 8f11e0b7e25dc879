"""The closed lists of states of rows; their arrows are drawn and explained in docs/architecture.md.

capture    new -> working -> done                      delivery   ready -> sending -> done
                    ├─> held ──person──> new | rejected             │  ▲       ├─> ready (later, as retry says)
                    ├─> rejected  (not this source's format)        │  └───────┤
                    ├─> new  (later)                                │          ├─> refused (never for this revision)
                    └─> dead (our defect; a person replays)         │          ├─> asked, held  (a person is asked)
                                                                    │          └─> parked  (too old, or our defect)
                                                                    └── a newer revision frees refused and parked
"""

from enum import StrEnum


class EndpointState(StrEnum):
    """Of a source or a destination."""

    ACTIVE = "active"
    PAUSED = "paused"  #: by a person
    BLOCKED = "blocked"  #: it refuses us; a person looks and resumes
    REMOVED = "removed"  #: no longer in the settings; its history stays


class CaptureState(StrEnum):
    """Of a capture on its way to editions."""

    NEW = "new"
    WORKING = "working"
    DONE = "done"
    HELD = "held"  #: the guard wants a person
    REJECTED = "rejected"  #: not this source's format, or a person threw the run away
    PURGED = "purged"  #: its body may not be kept
    DEAD = "dead"  #: a defect of ours, after few tries


class Origin(StrEnum):
    """How a capture came to us."""

    POLL = "poll"  #: the source was asked by its rhythm, or sent to its inbox: its own word
    WALK = "walk"  #: a backfill asked for its history
    ARTICLE = "article"  #: the page of one item
    PUSH = "push"  #: its WebSub hub sent it, beside the polls


class ArticleState(StrEnum):
    """Of the page of an item."""

    WANTED = "wanted"  #: the item waits for it
    WATCHED = "watched"  #: fetched; asked again from time to time
    DONE = "done"  #: nothing more is asked


class WalkState(StrEnum):
    """Of a backfill."""

    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    STOPPED = "stopped"  #: by a person


class SubscriptionState(StrEnum):
    """Of our agreement with a WebSub hub.

    asking ─(the hub asks back)─> active ─(lease over)─> asking      leaving ─> ended ─(wanted again)─> asking
       └──(the hub refuses)─> denied ─(a day)─> asking               any ─(source gone, paused, other hub)─> leaving
    """

    ASKING = "asking"  #: asked, or to be asked
    ACTIVE = "active"  #: the hub granted a lease; asked again before its end
    DENIED = "denied"  #: the hub does not want us; asked again after a day
    LEAVING = "leaving"  #: to be ended
    ENDED = "ended"


#: what a person said about a capture that the guard held; `capture.released`
RELEASED, DISCARDED = 1, -1


class ItemState(StrEnum):
    """Of an item."""

    LIVE = "live"
    WITHDRAWN = "withdrawn"


class EditionOrigin(StrEnum):
    """Who wrote an edition."""

    SOURCE = "source"  #: the source says so
    PERSON = "person"  #: somebody of the board changed what the source says; what it says later does not overwrite it
    CONTRIBUTION = "contribution"  #: a contributor wrote it in the hub


class DraftState(StrEnum):
    """Of a contribution.

    writing ─(its author sends it)─> sent ─(its edition is approved)─> taken ─(written on)─> writing
        ▲                              └─(returned, with a remark)─> returned ─(sent again)─> sent
        └──────(its author takes it back)──┘
    """

    WRITING = "writing"
    SENT = "sent"
    RETURNED = "returned"
    TAKEN = "taken"


class PlanState(StrEnum):
    """Of an approval for a later hour."""

    WAITING = "waiting"
    DONE = "done"
    VOID = "void"  #: something came between; it stays on the front page until a person plans anew or takes it away
    CANCELLED = "cancelled"


class ProposalState(StrEnum):
    """Of a decision that takes two."""

    OPEN = "open"
    CONFIRMED = "confirmed"
    DECLINED = "declined"
    VOID = "void"  #: the item changed before anybody confirmed it


class DeliveryState(StrEnum):
    """Of one item at one destination."""

    READY = "ready"
    SENDING = "sending"
    ASKED = "asked"  #: an officer was asked to enter it by hand
    HELD = "held"  #: a person is asked whether it may be shown there
    DONE = "done"
    REFUSED = "refused"
    PARKED = "parked"


class RunState(StrEnum):
    """Of a reconciliation."""

    PULLING = "pulling"  #: reads what the destination holds, page by page
    COMPARING = "comparing"
    APPLYING = "applying"  #: asks for what was accepted
    DONE = "done"
    FAILED = "failed"
    STOPPED = "stopped"  #: by a person, or its destination is gone


class DifferenceState(StrEnum):
    """Of a difference between the hub and a destination."""

    OPEN = "open"  #: waits for a person
    ACCEPTED = "accepted"  #: by a person or by the settings: the destination shall become as we have it
    APPLIED = "applied"  #: asked for; the next run tells whether it came about
    SETTLED = "settled"  #: a person leaves it as it is, until either side changes


class TaskState(StrEnum):
    """Of what an officer is asked to do."""

    OPEN = "open"
    DONE = "done"
    DROPPED = "dropped"  #: not needed any more


class MailState(StrEnum):
    """Of a digest to one of its readers; hub/store/mailing.py draws its arrows."""

    READY = "ready"
    SENDING = "sending"
    DONE = "done"  #: the mail server took it
    REFUSED = "refused"  #: the mail server will not have it
    UNKNOWN = "unknown"  #: it may be with its reader; only a person can find out
    PARKED = "parked"  #: too old, or our defect
    DROPPED = "dropped"  #: not to be sent any more


class AttemptOutcome(StrEnum):
    """Of one call to a destination."""

    OPEN = "open"  #: not settled yet; after a crash: nobody knows
    DONE = "done"
    REFUSED = "refused"
    LATER = "later"  #: nothing happened
    UNKNOWN = "unknown"  #: it may have happened


class TallyState(StrEnum):
    """How an item counts: only what is public counts as published."""

    PUBLIC = "public"
    HELD = "held"  #: it came, and waits for a person or a screen
    REJECTED = "rejected"  #: it came, and a person said no
    WITHDRAWN = "withdrawn"  #: it was public, or came, and is gone


class ReportState(StrEnum):
    """Of a report; its numbers never change."""

    DRAFT = "draft"  #: words may still be written
    SIGNED = "signed"  #: by a person, for good
    DROPPED = "dropped"  #: not wanted any more; it stays readable


class ReminderState(StrEnum):
    """Of an urging."""

    PREPARED = "prepared"  #: written, and with nobody yet
    SENT = "sent"
    STOPPED = "stopped"  #: the fault is ours, or a person stopped it
    SETTLED = "settled"  #: what was missing has come
