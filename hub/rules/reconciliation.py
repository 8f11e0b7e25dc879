"""Where a destination and the hub do not agree about one key, and whether anybody may mend it without a person.

                      the destination has it                    it has nothing
    we publish it     agree, OUTDATED, or CONFLICT              MISSING
    we do not         ORPHAN, unless it is marked withdrawn     agree

A conflict is what no machine may decide: two of ours claim one key, the record there is another organisation's, both
sides changed since they last agreed, or somebody withdrew there what we publish. Absence is only believed of a run that
saw everything, and never of a record that could not be read.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from hashlib import sha256

from connectors.base import Difference
from hub.rules import guard

#: The field of a difference that is no content: what a receiver answered.
ANSWER = "status"


class DifferenceKind(StrEnum):
    """What is wrong."""

    MISSING = "missing"  #: we publish it, and it is not there
    OUTDATED = "outdated"  #: it is there and says something else
    ORPHAN = "orphan"  #: it is there, and we do not publish it
    CONFLICT = "conflict"  #: only a person can tell who is right


class Reason(StrEnum):
    """Why."""

    NOT_SENT = "not_sent"  #: missing: it was never confirmed there
    LOST = "lost"  #: missing: it was confirmed there once
    CHANGED_HERE = "changed_here"  #: outdated: our newer text is not there yet
    CHANGED_THERE = "changed_there"  #: outdated: somebody edited the record there
    UNKNOWN_HERE = "unknown_here"  #: orphan: the hub never had it
    WITHDRAWN_HERE = "withdrawn_here"  #: orphan: the hub has withdrawn it
    TWO_OWNERS = "two_owners"  #: conflict: several members claim the key
    TWO_ITEMS = "two_items"  #: conflict: one member publishes it twice
    OTHER_OWNER = "other_owner"  #: conflict: the record there belongs to another organisation
    REFUSED_THERE = "refused_there"  #: conflict: whoever received it does not take it
    BOTH_CHANGED = "both_changed"  #: conflict: ours and theirs changed since they last agreed
    WITHDRAWN_THERE = "withdrawn_there"  #: conflict: we publish what is marked withdrawn there


@dataclass(frozen=True, slots=True, kw_only=True)
class Ours:
    """An item that the hub has for a key."""

    content_id: str
    revision: int  #: that is wanted there
    member: str
    title: str
    digest: str  #: of what readers see
    live: bool  #: False: withdrawn
    sent_revision: int = 0  #: that the destination confirmed last
    has_key: bool = False  #: it is the one that was admitted under the key


@dataclass(frozen=True, slots=True, kw_only=True)
class Theirs:
    """The record that a destination holds for a key."""

    title: str
    digest: str
    withdrawn: bool = False
    agreed_digest: str = ""  #: as it was when both sides last agreed; empty: they never did
    agreed_revision: int = 0  #: our revision then


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One difference."""

    key: str
    kind: DifferenceKind
    reason: Reason
    title: str
    content_id: str = ""
    revision: int = 0
    fields: tuple[Difference, ...] = ()
    claimants: tuple[str, ...] = ()
    digest: str = ""  #: of both sides; a person's decision holds as long as it is the same


@dataclass(frozen=True, slots=True)
class Judgement:
    """What a comparison of one key gave."""

    key: str
    findings: tuple[Finding, ...] = ()
    agreed: Ours | None = None  #: the item with which the record there agrees


def judge(
    key: str, ours: Sequence[Ours], theirs: Theirs | None, differ: Callable[[Ours], Sequence[Difference]]
) -> Judgement:
    """Compare one key. `differ` compares one item with the record there; it is asked when both publish something."""
    live = sorted((one for one in ours if one.live), key=lambda one: (not one.has_key, one.content_id))
    clash = _clash(key, live, theirs)
    if not live:
        return Judgement(key, _orphan(key, ours, theirs))
    if clash is not None and not live[0].has_key:
        return Judgement(key, (clash,))  # nobody was admitted: there is nothing to compare the record with
    one = live[0]
    verdict = _published(key, one, theirs, differ)
    return replace(verdict, findings=(*((clash,) if clash else ()), *verdict.findings))


#: What a broken list, or one in another form, looks like.
_SUSPECT = (Reason.LOST, Reason.CHANGED_THERE)


def is_suspect(finding: Finding) -> bool:
    """Whether it is one of those that nobody believes when there are many at once."""
    return finding.reason in _SUSPECT


def many_at_once(findings: Iterable[Finding], confirmed: int) -> int:
    """How many of what was confirmed are lost or changed, if so many that the list itself is in doubt; else 0.

    An error page that passes for an empty list, a base that shows only a part or writes a field in another way: nothing
    of that shall be sent again, or written over, without a person. `confirmed`: items that were confirmed there.
    """
    count = sum(map(is_suspect, findings))
    return count if count > guard.MASS.count and count > guard.MASS.share * confirmed else 0


def _clash(key: str, live: Sequence[Ours], theirs: Theirs | None) -> Finding | None:
    if len(live) < 2:
        return None
    claimants = tuple(sorted(one.content_id for one in live))
    reason = Reason.TWO_OWNERS if len({one.member for one in live}) > 1 else Reason.TWO_ITEMS
    return Finding(
        key=key, kind=DifferenceKind.CONFLICT, reason=reason, title=live[0].title, claimants=claimants,
        digest=_digest(key, *claimants),  # of who claims it: what they say may change
    )  # fmt: skip


def _orphan(key: str, ours: Sequence[Ours], theirs: Theirs | None) -> tuple[Finding, ...]:
    if theirs is None or theirs.withdrawn:
        return ()
    known = max(ours, key=lambda one: (one.has_key, one.sent_revision, one.content_id), default=None)
    return (
        Finding(
            key=key, kind=DifferenceKind.ORPHAN, title=theirs.title or (known.title if known else ""),
            reason=Reason.WITHDRAWN_HERE if known else Reason.UNKNOWN_HERE,
            content_id=known.content_id if known else "", revision=known.revision if known else 0,
            digest=_digest(key, theirs.digest),
        ),
    )  # fmt: skip


def _published(
    key: str, one: Ours, theirs: Theirs | None, differ: Callable[[Ours], Sequence[Difference]]
) -> Judgement:  # fmt: skip
    def finding(kind: DifferenceKind, reason: Reason, fields: Sequence[Difference] = ()) -> Judgement:
        return Judgement(key, (
            Finding(
                key=key, kind=kind, reason=reason, title=one.title, content_id=one.content_id, revision=one.revision,
                fields=tuple(fields), digest=_digest(key, one.digest, theirs.digest if theirs else ""),
            ),
        ))  # fmt: skip

    if theirs is None:
        return finding(DifferenceKind.MISSING, Reason.LOST if one.sent_revision else Reason.NOT_SENT)
    if theirs.withdrawn:
        return finding(DifferenceKind.CONFLICT, Reason.WITHDRAWN_THERE)
    fields = differ(one)
    if not fields:
        return Judgement(key, agreed=one)
    if conflicts := [each for each in fields if each.conflict]:
        refused = all(each.field == ANSWER for each in conflicts)
        return finding(DifferenceKind.CONFLICT, Reason.REFUSED_THERE if refused else Reason.OTHER_OWNER, fields)
    edited_there = bool(theirs.agreed_digest) and theirs.digest != theirs.agreed_digest
    # What we sent since they agreed changed the record too: then it says nothing of anybody else.
    edited_there = edited_there and one.sent_revision <= theirs.agreed_revision
    if edited_there and one.revision > theirs.agreed_revision:
        return finding(DifferenceKind.CONFLICT, Reason.BOTH_CHANGED, fields)
    return finding(
        DifferenceKind.OUTDATED, Reason.CHANGED_THERE if edited_there else Reason.CHANGED_HERE, fields
    )  # fmt: skip


def _digest(*parts: str) -> str:
    return sha256("\0".join(parts).encode()).hexdigest()
