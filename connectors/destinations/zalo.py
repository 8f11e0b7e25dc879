"""A Zalo Official Account: one article for each story, made hidden, then shown; edited and removed with its item.

  make     POST article/create  status=hide ─> token     nobody sees it; the token is remembered
  ask      POST article/verify  token ─> id              until Zalo is done, or `timeout`; then by the next look
  show     POST article/update  status=show ─> token     the same however often: a lost answer is simply asked again
  remove   POST article/remove  id                       no such article: done
  look     GET  article/getslice, article/getdetail      ours are known by the link in their last block
  tell     POST oa/message                               followers are told once, where the settings say so

The API takes no idempotency key. After a lost answer the newest articles are searched for our marker; one that is not
found was at worst left hidden.
"""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import asdict
from datetime import datetime
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
from connectors.errors import Fault, HubError, RejectedError, UnconfirmedError
from connectors.fields import Allowances, HeaderSecret, Seconds, SecondsOrNone, WebAddress
from connectors.outcomes import CameBack, Purpose, error_for
from connectors.parse.text import clean_text, cut
from connectors.presentation.link import SOURCE, LinkRule, link_of, marker, markers_in
from connectors.presentation.picture import pictures
from connectors.presentation.post import values_of
from connectors.presentation.story import story_key
from connectors.presentation.template import HtmlTemplate, template_of
from connectors.presentation.text import fit
from connectors.zaloaccount import ARTICLE_ID, PAGE, Account
from connectors.zaloapi import ZaloApi, is_night
from connectors.zaloarticles import (
    AUTHOR_LIMIT,
    DESCRIPTION_LIMIT,
    NOTHING,
    TITLE_LIMIT,
    Article,
    Articles,
    Remembered,
    Step,
    Told,
    article_of,
    blocks_of,
    texts_of,
)
from connectors.zalotoken import Tokens, ends
from schemas.edition import PublishedItem, Withdrawal
from schemas.item import TITLE_LIMIT as ITEM_TITLE_LIMIT
from schemas.item import Kind

if TYPE_CHECKING:
    from connectors.http import Http

#: Slow calls that one delivery may make.
_CALLS: Final = 4


class Config(ConnectorConfig):
    """Keys of a Zalo Official Account in settings.toml."""

    app_id: str = Field(pattern=r"^[0-9]{1,32}$")  #: number of the app at developers.zalo.me
    app_secret: HeaderSecret  #: its secret key
    refresh_token: HeaderSecret  #: the first one; those that follow are remembered by the hub
    cover: WebAddress  #: picture of articles that have none, at most 1 MB: Zalo takes no article without
    link: LinkRule = SOURCE  #: where the last line of an article leads
    templates: Mapping[Kind, HtmlTemplate] = Field(
        default_factory=dict
    )  #: bodies by kind, in place of the shipped ones
    pictures: int = Field(default=5, ge=0, le=20)  #: pictures of an article
    comments: bool = False  #: readers may comment
    broadcast: bool = False  #: followers are told of each new article once, but not between 22:00 and 06:00
    one_per_story: bool = True  #: of several members that publish one story, the first is posted
    base_url: WebAddress = "https://openapi.zalo.me"  #: of the API
    oauth_url: WebAddress = "https://oauth.zaloapp.com/v4/oa/access_token"  #: where tokens are renewed
    poll: Seconds = 2.0  #: pause between two questions whether Zalo is done
    settling: SecondsOrNone = 60.0  #: seconds after which a request thought dead has landed
    timeout: Seconds = 30.0  #: seconds for one call, and for Zalo to make an article
    allow_private: Allowances = frozenset()


class Connector:
    """A Zalo Official Account as a destination."""

    repeatable = False
    brake = 10
    by_hand = False
    memory: Memory

    def __init__(self, name: str, config: Config) -> None:
        self.name = name
        self.settling = config.settling
        self._config = config
        tokens = Tokens(
            name, url=config.oauth_url, app_id=config.app_id, app_secret=config.app_secret, first=config.refresh_token,
            timeout=config.timeout, allow=config.allow_private,
        )  # fmt: skip
        self._api = ZaloApi(
            name, tokens, base_url=config.base_url, timeout=config.timeout, allow=config.allow_private
        )  # fmt: skip

    async def expires(self) -> datetime | None:
        """When the refresh token ends unless it is used before, and with it our access; None before its first use."""
        return await ends(self.memory)

    # ------------------------------------------------------------------------------------------------ presenting

    def present(self, edition: PublishedItem | Withdrawal, *, last: PublishedItem | None = None) -> Payload:
        """The article; a withdrawal has no body."""
        if isinstance(edition, Withdrawal):
            return Payload(content_id=edition.content_id, revision=edition.revision, body=b"")
        config = self._config
        link = link_of(edition, config.link)
        values = values_of(edition, link=link, html=True)
        body = template_of(edition.kind, config.templates, html=True).render(values)
        chosen = [one.url for one in pictures(edition, config.pictures)]
        blocks, shortened = blocks_of(body, chosen[1:], link)
        title, described = values["title"], values["summary"] or values["title"]
        article = Article(
            title=fit(title, TITLE_LIMIT), description=fit(described, DESCRIPTION_LIMIT),
            author=fit(values["agency"], AUTHOR_LIMIT), link=link, blocks=blocks, picture="".join(chosen[:1]),
            cut=tuple(name for name, is_cut in (
                ("title", len(title) > TITLE_LIMIT), ("summary", len(described) > DESCRIPTION_LIMIT),
                ("text", shortened),
            ) if is_cut),
        )  # fmt: skip
        return Payload(
            content_id=edition.content_id, revision=edition.revision, body=orjson.dumps(asdict(article)),
            key=story_key(edition) if config.one_per_story else "", title=cut(clean_text(title), ITEM_TITLE_LIMIT),
        )  # fmt: skip

    def face(self, payload: Payload) -> Face:
        """The article as followers of the account see it."""
        article = article_of(payload)
        if article is None:
            return Face(notes=("Bài trên tài khoản Zalo sẽ bị xoá.",))
        notes = [f"Đã rút gọn {_CUT_WORDS[name]} cho vừa độ dài." for name in article.cut]
        if not article.picture:
            notes.append("Mục tin không có ảnh nên bài dùng ảnh đại diện mặc định.")
        texts = (
            article.title,
            article.author,
            article.description,
            *(one.get("content", "") for one in article.blocks),
        )
        images = (article.picture or self._config.cover, *(one["url"] for one in article.blocks if "url" in one))
        return Face(text="\n\n".join(text for text in texts if text), link=article.link, images=images, notes=notes)

    # ---------------------------------------------------------------------------------------------------- sending

    async def send(self, http: "Http", payload: Payload, *, key: str, remote_id: str = "") -> Receipt:
        """Bring the article of this item up to date, or make it. Nothing is made while Zalo is still at it."""
        article = article_of(payload)
        if article is None:
            raise RejectedError(f"{self.name}: nothing to send", code="zalo_parameter", fault=Fault.HUB)
        async with self._alone(payload):
            known = await self._settled(http, payload, await self._recall(payload), remote_id)
            if known.id:
                try:
                    return await self._show(http, payload, article, known)
                except RejectedError as error:
                    if error.code != "zalo_parameter" or await self._account.detail(http, known.id) is not None:
                        raise
            return await self._show(http, payload, article, await self._make(http, payload, article, known))

    async def _make(self, http: "Http", payload: Payload, article: Article, known: Remembered) -> Remembered:
        """A hidden article. Where Zalo cannot load its pictures it is made without."""
        fields = article.fields(self._config.cover, shown=False, comments=self._config.comments, bare=known.bare)
        known = await self._remember(payload, known, step=Step.CREATING, id="", token="", title=article.title)
        try:
            known = await self._remember(
                payload, known, step=Step.MAKING, token=await self._account.begin(http, fields)
            )  # fmt: skip
            id = await self._account.done(http, known.token)
        except UnconfirmedError:
            raise
        except HubError as error:
            if not known.token or isinstance(error, RejectedError):
                known = await self._remember(payload, known, step=Step.NOTHING, token="")  # nothing was made
            if error.code != "zalo_media" or known.bare:
                raise
            return await self._make(http, payload, article, await self._remember(payload, known, bare=True))
        return await self._remember(payload, known, step=Step.HIDDEN, id=id, token="")

    async def _show(self, http: "Http", payload: Payload, article: Article, before: Remembered) -> Receipt:
        """Give an article its text, and show it."""
        fields = article.fields(self._config.cover, shown=True, comments=self._config.comments, bare=before.bare)
        known = await self._remember(payload, before, step=Step.SHOWING, token="")
        try:
            token = await self._account.begin(http, fields | {"id": known.id})
            known = await self._remember(payload, known, token=token)
            await self._account.done(http, token)
        except UnconfirmedError:
            raise
        except HubError as error:
            if not known.token or isinstance(error, RejectedError):
                await self._remember(payload, before)  # nothing was changed
            else:
                error.begun = True  # Zalo took it, and shows the article when it has time
            if error.code != "zalo_media" or before.bare:
                raise
            return await self._show(http, payload, article, await self._remember(payload, before, bare=True))
        known = await self._remember(payload, known, step=Step.SHOWN, token="")
        notes = [_WITHOUT] if known.bare and article.has_pictures else []
        if self._config.broadcast and known.told is Told.NO:
            notes.append(await self._tell(http, payload, known))
        return Receipt(remote_id=known.id, revision=payload.revision, status=200, note=", ".join(notes))

    async def _tell(self, http: "Http", payload: Payload, known: Remembered) -> str:
        """Tell followers of a new article, at most once; whatever comes of it, the article is shown."""
        if is_night(http.now()):
            await self._remember(payload, known, told=Told.NOT)
            return "followers not told: night"
        known = await self._remember(payload, known, told=Told.ASKED)
        try:
            await self._account.tell(http, known.id)
        except UnconfirmedError:
            return "followers told, no answer"
        except HubError as error:
            await self._remember(payload, known, told=Told.NOT)
            return f"followers not told: {error.code}"
        await self._remember(payload, known, told=Told.SENT)
        return "followers told"

    # ------------------------------------------------------------------------------------------------ withdrawing

    async def withdraw(self, http: "Http", payload: Payload, *, key: str, remote_id: str = "") -> Receipt:
        """Remove the article, a hidden one too. Already gone is success."""
        async with self._alone(payload):
            known = await self._settled(http, payload, await self._recall(payload), remote_id)
            removed = await self._account.remove(http, known.id) if known.id else False
            if known != NOTHING:
                await self._remember(payload, known, step=Step.GONE, id="", token="")
            note = "" if removed else "already gone"
            return Receipt(remote_id=known.id, revision=payload.revision, status=200, note=note)

    # ---------------------------------------------------------------------------------------------------- looking

    async def find(self, http: "Http", payload: Payload, *, remote_id: str = "") -> Found | None:
        """What followers see of the item. A hidden article is nothing."""
        known = await self._settled(http, payload, await self._recall(payload), remote_id, lost=True)
        detail = await self._account.detail(http, known.id) if known.id else None
        if detail is None or detail.get("status") != "show":
            return None
        article = article_of(payload)
        same = article is not None and texts_of(detail) == article.texts()
        return Found(remote_id=known.id, revision=payload.revision if same else None)

    async def _settled(
        self, http: "Http", payload: Payload, known: Remembered, remote_id: str, *, lost: bool = False
    ) -> Remembered:
        """What is remembered, once what Zalo was asked for is certain. Raises TransientError while Zalo is at it."""
        if known.token:
            try:
                id = await self._account.verified(http, known.token)
            except RejectedError:  # it was refused: what was there before is there still
                step = Step.HIDDEN if known.id else Step.NOTHING
                return await self._remember(payload, known, step=step, token="")
            step = Step.SHOWN if known.step is Step.SHOWING else Step.HIDDEN
            return await self._remember(payload, known, step=step, id=id, token="")
        if known.step is Step.NOTHING and ARTICLE_ID.fullmatch(remote_id):
            return await self._remember(payload, known, step=Step.SHOWN, id=remote_id)
        # Where nothing is remembered the memory may have been lost.
        if known.step is Step.CREATING or (lost and known == NOTHING):
            id = await self._account.search(http, marker(payload.content_id), known.title)
            if id or known != NOTHING:
                return await self._remember(payload, known, step=Step.HIDDEN if id else Step.NOTHING, id=id)
        return known

    # ------------------------------------------------------------------------------------------------ reconciling

    async def holdings(self, http: "Http", cursor: Cursor) -> Holdings:
        """The articles of ours that followers see. Reading them daily keeps the refresh token alive too."""
        offset = int(cursor.get("offset", "0"))
        listed, more = await self._account.listed(http, offset)
        held = [one for media in listed if (one := await self._held(http, media)) is not None]
        return Holdings(held=held, more=more, cursor={"offset": str(offset + PAGE)} if more else {})

    async def _held(self, http: "Http", media: Mapping[str, Any]) -> Holding | None:
        detail = await self._account.detail(http, media["id"]) if media.get("status") == "show" else None
        texts = texts_of(detail) if detail is not None else ()
        known = [await self._articles.recall(mark) for mark in sorted(markers_in(*texts))]
        if not known:
            return None
        # A second article with our marker has the id of its own, and is nobody's.
        key = next((one.key for one in known if one.id == media["id"] and one.key), media["id"])
        title = cut(clean_text(str(media.get("title", ""))), ITEM_TITLE_LIMIT)
        return Holding(key=key, record={"id": media["id"], "texts": list(texts)}, title=title)

    def differences(self, item: PublishedItem, held: Holding) -> Sequence[Difference]:
        """Whether the article says what it should."""
        article = article_of(self.present(item))
        ours, theirs = "\n".join(article.texts() if article else ()), "\n".join(held.record["texts"])
        return () if ours == theirs else (Difference(field="summary", ours=cut(ours, 200), theirs=cut(theirs, 200)),)

    @asynccontextmanager
    async def _alone(self, payload: Payload) -> AsyncIterator[None]:
        """Be the only one at an article, for as long as a few slow calls take: a worker that overslept is stopped.

        Raises UnconfirmedError when they take longer.
        """
        seconds = _CALLS * self._config.timeout
        async with self.memory.alone(f"at:{marker(payload.content_id)}", seconds=seconds):
            try:
                async with asyncio.timeout(seconds):
                    yield
            except TimeoutError:
                raise error_for(CameBack.TIMEOUT, Purpose.SEND_ONCE, f"{self.name}: too many slow calls") from None

    @property
    def _account(self) -> Account:
        config = self._config
        return Account(self.name, self._api, self.memory, poll=config.poll, patience=config.timeout)

    @property
    def _articles(self) -> Articles:
        return Articles(self.memory)

    async def _recall(self, payload: Payload) -> Remembered:
        return await self._articles.recall(marker(payload.content_id))

    async def _remember(self, payload: Payload, known: Remembered, **changes: Any) -> Remembered:
        key = payload.key or known.key or str(payload.content_id)
        return await self._articles.remember(marker(payload.content_id), known, **{"key": key, **changes})


_CUT_WORDS: Final = {"title": "tiêu đề", "summary": "tóm tắt", "text": "nội dung"}
_WITHOUT: Final = "without its pictures"
