"""Change the text of an item: the next edition, written by a person, that the source does not overwrite (ADR 034)."""

from dataclasses import dataclass, replace
from uuid import UUID

from hub.commands.approve import must_be_second, routing_of
from hub.commands.judging import judge, review_of
from hub.engine import Engine
from hub.queries.conflicts import Texts, texts
from hub.rules import change
from hub.rules.editing import BadTextError, Changes, Difference, changed, differences, proposed
from hub.store import deciding, editing
from hub.store.deciding import Decidable, DecisionRefusedError
from hub.store.editing import Written
from hub.store.states import EditionOrigin, ItemState
from hub.store.unit import OvertakenError
from schemas.edition import EditionState, UpdateType
from schemas.item import ItemBase

_SENTENCE = "Bài đang chờ duyệt sau khi ban biên tập sửa."


class EditConflictError(DecisionRefusedError):
    """Somebody else, or the source, made a newer edition while this one was being typed; nothing was changed."""

    code = "edit_conflict"

    def __init__(self, content_id: UUID, now: int, by: str, differences: tuple[Difference, ...]) -> None:
        whose = f"«{by}» vừa sửa" if by else "nguồn vừa đăng"
        super().__init__(
            f"{content_id} has edition {now} by now",
            sentence=f"Trong lúc anh/chị soạn, {whose} phiên bản {now} của bài này. Chưa có gì bị ghi đè; hãy xem chỗ"
            " khác nhau rồi lưu lại trên phiên bản mới.",
        )
        self.revision, self.by, self.differences = now, by, differences


@dataclass(frozen=True, slots=True, kw_only=True)
class Edited:
    """What a change came to."""

    revision: int
    update_type: UpdateType
    state: EditionState  #: held, or approved at once


async def edit(
    engine: Engine, content_id: UUID, changes: Changes, *, seen: int, update_type: UpdateType | None = None,
    approve: bool = False, who: str, why: str = "",
) -> Edited:  # fmt: skip
    """Make the next edition from what a person typed over revision `seen`, the newest one when the page was opened.

    Without `update_type` the rule says how much changed. `approve` publishes it at once. A form that comes twice
    changes nothing. What a screen holds is not published, whoever asks. Raises EditConflictError, MarkedTextError,
    DecisionRefusedError (withdrawn, nothing changed, a text that is none).
    """
    known = await texts(engine.store, content_id)
    _must_be_open(known)
    base = known.before(seen)
    item = _typed(base, changes)
    if known.revision != seen:
        return _sent_twice(known, item, seen, who)
    _must_differ(base, item)
    if approve:
        must_be_second(engine, who, who)
    judged = await judge(engine, item, source=known.source, member=known.member, who=who)
    kind, fields = update_type or proposed(known.public, item), [each.field for each in differences(base, item)]
    written = Written(
        content_id=content_id, revision=seen + 1, item=item, source=known.source, member=known.member,
        digest=change.digest(item).hex(), update_type=kind, origin=EditionOrigin.PERSON, author=who,
        restricted=judged.hold,
        why={
            "change": {"kind": kind, "fields": fields, "reason": "a person changed it"},
            "edit": {"seen": seen, "why": why}, **review_of(judged, "edited", _SENTENCE),
        },
    )  # fmt: skip
    at_once = approve and not judged.hold
    try:
        async with engine.store.unit() as unit:
            written = replace(written, revision=await editing.write(unit, written))
            unit.tell(
                "edited", who=who, content_id=content_id, revision=written.revision,
                why={"seen": seen, "fields": fields, "update_type": kind, "why": why},
            )  # fmt: skip
            if at_once:
                edition = _decidable(written, known)
                await deciding.approved(unit, edition, routing_of(engine, edition), who=who, why=why)
    except OvertakenError:
        raise _conflict(await texts(engine.store, content_id), seen) from None
    state = EditionState.APPROVED if at_once else EditionState.HELD
    return Edited(revision=written.revision, update_type=kind, state=state)


def _must_be_open(known: Texts) -> None:
    if known.restricted:
        raise DecisionRefusedError(
            f"a screen holds {known.content_id}", code="screened",
            sentence="Bài đang bị tạm giữ để kiểm tra bí mật nhà nước hoặc dữ liệu cá nhân; người trực xử lý xong thì"
            " mới biên tập được.",
        )  # fmt: skip
    if known.item_state is ItemState.WITHDRAWN:
        raise DecisionRefusedError(
            f"{known.content_id} is withdrawn",
            sentence="Bài đã gỡ nên không sửa được. Chỉ đăng lại khi nguồn gửi bài mới.",
        )


def _must_differ(base: ItemBase, item: ItemBase) -> None:
    if change.digest(item) == change.digest(base):
        raise DecisionRefusedError(
            "nothing was changed", code="nothing_changed",
            sentence="Anh/chị chưa thay đổi gì so với bản hiện tại nên không có gì để lưu.",
        )  # fmt: skip


def _sent_twice(known: Texts, item: ItemBase, seen: int, who: str) -> Edited:
    """What the same form came to before; raises EditConflictError where the newer edition is another one."""
    newest = known.newest
    if newest.author == who and newest.item is not None and change.digest(newest.item) == change.digest(item):
        return Edited(revision=newest.revision, update_type=newest.update_type, state=newest.state)
    raise _conflict(known, seen)


def _decidable(written: Written, known: Texts) -> Decidable:
    """The edition that is being written, as a decision about it takes it."""
    return Decidable(
        content_id=written.content_id, revision=written.revision, state=EditionState.HELD, item=written.item,
        item_revision=written.revision, item_state=known.item_state, source=known.source, member=known.member,
        kind=written.item.kind, origin=EditionOrigin.PERSON, author=written.author,
    )  # fmt: skip


def _typed(base: ItemBase, changes: Changes) -> ItemBase:
    try:
        return changed(base, changes)
    except BadTextError as error:
        raise DecisionRefusedError(str(error), code="bad_text", sentence=error.sentence) from error


def _conflict(known: Texts, seen: int) -> EditConflictError:
    """What the newer edition says that the one before it did not, of the same hand."""
    newest = known.newest
    before = known.like(newest, until=seen)
    found = differences(before, newest.item) if before is not None and newest.item is not None else ()
    return EditConflictError(known.content_id, newest.revision, newest.author, found)
