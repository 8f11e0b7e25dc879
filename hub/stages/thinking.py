"""What a capture means, given what is held: carries the facts from one rule of hub.rules to the next. Pure.

which item is each record? ─> may the run go on? ─> what changed? ─> held or approved? ─> where to? ─> Outcome
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from statistics import median
from uuid import UUID

from connectors.base import Tombstone
from connectors.errors import Fault
from connectors.parse.url import host_of
from hub.reading import Read, Reading
from hub.rules import change, guard, identity, matching, review
from hub.rules.routing import Facts, Route, route
from hub.rules.wholeness import NO_PLAN, Plan
from hub.screened import FAILED
from hub.store.articles import NewArticle
from hub.store.editions import NewEdition
from hub.store.harvesting import SourceFault
from hub.store.normalising import CaptureClaim, HeldItem, NewRejection, NewWithdrawal, Outcome
from hub.store.screening import NOTHING_KNOWN, NewHit, Recognised
from hub.store.states import ItemState, Origin
from schemas.edition import EditionState, Withdrawal, WithdrawalKind
from schemas.item import ItemBase

#: how long a copy older than the one we know is taken for a stale mirror, before we believe that it is the truth
STALE_FOR = timedelta(days=1)
#: The rule of what came in one body with a mark of which nobody knows where it belongs.
STRAY = "stray"
STRAY_SENTENCE = (
    "Bản thu có dấu hiệu bí mật nhà nước nằm ngoài các mục tin nên hệ thống đã xoá bản gốc và tạm giữ mọi mục trong đó."
    " Đề nghị người trực xem trang nguồn rồi quyết định."
)


def fault_of_run(verdict: guard.Hold | guard.Suspect) -> SourceFault:
    """What the console says about a run that the guard did not like."""
    return SourceFault(code=verdict.code, side=Fault.MEMBER, sentence=verdict.sentence)


@dataclass(slots=True)
class Story:
    """One record, the item it is, and what is new about it."""

    read: Read
    assignment: matching.Assignment
    held: HeldItem | None
    change: change.Change
    page: bool | None = None  #: it waits for its page, or only for its files; None: for nothing


class Thinking:
    """What a capture means, given what is held. Pure: nothing here reads a clock, a file or the network."""

    def __init__(
        self, claim: CaptureClaim, reading: Reading, held: Mapping[str, Sequence[HeldItem]], *,
        routes: Sequence[Route], now_local: datetime, plan: Plan = NO_PLAN, teasers: Mapping[UUID, str] | None = None,
        recognised: Recognised = NOTHING_KNOWN,
    ) -> None:  # fmt: skip
        """`teasers` are the digests of entries whose pages were wanted before, by content id.

        `recognised` is what the source is known for at the screens.
        """
        self._recognised = recognised
        self._plan, self._teasers = plan, teasers or {}
        self._claim, self._reading, self._routes, self._now_local = claim, reading, routes, now_local
        self._by_key = held
        self._by_id = {item.content_id: item for items in held.values() for item in items}
        items, keys = [read.item for read in reading.read], [read.keys for read in reading.read]
        by_poll = claim.origin is Origin.POLL
        #: items whose pieces stand there unchanged
        self._present = present = {i for fp in reading.fingerprints if (i := claim.known.get(fp))}
        before = identity.Mode(claim.identity)
        self._sound = (
            identity.soundness(items, keys, before=before, unread=len(present), churns=claim.churns)
            if by_poll
            else identity.Soundness(mode=before, reason="only a poll tells")
        )
        known = {
            key: [
                identity.Known.of(h.content_id, guid=h.guid, url=h.url, title=h.title, published=h.published)
                for h in holders
            ]
            for key, holders in held.items()
        }
        self._resolution = matching.resolve(
            claim.source, items, known, mode=self._sound.mode, present=present, keys=keys
        )  # fmt: skip
        self._stale = self._is_stale()
        self._hits = self._found_secret(reading.read)
        self._stories = [
            story
            for read, assignment in zip(reading.read, self._resolution.assignments, strict=True)
            if (story := self._story(read, assignment)) is not None
        ]
        self._gone = [gone for tombstone in reading.tombstones if (gone := self._tombstone(tombstone)) is not None]

    def _is_stale(self) -> bool:
        """A mirror behind our last poll: what it says of items that we know is old."""
        claim, dated = self._claim, self._reading.document_date
        if dated is None or claim.document_date is None or claim.replay:
            return False
        fetched = claim.fetched_at
        return dated < claim.document_date <= fetched and fetched - claim.document_date < STALE_FOR

    def _found_secret(self, reads: Sequence[Read]) -> dict[UUID, Read]:
        """Items of which some record may be kept nowhere, each with that record; its repetitions go with it."""
        return {
            assignment.content_id: read
            for read, assignment in zip(reads, self._resolution.assignments, strict=True)
            if read.screened.purge or read.screened.fingerprint in self._recognised.texts
        }

    def _story(self, read: Read, assignment: matching.Assignment) -> Story | None:
        """None when the record repeats another one, or is an old word about an item that spoke since."""
        if assignment.duplicate_of is not None or assignment.content_id in self._hits:
            return None
        held = self._by_id.get(assignment.content_id)
        page = self._wants(read.item)
        if page is not None:
            return self._story_of_teaser(read, assignment, held, page=page)
        if held is None:
            return Story(read, assignment, None, change.compare(None, read.item))
        if self._claim.replay and held.capture > self._claim.id:
            return None
        if self._stale and not _newer(read, held):
            return None
        if read.digest == held.digest:
            return Story(read, assignment, held, change.Change(kind=change.ChangeKind.SAME))
        return Story(read, assignment, held, change.compare(held.item, read.item))

    def _wants(self, item: ItemBase) -> bool | None:
        """Whether the item waits for its page; None when it waits for nothing."""
        if self._claim.origin is Origin.ARTICLE:
            return None
        if self._plan.wants_page(item):
            return True
        return False if self._plan.wants_files(item) else None

    def _story_of_teaser(
        self, read: Read, assignment: matching.Assignment, held: HeldItem | None, *, page: bool
    ) -> Story | None:  # fmt: skip
        """Only an entry that differs from the one its page was asked for is news: the page itself says what changed."""
        if held is not None and ((self._claim.replay and held.capture > self._claim.id) or self._stale):
            return None
        kind = change.ChangeKind.NEW if held is None else change.ChangeKind.MINOR
        known = self._teasers.get(assignment.content_id) == read.digest
        if known and (held is None or held.state is ItemState.LIVE):
            kind = change.ChangeKind.SAME
        return Story(read, assignment, held, change.Change(kind=kind, reason="its page tells"), page=page)

    def _tombstone(self, tombstone: Tombstone) -> tuple[Tombstone, HeldItem] | None:
        """The item that a tombstone names; one listed in the same capture is not gone."""
        listed = self._present | {story.assignment.content_id for story in self._stories}
        for item in self._by_key.get(identity.guid_key(tombstone.guid), ()):
            if self._claim.origin is Origin.ARTICLE and str(item.content_id) != self._claim.about:
                continue
            last = item.updated or item.published
            older = tombstone.at is not None and last is not None and tombstone.at < last
            if _may_be_public(item) and item.content_id not in listed and not older:
                return tombstone, item
        return None

    def judge(self) -> guard.Verdict:
        """The brake: may this run go on without a person?"""
        claim, kinds = self._claim, Counter(story.change.kind for story in self._stories)
        moved = sum(s.assignment.adopted and s.change.kind is not change.ChangeKind.SAME for s in self._stories)
        return guard.inspect(
            guard.Poll(
                known_before=claim.items, shown=self._resolution.stories, new=kinds[change.ChangeKind.NEW], moved=moved,
                changed=kinds[change.ChangeKind.MAJOR] + kinds[change.ChangeKind.MINOR] - moved, gone=len(self._gone),
                fallen=len(self._reading.fallen), usual_new=median(claim.usual_new) if claim.usual_new else None,
                incremental=self._reading.incremental, backfill=self._is_expected(),
            )
        )  # fmt: skip

    def _is_expected(self) -> bool:
        """A person asked for it or let it go, it is about one item, or the source is read for the first time."""
        claim = self._claim
        asked = claim.released or claim.replay or claim.origin in (Origin.WALK, Origin.ARTICLE)
        return asked or (claim.first_round and self._reading.incremental)

    def outcome(self, verdict: guard.Verdict) -> Outcome:
        """Everything to be written."""
        claim, reading = self._claim, self._reading
        editions = [
            self._edition(story)
            for story in self._stories
            if story.page is None and (story.change.kind is not change.ChangeKind.SAME or _back_again(story))
        ]
        rejections = [NewRejection(pointer=f.pointer, code=f.code, detail=f.detail) for f in reading.fallen]
        return Outcome(
            format=reading.format,
            counts=self._counts(editions, rejections),
            editions=editions,
            articles=[
                self._article(story, page=story.page)
                for story in self._stories
                if story.page is not None and story.change.kind is not change.ChangeKind.SAME
            ],
            dropped=[identity.content_id(claim.source, gone.guid) for gone in reading.tombstones],
            same=[
                (UUID(claim.about), assignment.content_id)
                for assignment in self._resolution.assignments
                if claim.about and str(assignment.content_id) != claim.about and assignment.content_id not in self._hits
            ],
            withdrawals=[self._withdrawal(tombstone, item) for tombstone, item in self._gone],
            rejections=rejections,
            hits=self.hits(),
            unclean=self._is_unclean,
            keys=[
                (key, a.content_id)
                for a in self._resolution.assignments
                if a.content_id not in self._hits
                for key in a.keys
            ],
            seen=self._seen_again(editions) if claim.replay else (),
            pieces={} if self._stale else self._pieces(),
            ttl=self._reading.ttl,
            document_date=None if self._stale else self._reading.document_date,
            identity=self._sound.mode,
            churns=claim.churns + 1 if self._resolution.moved else 0,
            note=self._note(verdict),
            whole=not self._reading.truncated and not (isinstance(verdict, guard.Suspect) and self._is_empty),
            empty=self._is_empty,
            fault=self._fault(verdict, rejections),
            events=self._events(),
        )

    def hits(self) -> list[NewHit]:
        """What may be kept nowhere, whatever becomes of the run."""
        found = [self._hit(content_id, read) for content_id, read in self._hits.items()]
        if self._is_unclean:
            claim, rules = self._claim, self._reading.stray
            # The body differs at every poll: one alarm for as long as the same rules hit.
            mark = f"stray:{','.join(rules)}"[:64]
            found.append(
                NewHit(source=claim.source, member=claim.member, url=claim.row["url"], rules=rules, fingerprint=mark,
                       capture=claim.id)
            )  # fmt: skip
        return found

    @property
    def _is_unclean(self) -> bool:
        """Whether the body carries a mark that belongs to no record."""
        return bool(self._reading.stray) and FAILED not in self._reading.stray

    def _hit(self, content_id: UUID, read: Read) -> NewHit:
        claim, found = self._claim, read.screened
        ids = dict.fromkeys((content_id, *((UUID(claim.about),) if claim.about else ())))
        return NewHit(
            source=claim.source, member=claim.member, url=read.item.url, rules=found.rules if found.purge else (),
            fingerprint=found.fingerprint, texts=(found.teaser,), names=found.names, content_ids=tuple(ids),
            capture=claim.id, pointer=read.pointer,
        )  # fmt: skip

    def _first(self, story: Story) -> tuple[review.FirstState, EditionState | None]:
        """The state of a new edition; of one that only the duty officer may see, also what it is to become then."""
        found = story.read.screened
        released = found.fingerprint in self._recognised.released
        past = _past(story.held)
        if released and past.withdrawn_by == "screen":
            past = replace(past, withdrawn_by="")
        if not released and not self._recognised.names.isdisjoint(found.names):
            past = replace(past, secrecy=True)
        first = review.first_state(review.Review(self._claim.review), story.change, past, story.read.remarks)
        if not released and (found.hold or self._reading.stray):
            rule = found.rules[0] if found.hold else STRAY
            return review.held_by_screen(rule, found.sentence or STRAY_SENTENCE), first.state
        return first, first.state if first.reason == review.SECRECY_BEFORE else None

    def _edition(self, story: Story) -> NewEdition:
        claim, item, held = self._claim, story.read.item, story.held
        first, then = self._first(story)
        is_as_read = item.guid == story.assignment.guid
        facts = Facts(member=claim.member, source=claim.source, kind=item.kind)
        routing = route(item, facts, self._routes, self._now_local)
        return NewEdition(
            content_id=story.assignment.content_id, revision=held.revision + 1 if held else 1,
            item=item if is_as_read else item.model_copy(update={"guid": story.assignment.guid}), kind=item.kind,
            body=story.read.body if is_as_read else "", digest=story.read.digest,
            update_type=story.change.update_type, state=first.state,
            pointer=story.read.pointer, restricted=then is not None,
            destinations=routing.destinations, not_before=routing.not_before, indexed=story.read.indexed,
            why={
                "change": {"kind": story.change.kind, "fields": story.change.fields, "reason": story.change.reason},
                "identity": {"by": story.assignment.matched_by, "adopted": story.assignment.adopted},
                "review": {"reason": first.reason, "sentence": first.sentence},
                "routing": [reason.as_json() for reason in routing.explanation], "remarks": story.read.remarks,
                **({"screen": {"rules": story.read.screened.rules, "fingerprint": story.read.screened.fingerprint,
                               "then": then}} if then else {}),
            },
        )  # fmt: skip

    def _article(self, story: Story, *, page: bool) -> NewArticle:
        read, item = story.read, story.read.item.model_copy(update={"guid": story.assignment.guid})
        address = item.url if page else item.attachments[0].url
        return NewArticle(
            content_id=story.assignment.content_id, item=item, digest=read.digest, pointer=read.pointer,
            remarks=read.remarks, host=host_of(address), page=page,
        )  # fmt: skip

    def _withdrawal(self, tombstone: Tombstone, item: HeldItem) -> NewWithdrawal:
        withdrawal = Withdrawal(
            content_id=item.content_id, revision=item.revision + 1, kind=WithdrawalKind.GONE,
            item_kind=item.item.kind if item.item else None,
            at=tombstone.at or self._claim.fetched_at,
        )  # fmt: skip
        return NewWithdrawal(held=item, withdrawal=withdrawal, pointer=tombstone.pointer)

    def _pieces(self) -> dict[bytes, UUID | None]:
        """What the source shows now, piece by piece, with the item each one is."""
        became: dict[bytes, UUID | None] = {
            read.fingerprint: assignment.content_id
            for read, assignment in zip(self._reading.read, self._resolution.assignments, strict=True)
        }
        pieces = {fp: became.get(fp) or self._claim.known.get(fp) for fp in self._reading.fingerprints}
        # What may be kept nowhere is read at every poll: skipped as known, it would stay in that body unseen.
        return {fp: item for fp, item in pieces.items() if item not in self._hits}

    def _counts(self, editions: Sequence[NewEdition], rejections: Sequence[NewRejection]) -> dict[str, int]:
        kinds = Counter(str(story.change.kind) for story in self._stories)
        states = Counter(str(edition.state) for edition in editions)
        unread = sum(1 for fp in self._reading.fingerprints if fp in self._claim.known)
        counts = {
            "shown": len(self._reading.fingerprints), "unchanged": unread, **kinds, **states,
            "withdrawn": len(self._gone), "rejections": len(rejections), "adopted": self._resolution.adopted,
            "purged": len(self._hits),
        }  # fmt: skip
        return {name: count for name, count in counts.items() if count}

    def _seen_again(self, editions: Sequence[NewEdition]) -> list[UUID]:
        written = {edition.content_id for edition in editions}
        return [
            story.assignment.content_id
            for story in self._stories
            if story.held is not None and story.assignment.content_id not in written
        ]

    @property
    def _is_empty(self) -> bool:
        """Whether the capture showed no story at all."""
        return self._resolution.stories == 0

    def _note(self, verdict: guard.Verdict) -> str:
        if self._stale:
            return "stale copy: older than the last one; only new items were taken"
        return verdict.sentence if isinstance(verdict, guard.Suspect) else ""

    def _fault(self, verdict: guard.Verdict, rejections: Sequence[NewRejection]) -> SourceFault | None:
        if isinstance(verdict, guard.Suspect):
            return fault_of_run(verdict)
        if rejections and self._is_empty:
            return SourceFault(
                code="all_rejected", side=Fault.MEMBER,
                sentence="Không mục nào trong nguồn tin dùng được (thiếu tiêu đề, liên kết hoặc hỏng định dạng). "
                "Đề nghị đơn vị kiểm tra chức năng xuất tin của trang.",
            )  # fmt: skip
        if self._reading.truncated:
            return SourceFault(
                code="body_cut_off", side=Fault.MEMBER,
                sentence="Nguồn tin trả về bị đứt ở cuối; các tin đọc được đã được ghi nhận. "
                "Đề nghị đơn vị kiểm tra chức năng xuất tin của trang.",
            )  # fmt: skip
        return None

    def _events(self) -> list[tuple[str, Mapping[str, object]]]:
        claim = self._claim
        if self._sound.mode != claim.identity:
            return [("identity_degraded", {"mode": self._sound.mode, "reason": self._sound.reason})]
        if claim.origin is Origin.ARTICLE and not claim.no_page:
            return [
                ("page_unfit", {"code": code})
                for story in self._stories
                for remark in story.read.remarks
                if story.held is not None and (code := remark.removeprefix("without_page:")) != remark
            ]
        return []


def _past(held: HeldItem | None) -> review.Past:
    """What the review rule asks about the item before this edition."""
    if held is None:
        return review.Past()
    return review.Past(
        withdrawn_by=held.withdrawn_by if held.state is ItemState.WITHDRAWN else "",
        edited=held.edited,
        rejected=held.edition_state is EditionState.REJECTED,
        held=held.edition_state is EditionState.HELD,
    )


def _may_be_public(held: HeldItem) -> bool:
    """It is, or one approval makes it so: of an item that was withdrawn, too, a newer text may wait for a person."""
    return held.state is ItemState.LIVE or held.edition_state is EditionState.HELD or held.edited


def _newer(read: Read, held: HeldItem) -> bool:
    """Whether a record in a stale copy speaks of a change after the one that is held."""
    return read.item.updated is not None and held.updated is not None and read.item.updated > held.updated


def _back_again(story: Story) -> bool:
    """The source took it back and now lists the same text again: a person decides, once."""
    held = story.held
    return held is not None and held.withdrawn_by == "source" and held.edition_state is EditionState.WITHDRAWN
