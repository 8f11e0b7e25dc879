"""A Facebook Page: one post for each story, as text with a link or with pictures, edited and deleted with its item.

  draft    POST /{page}/feed  published=false       nobody sees it; its id is remembered before it is shown
  show     POST /{post}       is_published=true     the same however often: a lost answer is simply asked again
  edit     POST /{post}       message               link and pictures of a post cannot be changed
  delete   DELETE /{post}                           no such post: done
  look     GET /{page}/published_posts?since=       ours are known by the marker in their link

The API takes no idempotency key. So a post comes into being as a draft: of a lost answer at worst a draft is left that
no reader sees. Where a page cannot show drafts (`drafts = false`) it is created visible, and after a lost answer it is
looked for by its marker, twice with a pause between, before anything is created again.
"""

import asyncio
import re
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import asdict
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

import orjson
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
from connectors.errors import Fault, HubError, RejectedError, TransientError, UnconfirmedError
from connectors.fields import Allowances, HeaderSecret, Seconds, SecondsOrNone, WebAddress
from connectors.graph import GoneError, Graph, TwiceError, UnscrapedError
from connectors.outcomes import CameBack, Purpose, error_for
from connectors.pagelist import FIELDS, PageList, markers_of
from connectors.pagepictures import PagePictures
from connectors.pageposts import NOTHING, POST_ID, Post, Posts, Remembered, Step, Upload, comparable, post_of
from connectors.parse.text import clean_text, cut
from connectors.presentation.hashtags import HashtagRule, hashtags
from connectors.presentation.link import SOURCE, LinkRule, link_of, marker
from connectors.presentation.picture import pictures
from connectors.presentation.post import values_of, write
from connectors.presentation.story import story_key
from connectors.presentation.template import TextTemplate, template_of
from schemas.edition import PublishedItem, Withdrawal
from schemas.item import TITLE_LIMIT, Kind

if TYPE_CHECKING:
    from connectors.http import Http

#: Characters that readers see before they ask for more.
SEEN_AT_ONCE: Final = 480
#: Seconds within which a post that was just made may not be seen everywhere yet.
_LAG: Final = 600.0
#: How far back a post is looked for of which nothing is remembered, and seconds before an attempt.
_LOOK_BACK: Final = timedelta(days=30)
_BEFORE: Final = timedelta(minutes=5)
#: Their clock may be ahead of ours, and a call that hung is answered by nobody: how late a post may be dated.
_AFTER: Final = timedelta(minutes=30)
#: Seconds after which a post goes out without the preview that Facebook could not make.
_WITHOUT_PREVIEW: Final = 600.0
#: Slow calls for which one post may take: a look, pictures, the draft, its showing.
_CALLS: Final = 4
#: The list shows some 600 posts of a year at most; from here on it is not believed to be whole.
_YEAR: Final = 550


class Config(ConnectorConfig):
    """Keys of a Facebook Page in settings.toml."""

    page_id: str = Field(pattern=r"^[0-9]{1,32}$")  #: number of the page
    token: HeaderSecret  #: page access token with pages_manage_posts and pages_read_engagement
    version: str = Field(default="v25.0", pattern=r"^v[0-9]{2}\.[0-9]$")  #: of the Graph API
    base_url: WebAddress = "https://graph.facebook.com"  #: without the version
    link: LinkRule = SOURCE  #: where posts lead
    templates: Mapping[Kind, TextTemplate] = Field(default_factory=dict)  #: texts by kind, in place of the shipped ones
    hashtags: HashtagRule = HashtagRule()  #: which hashtags a post has
    limit: int = Field(default=2_000, ge=300, le=63_206)  #: longest text, in characters
    photos: int = Field(default=0, ge=0, le=10)  #: pictures of a post; 0: the preview of its link
    one_per_story: bool = True  #: of several members that publish one story, the first is posted
    drafts: bool = True  #: posts are made as drafts, then shown
    misses_apart: SecondsOrNone = 120.0  #: without drafts: pause between the two looks for a post without an answer
    reconcile_days: int = Field(default=0, ge=0, le=3_650)  #: how far back posts are compared; 0: all
    settling: SecondsOrNone = 60.0  #: seconds after which a request thought dead has landed
    timeout: Seconds = 30.0  #: seconds for one call
    allow_private: Allowances = frozenset()


class Connector:
    """A Facebook Page as a destination."""

    repeatable = False
    brake = 10
    by_hand = False
    memory: Memory

    def __init__(self, name: str, config: Config) -> None:
        self.name = name
        self.settling = config.settling
        self._config = config
        self._graph = Graph(
            name, base_url=config.base_url.rstrip("/"), version=config.version, timeout=config.timeout,
            token=config.token.get_secret_value(), allow=config.allow_private,
        )  # fmt: skip
        self._list = PageList(name, self._graph, config.page_id)
        self._pictures = PagePictures(self._graph, config.page_id, config.timeout)

    # ------------------------------------------------------------------------------------------------ presenting

    def present(self, edition: PublishedItem | Withdrawal, *, last: PublishedItem | None = None) -> Payload:
        """The text, link and pictures of the post; a withdrawal has no body."""
        if isinstance(edition, Withdrawal):
            return Payload(content_id=edition.content_id, revision=edition.revision, body=b"")
        config = self._config
        link = link_of(edition, config.link)
        values = values_of(edition, link=link, hashtags=hashtags(edition, config.hashtags))
        written = write(template_of(edition.kind, config.templates), values, config.limit)
        chosen = pictures(edition, config.photos)
        post = Post(
            message=_MENTION.sub("@ ", written.text), link=link, cut=written.cut,
            pictures=tuple(one.url for one in chosen), alts=tuple(one.alt for one in chosen),
        )  # fmt: skip
        return Payload(
            content_id=edition.content_id, revision=edition.revision, body=orjson.dumps(asdict(post)),
            key=story_key(edition) if config.one_per_story else "", title=cut(clean_text(edition.title), TITLE_LIMIT),
        )  # fmt: skip

    def face(self, payload: Payload) -> Face:
        """The post as readers of the page see it."""
        post = post_of(payload)
        if post is None:
            return Face(notes=("Bài đăng trên trang sẽ bị xoá.",))
        notes = [f"Đã rút gọn {_CUT_WORDS.get(name, name)} cho vừa độ dài." for name in post.cut]
        if len(post.message) > SEEN_AT_ONCE:
            notes.append(f"Người đọc thấy khoảng {SEEN_AT_ONCE} ký tự đầu, phần còn lại nằm sau chữ «Xem thêm».")
        if not post.pictures:
            notes.append("Ảnh xem trước do Facebook lấy từ trang mà bài đăng dẫn tới.")
        return Face(text=post.message, link=post.link, images=post.pictures, alt="".join(post.alts[:1]), notes=notes)

    # ---------------------------------------------------------------------------------------------------- sending

    async def send(self, http: "Http", payload: Payload, *, key: str, remote_id: str = "") -> Receipt:
        """Bring the post of this item up to date, or make it. Nothing is made while an older call is in doubt."""
        self._graph.may_call(http.now())
        post = post_of(payload)
        if post is None:
            raise RejectedError(f"{self.name}: nothing to send", code="facebook_parameter", fault=Fault.HUB)
        async with self._alone(payload):
            known = await self._posts.recall(marker(payload.content_id))
            there = _there(known, remote_id) or await self._in_doubt(http, payload, known, sending=True)
            if there:
                known = await self._posts.recall(marker(payload.content_id))
                try:
                    return await self._update(http, payload, post, known, there)
                except GoneError:
                    other = await self._other(http, payload, known, there)
                    if other:
                        return await self._update(http, payload, post, known, other)
            return await self._create(http, payload, post, known)

    async def _update(self, http: "Http", payload: Payload, post: Post, known: Remembered, there: str) -> Receipt:
        """Give a post its text and, where it is a draft of ours, show it."""
        draft = known.step is Step.DRAFT and known.id == there
        if not draft or known.digest != post.digest:
            await self._graph.change(http, there, {"message": post.message})
        if draft:
            await self._show(http, there)
        began = known.at if known.step is Step.SHOWN else _now(http)
        await self._remember(payload, known, step=Step.SHOWN, id=there, at=began, digest=post.digest, missed_at=0.0)
        return Receipt(remote_id=there, revision=payload.revision, status=200)

    async def _create(self, http: "Http", payload: Payload, post: Post, known: Remembered) -> Receipt:
        ids = await self._pictures.uploaded(http, post, known.uploads, self._keeper(payload))
        known = await self._posts.recall(marker(payload.content_id))
        fields = {"message": post.message} | (_attached(ids) or {"link": post.link})
        step = Step.DRAFTING if self._config.drafts else Step.CREATING
        known = await self._remember(
            payload, known, step=step, id="", at=_now(http), digest=post.digest, missed_at=0.0
        )  # fmt: skip
        try:
            made = await self._made(http, payload, known, fields)
        except TwiceError as error:
            return await self._twice(http, payload, known, error)
        except UnconfirmedError:
            raise
        except HubError:
            # Nothing happened: there is nothing to look for.
            known = await self._posts.recall(marker(payload.content_id))
            await self._remember(payload, known, step=Step.NOTHING)
            raise
        if self._config.drafts:
            known = await self._remember(payload, known, step=Step.DRAFT, id=made)
            await self._show(http, made)
        await self._remember(payload, known, step=Step.SHOWN, id=made, uploads={})
        note = "" if len(ids) == len(post.pictures) else _WITHOUT
        return Receipt(remote_id=made, revision=payload.revision, status=200, note=note)

    async def _made(self, http: "Http", payload: Payload, known: Remembered, fields: Mapping[str, str]) -> str:
        """The id of a new post. A link that Facebook cannot read is left out when that has lasted."""
        fields = {**fields, "published": "false" if self._config.drafts else "true"}
        try:
            return await self._graph.create(http, f"{self._config.page_id}/feed", fields)
        except UnscrapedError:
            if not known.unscraped_at:
                await self._remember(payload, known, unscraped_at=_now(http))
            if not known.unscraped_at or _now(http) - known.unscraped_at < _WITHOUT_PREVIEW:
                raise
        plain = {name: value for name, value in fields.items() if name != "link"}  # the text holds the link too
        return await self._graph.create(http, f"{self._config.page_id}/feed", plain)

    async def _show(self, http: "Http", there: str) -> None:
        await self._graph.change(http, there, {"is_published": "true"})

    async def _twice(self, http: "Http", payload: Payload, known: Remembered, error: TwiceError) -> Receipt:
        """The page has such a post: it is ours if it carries our marker, else a person must look."""
        found = await self._list.search(http, payload.content_id, http.now() - _LOOK_BACK)
        if not found:
            await self._remember(payload, known, step=Step.TWICE)
            raise error
        await self._remember(payload, known, step=Step.SHOWN, id=found)
        return Receipt(remote_id=found, revision=payload.revision, status=200, note="found, not sent again")

    # ------------------------------------------------------------------------------------------------ withdrawing

    async def withdraw(self, http: "Http", payload: Payload, *, key: str, remote_id: str = "") -> Receipt:
        """Delete the post, a draft of it too. Already gone is success."""
        self._graph.may_call(http.now(), urgent=True)
        async with self._alone(payload):
            known = await self._posts.recall(marker(payload.content_id))
            there = _there(known, remote_id) or await self._in_doubt(http, payload, known, lost=known == NOTHING)
            note = "already gone"
            for one in dict.fromkeys((there, remote_id if POST_ID.fullmatch(remote_id) else "")):
                if one:
                    try:
                        await self._graph.delete(http, one)
                        note = ""
                    except GoneError:
                        continue
            known = await self._posts.recall(marker(payload.content_id))
            if known != NOTHING:
                await self._posts.remember(payload.content_id, known, step=Step.GONE, at=_now(http), uploads={})
            return Receipt(remote_id=there, revision=payload.revision, status=200, note=note)

    # ---------------------------------------------------------------------------------------------------- looking

    async def find(self, http: "Http", payload: Payload, *, remote_id: str = "") -> Found | None:
        """What readers see of the item. A draft is nothing."""
        self._graph.may_call(http.now(), urgent=True)
        known = await self._posts.recall(marker(payload.content_id))
        there = _there(known, remote_id) or await self._in_doubt(http, payload, known, lost=known == NOTHING)
        if not there:
            return None
        try:
            read = await self._graph.get(http, there, fields=FIELDS)
        except GoneError:
            return None
        if read.get("is_published") is False:
            return None
        post = post_of(payload)
        same = post is not None and comparable(read.get("message")) == comparable(post.message)
        return Found(remote_id=there, revision=payload.revision if same else None)

    async def _in_doubt(
        self, http: "Http", payload: Payload, known: Remembered, *, lost: bool = False, sending: bool = False
    ) -> str:
        """The id of a post whose creation nobody confirmed; "" when there is none for certain.

        `lost` tells that nothing is remembered though something may have been sent: the page is believed alone.
        What cannot be told is sent anew only after a person has looked (`sending`): nobody else gets so far.
        Raises TransientError while it is not certain yet, and TwiceError when it cannot be told.
        """
        match known.step:
            case Step.NOTHING if lost:
                since, until = http.now() - _LOOK_BACK, None
            case Step.CREATING:
                # What that call made it made soon after: what others posted in the days since is not read for it.
                since, until = known.began - _BEFORE, known.began + timedelta(seconds=self.settling) + _AFTER
            case Step.TWICE:
                since, until = known.began - _BEFORE, None
            case _:
                return ""
        post = post_of(payload)
        pause = known.missed_at + self._config.misses_apart - _now(http) if known.missed_at else 0.0
        found = "" if pause > 0 else await self._list.search(http, payload.content_id, since, until)
        if found:
            await self._remember(payload, known, step=Step.SHOWN, id=found)
        elif known.step is Step.TWICE and not sending and (post is None or known.digest == post.digest):
            raise TwiceError(f"{self.name}: told that it is there, and not found", code="untold", fault=Fault.MEMBER,
                             sentence=_UNTOLD)  # fmt: skip
        elif known.step is Step.CREATING and self._config.misses_apart and (pause > 0 or not known.missed_at):
            if not known.missed_at:
                await self._remember(payload, known, missed_at=_now(http))
            raise TransientError(f"{self.name}: not seen yet", code="facebook_not_seen", fault=Fault.MEMBER,
                                 sentence=_NOT_SEEN)  # fmt: skip
        return found

    async def _other(self, http: "Http", payload: Payload, known: Remembered, gone: str) -> str:
        """A post that was there is not: the id of another one of ours, "" when a new one may be made."""
        if known.step is Step.SHOWN and known.id == gone and _now(http) - known.at < _LAG:
            raise TransientError(f"{self.name}: a new post is not seen yet", code="facebook_not_seen",
                                 fault=Fault.MEMBER, sentence=_NOT_SEEN)  # fmt: skip
        if known.step is Step.DRAFT:
            return ""
        return await self._list.search(http, payload.content_id, http.now() - _LOOK_BACK, without=gone)

    # ------------------------------------------------------------------------------------------------ reconciling

    async def holdings(self, http: "Http", cursor: Cursor) -> Holdings:
        """The posts of ours that readers see, newest first. What officers post by themselves is none of our business.

        The list is not whole where the settings ask for a window, nor where a year has more posts than the API shows:
        what it lacks then says nothing.
        """
        self._graph.may_call(http.now())
        days = self._config.reconcile_days
        since = int(cursor.get("since") or (int((http.now() - timedelta(days=days)).timestamp()) if days else 0))
        posts, after = await self._list.page(http, since, cursor.get("after", ""))
        seen = dict(orjson.loads(cursor.get("seen", "{}")))
        for one in posts:
            year = str(one.get("created_time"))[:4]
            seen[year] = seen.get(year, 0) + 1
        held = [await self._held(post) for post in posts if markers_of(post)]
        return Holdings(
            held=held, more=bool(after), whole=not days and max(seen.values(), default=0) < _YEAR,
            cursor={"since": str(since), "after": after, "seen": orjson.dumps(seen).decode()} if after else {},
        )  # fmt: skip

    async def _held(self, post: Mapping[str, Any]) -> Holding:
        message = post.get("message")
        message = message if isinstance(message, str) else ""
        known = [await self._posts.recall(mark) for mark in sorted(markers_of(post))]
        # A second post with our marker has the number of its own, and is nobody's.
        key = next((one.key for one in known if one.id == post["id"] and one.step is not Step.GONE), post["id"])
        title = cut(clean_text(message.partition("\n")[0]), TITLE_LIMIT)
        return Holding(key=key, record={"id": post["id"], "message": message}, title=title)

    def differences(self, item: PublishedItem, held: Holding) -> Sequence[Difference]:
        """Whether the post says what it should."""
        post = post_of(self.present(item))
        ours, theirs = comparable(post.message if post else ""), comparable(held.record.get("message"))
        return () if ours == theirs else (Difference(field="summary", ours=cut(ours, 200), theirs=cut(theirs, 200)),)

    @asynccontextmanager
    async def _alone(self, payload: Payload) -> AsyncIterator[None]:
        """Be the only one at a post for as long as several slow calls take; a worker that overslept is not.

        Raises UnconfirmedError when they take longer.
        """
        seconds = _CALLS * self._config.timeout
        async with self.memory.alone(f"at:{marker(payload.content_id)}", seconds=seconds):
            try:
                async with asyncio.timeout(seconds):
                    yield
            except TimeoutError:
                raise error_for(CameBack.TIMEOUT, Purpose.SEND_ONCE, f"{self.name}: too many slow calls") from None

    def _keeper(self, payload: Payload) -> Callable[[Mapping[str, Upload]], Awaitable[None]]:
        async def keep(uploads: Mapping[str, Upload]) -> None:
            known = await self._posts.recall(marker(payload.content_id))
            await self._remember(payload, known, uploads=uploads)

        return keep

    @property
    def _posts(self) -> Posts:
        return Posts(self.memory)

    async def _remember(self, payload: Payload, known: Remembered, **changes: Any) -> Remembered:
        key = payload.key or known.key or str(payload.content_id)
        return await self._posts.remember(payload.content_id, known, key=key, **changes)


#: `@[number:name]` in a text would become a mention of a stranger.
_MENTION: Final = re.compile(r"@(?=\[)")
_CUT_WORDS: Final = {"text": "nội dung", "summary": "tóm tắt", "hashtags": "thẻ hashtag", "title": "tiêu đề"}
_WITHOUT: Final = "without some of its pictures"
_NOT_SEEN: Final = (
    "Bài vừa gửi chưa hiện trong danh sách của trang Facebook; hệ thống chờ và kiểm tra lại rồi mới gửi tiếp."
)
_UNTOLD: Final = (
    "Facebook báo trang đã có bài đăng giống hệt, nhưng hệ thống không tìm thấy bài nào mang dấu của mình. Cần người"
    " xem trang Facebook và quyết định."
)


def _there(known: Remembered, remote_id: str) -> str:
    """The id under which a post is known to be there, or to have been; "" for none."""
    if known.step in (Step.GONE, Step.CREATING, Step.TWICE):
        return ""  # what the stage remembers is the post that was there before
    # The stage hands over the key of a story where it knows no id.
    return known.id or (remote_id if POST_ID.fullmatch(remote_id) else "")


def _attached(ids: Sequence[str]) -> dict[str, str]:
    """The pictures of a post as fields of its form; a post with pictures has no link beside its text."""
    return {f"attached_media[{number}]": orjson.dumps({"media_fbid": one}).decode() for number, one in enumerate(ids)}


def _now(http: "Http") -> float:
    return http.now().timestamp()
