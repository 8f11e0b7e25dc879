"""Contributions (bài cộng tác viên): written, shown with photos, sent to the board, taken back.

A sent contribution is a held edition of an item of the desk: it passes the same screens, waits in the same queue and is
routed like what a source says. Whoever wrote it does not decide about it.
"""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final

from connectors.parse.html import plain
from connectors.parse.text import clean_text
from connectors.presentation.picture import PictureLimits, Unfit, sized
from hub.commands.judging import judge, review_of
from hub.engine import Engine
from hub.queries.conflicts import Texts, texts
from hub.rules import change
from hub.rules.editing import SUMMARY_LIMIT, BadTextError, prose_of, tags_of
from hub.rules.identity import content_id
from hub.rules.markup import LIMIT, Picture, to_html
from hub.rules.review import DESK
from hub.store import accounts, deciding, drafting, editing
from hub.store.deciding import DecisionRefusedError
from hub.store.drafting import Draft, DraftRefusedError, DraftText
from hub.store.editing import Written
from hub.store.states import DraftState, EditionOrigin, ItemState
from hub.store.unit import Unit
from schemas.edition import UpdateType
from schemas.item import ITEM, TITLE_LIMIT, Author, ItemBase, Kind

#: Kinds that people write here.
KINDS: Final = (Kind.NEWS, Kind.NOTICE)
#: Photos of one contribution, and characters of what says what a photo shows.
MOST_PHOTOS, ALT_LIMIT = 12, 250
#: A photo as it is kept: sized down, encoded anew (which removes position, camera and comments).
PHOTO: Final = PictureLimits(bytes=2 * 1024 * 1024, longest=1920, least_width=200, least_height=200, png=False)


class DraftChangedError(DecisionRefusedError):
    """The contribution changed while it was being typed, or waits for a decision; nothing was stored."""

    code = "draft_changed"

    def __init__(self, draft: int) -> None:
        super().__init__(
            f"draft {draft} changed meanwhile",
            sentence="Bài này vừa được lưu ở cửa sổ khác hoặc đã gửi duyệt nên lần lưu này chưa được ghi. Nội dung"
            " anh/chị nhập vẫn còn trong ô soạn thảo; hãy đối chiếu rồi lưu lại.",
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Saved:
    """A contribution that was stored."""

    draft: int
    counter: int  #: what the next change is fenced by


async def write_draft(
    engine: Engine, text: DraftText, *, member: str, draft: int | None = None, counter: int = 0, guid: str = "",
    who: str,
) -> Saved:  # fmt: skip
    """Store what a contributor typed; without `draft` a new contribution. `counter` is the one of the page.

    A form that comes twice makes one contribution, by its `guid`, and changes nothing. Nothing is public by it. Raises
    DraftChangedError, DraftRefusedError, MarkedTextError.
    """
    text = _cleaned(text)
    found = await own(engine, draft, who) if draft is not None else None
    if text.title or text.content or text.summary:
        item = _item(engine, text, found, title=text.title or "–")
        await judge(engine, item, source=DESK, member=found.member if found else member, who=who)
    async with engine.store.unit() as unit:
        if found is None:
            guid = guid or new_guid()
            made = await drafting.begin(
                unit, text, author=who, member=member, guid=guid, content_id=content_id(DESK, guid)
            )
            return Saved(draft=made, counter=1)
        if found.counter == counter + 1 and found.text == text:
            return Saved(draft=found.id, counter=found.counter)
        if not await drafting.rewrite(unit, found.id, counter, text):
            raise DraftChangedError(found.id)
    return Saved(draft=found.id, counter=counter + 1)


def new_guid() -> str:
    """What a contribution is called inside the hub; made with the page, so that its form makes it once."""
    return secrets.token_hex(12)


async def own(engine: Engine, draft: int, who: str) -> Draft:
    """A contribution for its author. Raises DraftRefusedError for anybody else."""
    found = await drafting.read(engine.store, draft)
    if found is None or found.author != who:
        raise DraftRefusedError(
            f"draft {draft} is not of {who}", sentence="Không có bài này trong các bài của anh/chị."
        )
    return found


async def add_photo(engine: Engine, draft: int, body: bytes, *, who: str) -> int:
    """Keep a photo for a contribution, sized down and without what the camera wrote. Returns its place.

    Raises DraftRefusedError for what is no picture, too large, too small, or one too many.
    """
    found = await own(engine, draft, who)
    _must_be_open(found)
    if len(found.photos) >= MOST_PHOTOS:
        raise _refused("too many photos", f"Một bài có nhiều nhất {MOST_PHOTOS} ảnh; hãy bỏ bớt ảnh trước khi thêm.")
    picture = await sized(body, PHOTO)
    if isinstance(picture, Unfit):
        raise _refused(f"a photo is {picture.code}", picture.note)
    sha256 = await engine.files.put(picture.body)
    async with engine.store.unit() as unit:
        await _must_stay_open(unit, draft)
        return await drafting.add_photo(
            unit, draft, sha256=sha256, type=picture.content_type, width=picture.width, height=picture.height,
            size=len(picture.body),
        )  # fmt: skip


async def describe_photos(engine: Engine, draft: int, alts: Mapping[int, str], *, who: str) -> None:
    """Say what each photo shows, by its place."""
    found = await own(engine, draft, who)
    _must_be_open(found)
    said = {place: clean_text(alt)[:ALT_LIMIT] for place, alt in alts.items()}
    if any(said.values()):
        item = _item(engine, found.text, found, title="–").model_copy(update={"summary": "\n".join(said.values())})
        await judge(engine, item, source=DESK, member=found.member, who=who)
    async with engine.store.unit() as unit:
        await _must_stay_open(unit, draft)
        await drafting.describe_photos(unit, draft, said)


async def drop_photo(engine: Engine, draft: int, place: int, *, who: str) -> None:
    """Do without a photo."""
    found = await own(engine, draft, who)
    _must_be_open(found)
    async with engine.store.unit() as unit:
        await _must_stay_open(unit, draft)
        await drafting.drop_photo(unit, draft, place)


async def send_draft(engine: Engine, draft: int, *, counter: int, who: str) -> int:
    """Hand it to the board: the next edition of its item, held. Returns its revision; sent twice it changes nothing.

    Raises DraftRefusedError for what it lacks, DraftChangedError, MarkedTextError.
    """
    found = await own(engine, draft, who)
    if found.state is DraftState.SENT and found.counter == counter + 1:
        return found.revision
    _must_be_whole(found)
    known = await texts(engine.store, found.content_id) if found.revision else None
    item = await _finished(engine, found, known)
    judged = await judge(engine, item, source=DESK, member=found.member, who=who)
    written = Written(
        content_id=found.content_id, revision=known.revision + 1 if known else 1, item=item, source=DESK,
        member=found.member,
        digest=change.digest(item).hex(), update_type=_update_type(known, item), origin=EditionOrigin.CONTRIBUTION,
        author=who, restricted=judged.hold,
        why={
            "change": {"kind": "new" if known is None else "major", "fields": [], "reason": "a contributor wrote it"},
            **review_of(judged, *_reason(known)),
        },
    )  # fmt: skip
    async with engine.store.unit() as unit:
        revision = await editing.write(unit, written)
        if not await drafting.sent(unit, draft, counter, revision):
            raise DraftChangedError(draft)
        unit.tell(
            "contributed", who=who, content_id=found.content_id, revision=revision, source=DESK, why={"draft": draft}
        )
    return revision


async def take_back_draft(engine: Engine, draft: int, *, who: str) -> None:
    """Its author goes on writing before anybody decided. Raises DecisionRefusedError when somebody has."""
    found = await own(engine, draft, who)
    edition = await deciding.decidable(engine.store, found.content_id, found.revision or None)
    async with engine.store.unit() as unit:
        if not await drafting.taken_back(unit, draft):
            raise DraftChangedError(draft)
        await deciding.rejected(unit, edition, who=who, why="taken back by its author")


def preview(engine: Engine, found: Draft, folder: str) -> str:
    """The text of a contribution as it will look, sanitised HTML; its photos at addresses in `folder`, by place."""
    pictures = {
        place: replace(picture, url=f"{folder}/{place}") for place, picture in _pictures(engine, found).items()
    }  # fmt: skip
    return to_html(found.text.content, pictures)


def photo_address(engine: Engine, sha256: str) -> str:
    """Where a photo is read once its contribution is public."""
    return f"{engine.public_url}/files/{sha256}"


def _cleaned(text: DraftText) -> DraftText:
    if text.kind not in KINDS:
        raise _refused("a kind that nobody writes here", "Chỉ viết được tin, bài hoặc thông báo.")
    if len(text.content) > LIMIT:
        raise _refused("too long", f"Nội dung dài hơn {LIMIT} ký tự; hãy rút gọn hoặc tách thành nhiều bài.")
    try:
        tags = tags_of(text.tags)
    except BadTextError as error:
        raise _refused(str(error), error.sentence) from error
    return DraftText(
        kind=text.kind, title=clean_text(text.title)[:TITLE_LIMIT], summary=prose_of(text.summary)[:SUMMARY_LIMIT],
        content=text.content.replace("\x00", ""), tags=tags,
    )  # fmt: skip


def _must_be_open(found: Draft) -> None:
    if found.state is DraftState.SENT:
        raise DraftChangedError(found.id)


async def _must_stay_open(unit: Unit, draft: int) -> None:
    """It may have been sent in another window since it was read: what the board decides about stays as it is."""
    if not await drafting.holds_open(unit, draft):
        raise DraftChangedError(draft)


def _must_be_whole(found: Draft) -> None:
    """What the board need not send back for."""
    if not found.text.title:
        raise _refused("no title", "Bài chưa có tiêu đề.")
    if not plain(to_html(found.text.content, {})):
        raise _refused("no text", "Bài chưa có nội dung.")
    bare = [str(photo.place) for photo in found.photos if not photo.alt]
    if bare:
        raise _refused(
            "photos without a description",
            f"Ảnh {', '.join(bare)} chưa có chú thích. Hãy ghi ảnh chụp gì, để người không xem được ảnh cũng hiểu.",
        )


def _refused(cause: str, sentence: str) -> DraftRefusedError:
    return DraftRefusedError(cause, sentence=sentence)


def _pictures(engine: Engine, found: Draft) -> dict[int, Picture]:
    return {
        each.place: Picture(url=photo_address(engine, each.sha256), alt=each.alt, width=each.width, height=each.height)
        for each in found.photos
    }


def _item(engine: Engine, text: DraftText, found: Draft | None, *, title: str) -> ItemBase:
    """The contribution as an item, without what is known only when it is sent."""
    pictures = _pictures(engine, found) if found else {}
    return ITEM.validate_python(
        {
            "kind": text.kind, "guid": found.guid if found else "-", "title": title, "summary": text.summary,
            "content_html": to_html(text.content, pictures), "tags": text.tags, "language": "vi",
            "url": f"{engine.public_url}/items/{found.content_id}" if found else "",
            "image": next((each.url for each in pictures.values()), ""),
        }
    )  # fmt: skip


async def _finished(engine: Engine, found: Draft, known: Texts | None) -> ItemBase:
    said = known.theirs.item if known and known.theirs else None
    account = await accounts.by_login(engine.store, found.author)
    return _item(engine, found.text, found, title=found.text.title).model_copy(
        update={
            "authors": (Author(name=account.name),) if account else (),
            "published": said.published if said else engine.store.now().replace(microsecond=0),
            "updated": engine.store.now().replace(microsecond=0),
        }
    )


def _update_type(known: Texts | None, item: ItemBase) -> UpdateType:
    if known is None or known.public is None:
        return UpdateType.MAJOR
    return change.compare(known.public, item).update_type


def _reason(known: Texts | None) -> tuple[str, str]:
    if known and known.item_state is ItemState.WITHDRAWN:
        return "withdrawn_by_person", "Bài đã bị gỡ; nội dung mới phải được duyệt lại."
    if known and known.ours.origin is EditionOrigin.PERSON:
        return "edited_by_person", "Ban biên tập đã sửa bài này; cộng tác viên vừa gửi bản mới."
    return "contribution", "Bài cộng tác viên gửi, chờ ban biên tập duyệt."
