"""A content system as a destination: what happens is the same for all, how it is said differs by product.

    present   the article (article.py), whole, so that a retry sends the same
    send      look ─> something newer there? ─> pictures (pictures.py) ─> write
    withdraw  look ─> a notice in its place, or off the site
    find      look, by our identity; where no revision is kept there, by title and text
    holdings  every page of what is there, ours alone

None of them refuses an older text (there is no fence), and all of them may finish a call that we thought dead. So every
write looks first, one call at a time is in flight for an item, and after an unknown outcome the hub lets the call land
and looks. The identity is ours where the product allows it, so that not even two calls at once make two articles.
"""

import asyncio
from collections.abc import Coroutine, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Annotated, Any, Final, Protocol
from uuid import UUID

from pydantic import Field

from connectors.base import (
    ConnectorConfig,
    Cursor,
    Difference,
    Face,
    Found,
    Holding,
    Holdings,
    Memory,
    Payload,
    Receipt,
)
from connectors.cms.article import ARTICLE, Article, article_of, digest_of, is_withdrawn, notice_of
from connectors.cms.pictures import Album, Library, Pictures, ProcessMemory
from connectors.cms.refusals import OF_A_PICTURE
from connectors.errors import BlockedError, Fault, RejectedError, TransientError, UnconfirmedError
from connectors.fields import Allowances, Allowed, Seconds, SecondsOrNone, WebAddress
from connectors.outcomes import CameBack, Purpose, error_for
from connectors.parse.html import plain
from connectors.parse.text import clean_text, cut
from schemas.base import TITLE_LIMIT
from schemas.edition import PublishedItem, Withdrawal, WithdrawalKind

if TYPE_CHECKING:
    from connectors.http import Http

#: Ids of a content system, by tag, code of a member, or kind of item.
Numbers = Annotated[Mapping[str, int], Allowed("a table of names and numbers")]
#: Characters of a text that a difference shows.
_SHOWN: Final = 160
#: Calls of `timeout` seconds that one delivery may take in all; the hub's lease on it lasts for four.
_CALLS: Final = 3
_NOTICES: Final = frozenset({WithdrawalKind.NOTICE, WithdrawalKind.REDIRECT})


class CmsSettings(ConnectorConfig):
    """What every content system is told."""

    url: WebAddress = Field(description="address of the site, below which its interface stands")
    items_url: WebAddress | None = Field(
        default=None,
        description="where the hub shows items, like https://tin.tinhmau.gov.vn/items: documents and procedures link"
        " there for what an article has no place for; left out: no link",
    )
    source_line: bool = Field(default=True, description="end every text with its agency and a link to its page")
    pictures: bool = Field(default=True, description="upload the picture of an item")
    inline_images: bool = Field(
        default=False, description="upload pictures inside the text too; false: they stay links to their source"
    )
    settling: SecondsOrNone = Field(
        default=90.0,
        description="how long after a call without an answer it may still take effect there, or be unseen by reads",
    )
    timeout: Seconds = Field(default=30.0, description="for one call")
    allow_private: Allowances = Field(default=frozenset(), description="private addresses it may be reached at")


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """An article as it stands in the content system."""

    id: str  #: by which the product writes it
    content_id: UUID
    title: str = ""  #: as stored: markup and entities are taken out before it is compared
    html: str = ""
    revision: int | None = None  #: None: none is kept there, or somebody took it away
    state: str = ""  #: what the product calls it: publish, draft
    shown: bool = True  #: readers see it, or an editor has it to decide about
    doubles: Sequence[str] = ()  #: further articles of the same item
    seen: bool = True  #: False: it was there under this id when we wrote last, and reads do not show it
    picture: str = ""  #: id of the picture that it has, where overwriting would take it away


@dataclass(frozen=True, slots=True, kw_only=True)
class Shelf:
    """One page of what is there."""

    standing: Sequence[Standing] = ()
    cursor: Cursor | None = None  #: where the next page begins; None: this is the last
    whole: bool = True  #: False: there is more that this account may not see


class DeletedThereError(TransientError):
    """The article that was to be overwritten is not there any more."""

    code = CameBack.TRY_AGAIN.value
    fault = Fault.MEMBER

    def __init__(self, name: str) -> None:
        sentence = "Bài viết vừa bị xoá tại nơi nhận trong lúc hệ thống đang cập nhật. Hệ thống sẽ tự gửi lại."
        super().__init__(f"{name}: the article was deleted meanwhile", sentence=sentence)


class System(Library, Protocol):
    """What is particular to a product."""

    title_limit: int  #: characters

    async def look(self, http: "Http", content_id: UUID, id: str) -> Standing | None:
        """The article of an item, under the id it had last; None when it is not there, or in the bin.

        An id that reads do not know is no proof of absence, for reads may lag behind our own last write: it comes back
        as not `seen`. Without an id only what is seen counts.
        """
        ...

    async def write(
        self, http: "Http", article: Article, there: Standing | None, pictures: Pictures
    ) -> tuple[str, int]:
        """Create or overwrite it. Gives its id and the status. Raises DeletedThereError when `there` is not."""
        ...

    async def remove(self, http: "Http", there: Standing, *, for_good: bool) -> int:
        """Take it off the site; `for_good`: leave no copy in a bin. Gives the status; gone already is success."""
        ...

    async def shelf(self, http: "Http", cursor: Cursor) -> Shelf:
        """The next page of our articles that are there."""
        ...

    def state_wanted(self) -> str:
        """What `Standing.state` is when the article is as we want it; "" where editors decide."""
        ...


class CmsPortal:
    """A content system as a destination; a connector gives it its product."""

    by_hand = False
    repeatable = False  # see above: without a fence a repeated call could cover a newer one

    def __init__(self, name: str, config: CmsSettings, system: System) -> None:
        self.name = name
        self.settling = config.settling
        self.memory: Memory = ProcessMemory()  # until the hub sets its own
        self._config = config
        self._system = system
        self._album = Album(system, seconds=config.timeout)

    # ------------------------------------------------------------------------------------------------- writing

    def present(self, edition: PublishedItem | Withdrawal, *, last: PublishedItem | None = None) -> Payload:
        """The article, or the notice that takes its place."""
        article = self._article(edition) if isinstance(edition, PublishedItem) else self._notice(edition, last)
        return Payload(
            content_id=edition.content_id, revision=edition.revision, body=ARTICLE.dump_json(article),
            title=article.title,
        )  # fmt: skip

    async def send(self, http: "Http", payload: Payload, *, key: str, remote_id: str = "") -> Receipt:
        """Create the article, or overwrite what is there unless that is newer."""
        article = ARTICLE.validate_json(payload.body)
        return await self._within_the_lease(self._send(http, article, remote_id))

    async def _send(self, http: "Http", article: Article, remote_id: str) -> Receipt:
        there = await self._system.look(http, article.content_id, remote_id)
        if there is not None and (there.revision or 0) > article.revision:
            return _newer(there)
        pictures = await self._album.bring(http, self.memory, article)
        try:
            id, status = await self._write(http, article, there, pictures)
        except (RejectedError, BlockedError, UnconfirmedError) as error:
            if not pictures.trusted or error.code not in OF_A_PICTURE:
                raise
            # It may be the fault of a picture that somebody deleted there: bring them anew.
            for remembered in pictures.trusted:
                await self.memory.forget(remembered)
            there = await self._system.look(http, article.content_id, remote_id)
            pictures = await self._album.bring(http, self.memory, article)
            id, status = await self._write(http, article, there, pictures)
        note = f"without {pictures.missing} of its pictures" if pictures.missing else ""
        return Receipt(remote_id=id, revision=article.revision, status=status, note=note)

    async def _write(
        self, http: "Http", article: Article, there: Standing | None, pictures: Pictures
    ) -> tuple[str, int]:  # fmt: skip
        """Overwrite what is there, though reads may not show it yet; only what writes do not know is made anew."""
        try:
            return await self._system.write(http, article, there, pictures)
        except DeletedThereError:
            if there is None or there.seen:
                raise
        there = await self._system.look(http, article.content_id, "")
        return await self._system.write(http, article, there, pictures)

    async def withdraw(self, http: "Http", payload: Payload, *, key: str, remote_id: str = "") -> Receipt:
        """Leave a notice, or nothing, by the kind of withdrawal. What is not there is withdrawn already."""
        article = ARTICLE.validate_json(payload.body)
        return await self._within_the_lease(self._withdraw(http, article, remote_id))

    async def _withdraw(self, http: "Http", article: Article, remote_id: str) -> Receipt:
        there = await self._system.look(http, article.content_id, remote_id)
        if there is None or (not there.shown and article.withdrawal is WithdrawalKind.GONE):
            return Receipt(remote_id=there.id if there else "", revision=article.revision, note="already gone")
        if (there.revision or 0) > article.revision:
            return _newer(there)
        if article.withdrawal in _NOTICES:
            try:
                id, status = await self._system.write(http, article, there, Pictures())
            except DeletedThereError:
                if there.seen:
                    raise
                return Receipt(remote_id=there.id, revision=article.revision, note="already gone")
            return Receipt(remote_id=id, revision=article.revision, status=status, note="notice")
        for_good = article.withdrawal is WithdrawalKind.VANISH
        status = await self._system.remove(http, there, for_good=for_good)
        if not there.seen and (other := await self._system.look(http, article.content_id, "")) is not None:
            await self._system.remove(http, other, for_good=for_good)
        return Receipt(remote_id=there.id, revision=article.revision, status=status)

    async def find(self, http: "Http", payload: Payload, *, remote_id: str = "") -> Found | None:
        """What stands there under our identity. Where no revision is kept, the same title and text are ours."""
        there = await self._system.look(http, payload.content_id, remote_id)
        if there is not None and not there.seen:
            there = await self._system.look(http, payload.content_id, "")
        if there is None:
            return None
        revision = there.revision
        if revision is None:
            article = ARTICLE.validate_json(payload.body)
            revision = article.revision if _says(there, article) else 0
        withdrawn = is_withdrawn(there.html) or not there.shown
        return Found(remote_id=there.id, revision=revision, withdrawn=withdrawn)

    async def _within_the_lease(self, call: Coroutine[Any, Any, Receipt]) -> Receipt:
        """Several requests make one delivery; all of them end before somebody else may take it over."""
        try:
            async with asyncio.timeout(_CALLS * self._config.timeout):
                return await call
        except TimeoutError:
            cause = f"{self.name}: the calls of one delivery took too long"
            raise error_for(CameBack.TIMEOUT, Purpose.SEND_ONCE, cause) from None

    # ------------------------------------------------------------------------------------------------- showing

    def face(self, payload: Payload) -> Face:
        """The article as readers would see it."""
        article = ARTICLE.validate_json(payload.body)
        notes = []
        if "<img" in article.html and not article.inline:
            notes.append("Ảnh trong bài vẫn lấy từ trang nguồn; nếu trang nguồn gỡ ảnh, bài sẽ mất ảnh.")
        if self._config.pictures and not article.image and article.withdrawal is None:
            notes.append("Bài không có ảnh đại diện.")
        text = f"{article.title}\n{article.summary}".strip()
        images = tuple(dict.fromkeys((*((article.image,) if article.image else ()), *article.inline)))
        return Face(text=text, link=article.url, images=images, alt=article.alt, html=article.html, notes=tuple(notes))

    # ------------------------------------------------------------------------------------------------- comparing

    async def holdings(self, http: "Http", cursor: Cursor) -> Holdings:
        """The next page of our articles; those of the site's own editors are not listed."""
        shelf = await self._system.shelf(http, cursor)
        held = await asyncio.to_thread(lambda: [_held(one) for one in shelf.standing])
        more = shelf.cursor is not None
        return Holdings(held=held, cursor=shelf.cursor or {}, more=more, whole=shelf.whole)

    def differences(self, item: PublishedItem, held: Holding) -> Sequence[Difference]:
        """Title, text, state and revision, as far as the system keeps them."""
        article, record, found = self._article(item), held.record, []
        if record.get("title") != plain(article.title):
            found.append(Difference(field="title", ours=cut(article.title, _SHOWN), theirs=cut(held.title, _SHOWN)))
        if record.get("digest") != digest_of(article.html):
            ours = cut(plain(article.html), _SHOWN)
            found.append(Difference(field="content_html", ours=ours, theirs=str(record.get("beginning", ""))))
        wanted = self._system.state_wanted()
        if wanted and record.get("state") != wanted:
            found.append(Difference(field="status", ours=wanted, theirs=str(record.get("state", ""))))
        there = record.get("revision")
        if there is not None and there != item.revision:
            found.append(Difference(field="revision", ours=str(item.revision), theirs=str(there)))
        return found

    def _article(self, item: PublishedItem) -> Article:
        config = self._config
        article = article_of(
            item, items_url=(config.items_url or "").rstrip("/"), source_line=config.source_line,
            pictures=config.pictures, inline=config.inline_images,
        )  # fmt: skip
        return replace(article, title=cut(article.title, self._system.title_limit))

    def _notice(self, withdrawal: Withdrawal, last: PublishedItem | None) -> Article:
        article = notice_of(withdrawal, last)
        return replace(article, title=cut(article.title, self._system.title_limit))


def _newer(there: Standing) -> Receipt:
    return Receipt(remote_id=there.id, revision=there.revision or 0, note="newer")


def _says(there: Standing, article: Article) -> bool:
    return plain(there.title) == plain(article.title) and digest_of(there.html) == digest_of(article.html)


def _held(there: Standing) -> Holding:
    text = plain(there.html)
    return Holding(
        key=str(there.content_id), title=cut(clean_text(plain(there.title)), TITLE_LIMIT),
        withdrawn=is_withdrawn(there.html) or not there.shown,
        record={
            "title": plain(there.title), "digest": digest_of(there.html), "beginning": cut(text, _SHOWN),
            "state": there.state, "revision": there.revision,
        },
    )  # fmt: skip
