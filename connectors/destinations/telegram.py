"""A Telegram channel: one message for each story, edited with its item, deleted or turned into a notice with it.

  post     sendMessage, sendPhoto                  a photo where all of the text fits a caption, else a link preview
  edit     editMessageText, editMessageCaption     the same however often: "not modified" is success
  delete   deleteMessage                           within 48 hours; later the message is edited to a notice
  look     forwardMessage                          to `look_chat`, where the settings name one

The Bot API takes no idempotency key, lists no messages and sends a bot no news of its own. So after a message without
an answer nothing is sent again before somebody has looked: the hub by itself through `look_chat`, else a person, who
is asked by the code `untold`, and says `hub posts confirm` (it is there) or `hub free` (it is not: send it again).
"""

import asyncio
import re
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import asdict, replace
from typing import TYPE_CHECKING, Annotated, Any, Final
from zoneinfo import ZoneInfo

import orjson
from pydantic import AfterValidator, Field, SecretStr

from connectors.base import Capture, ConnectorConfig, Face, Found, Memory, Payload, Receipt
from connectors.bodies import Limits
from connectors.botapi import BotApi, File
from connectors.channellook import ChannelLook
from connectors.channelposts import (
    CAPTION_LIMIT,
    TEXT_LIMIT,
    Message,
    Messages,
    Remembered,
    Step,
    Withdrawing,
    message_of,
)
from connectors.errors import Fault, HubError, RejectedError, UnconfirmedError
from connectors.fields import Allowances, HeaderSecret, Seconds, SecondsOrNone, WebAddress
from connectors.outcomes import CameBack, Purpose, error_for
from connectors.parse.text import clean_text, cut
from connectors.presentation.hashtags import HashtagRule, hashtags
from connectors.presentation.link import SOURCE, LinkRule, link_of, marker
from connectors.presentation.picture import Picture, PictureLimits, choose, sized
from connectors.presentation.post import values_of, write
from connectors.presentation.story import story_key
from connectors.presentation.template import TextTemplate, template_of
from connectors.presentation.text import Units, fit
from schemas.edition import PublishedItem, Withdrawal, WithdrawalKind
from schemas.item import TITLE_LIMIT, Kind

if TYPE_CHECKING:
    from connectors.http import Http

#: What Telegram takes as a photo: 10 MB, width and height 10,000 together, one at most 20 times the other.
PICTURES: Final = PictureLimits(bytes=5_000_000, longest=2_560, least_width=200, least_height=128)
_PICTURE_BYTES: Final = 20 * 1024 * 1024
#: Slow calls that one delivery may make.
_CALLS: Final = 4
_TOKEN: Final = re.compile(r"[0-9]{1,20}:[A-Za-z0-9_-]{16,128}")
#: A message_id, also at the end of its address: a person may have copied that (https://t.me/kenh/123).
_ID: Final = re.compile(r"(?:https://t\.me/(?:c/)?\w{1,64}/)?([1-9][0-9]{0,15})")
_VIETNAM: Final = ZoneInfo("Asia/Ho_Chi_Minh")


def _is_token(value: SecretStr) -> SecretStr:
    if not _TOKEN.fullmatch(value.get_secret_value()):
        raise ValueError("must be a token of BotFather, like 110201543:AA…")  # the value is never quoted
    return value


class Config(ConnectorConfig):
    """Keys of a Telegram channel in settings.toml."""

    chat: str = Field(pattern=r"^(@[A-Za-z]\w{3,31}|-100[0-9]{5,16})$")  #: the channel: `@name`, or its number
    token: Annotated[HeaderSecret, AfterValidator(_is_token)]  #: of the bot, which is an administrator of the channel
    base_url: WebAddress = "https://api.telegram.org"  #: of the Bot API, or of a server of one's own
    look_chat: str = Field(
        default="", pattern=r"^(-?[0-9]{1,20})?$"
    )  #: number of a chat of operators through which messages without an answer are looked for; empty: a person looks
    link: LinkRule = SOURCE  #: where messages lead
    templates: Mapping[Kind, TextTemplate] = Field(default_factory=dict)  #: texts by kind, in place of the shipped ones
    hashtags: HashtagRule = HashtagRule()  #: which hashtags messages have
    limit: int = Field(default=1_000, ge=300, le=TEXT_LIMIT)  #: longest text, in UTF-16 units
    photo: bool = True  #: a message has the picture of its item, where all of the text fits a caption
    preview: bool = True  #: a message without a picture shows a preview of its link
    silent: bool = False  #: messages make no sound
    one_per_story: bool = True  #: of several members that publish one story, the first is posted
    settling: SecondsOrNone = 60.0  #: seconds after which a request thought dead has landed
    timeout: Seconds = 30.0  #: seconds for one call
    allow_private: Allowances = frozenset()


class Connector:
    """A Telegram channel as a destination."""

    repeatable = False
    brake = 10
    memory: Memory

    def __init__(self, name: str, config: Config) -> None:
        self.name = name
        self.settling = config.settling
        self._config = config
        self._api = BotApi(
            name, base_url=config.base_url, token=config.token, timeout=config.timeout, allow=config.allow_private
        )
        self._look = ChannelLook(self._api, config.chat, config.look_chat) if config.look_chat else None

    # ------------------------------------------------------------------------------------------------ presenting

    def present(self, edition: PublishedItem | Withdrawal, *, last: PublishedItem | None = None) -> Payload:
        """The text, link and picture of the message; of a withdrawal the notice that may have to stay."""
        if isinstance(edition, Withdrawal):
            said, kept = _notice(edition), edition.kind in (WithdrawalKind.NOTICE, WithdrawalKind.REDIRECT)
            notice = Message(text=said, caption=said, withdrawal=Withdrawing.KEEP if kept else Withdrawing.DELETE)
            return Payload(
                content_id=edition.content_id, revision=edition.revision, body=orjson.dumps(asdict(notice))
            )  # fmt: skip
        config = self._config
        link = link_of(edition, config.link)
        values = values_of(edition, link=link, hashtags=hashtags(edition, config.hashtags))
        template = template_of(edition.kind, config.templates)
        text = write(template, values, config.limit, Units.UTF16)
        caption = write(template, values, min(config.limit, CAPTION_LIMIT), Units.UTF16)
        chosen = choose(edition) if config.photo and caption.text == text.text else None
        title = cut(clean_text(edition.title), TITLE_LIMIT)
        message = Message(
            text=text.text, caption=caption.text, title=title, link=link, cut=text.cut,
            picture=chosen.url if chosen else "", alt=chosen.alt if chosen else "",
        )  # fmt: skip
        return Payload(
            content_id=edition.content_id, revision=edition.revision, body=orjson.dumps(asdict(message)),
            key=story_key(edition) if config.one_per_story else "", title=title,
        )  # fmt: skip

    def face(self, payload: Payload) -> Face:
        """The message as readers of the channel see it."""
        message = message_of(payload)
        if message.withdrawal is Withdrawing.KEEP:
            return Face(text=message.text)
        if message.withdrawal is Withdrawing.DELETE:
            note = "Bài trên kênh được xoá; bài quá 48 giờ không xoá được, hệ thống sửa thành lời báo gỡ này."
            return Face(text=message.text, notes=(note,))
        notes = [f"Đã rút gọn {_CUT_WORDS.get(name, name)} cho vừa độ dài." for name in message.cut]
        if not message.picture and self._config.preview:
            notes.append("Ảnh xem trước do Telegram lấy từ trang mà bài dẫn tới.")
        images = (message.picture,) if message.picture else ()
        html = message.html(photo=bool(message.picture)).replace("\n", "<br>")
        return Face(text=message.text, link=message.link, images=images, alt=message.alt, html=html, notes=notes)

    # ---------------------------------------------------------------------------------------------------- sending

    async def send(self, http: "Http", payload: Payload, *, key: str, remote_id: str = "") -> Receipt:
        """Bring the message of this item up to date, or post it. Raises `untold` while nobody knows what is there."""
        message = message_of(payload)
        async with self._alone(payload):
            known = await self._certain(http, payload, await self._messages.recall(payload.content_id), remote_id)
            if known.id and known.step is not Step.GONE:
                try:
                    return await self._edit(http, payload, message, known, Step.SHOWN)
                except RejectedError as error:
                    if error.code != "telegram_gone":
                        raise
            return await self._post(http, payload, message, known)

    async def _edit(
        self, http: "Http", payload: Payload, message: Message, known: Remembered, step: Step, *, turned: bool = False
    ) -> Receipt:
        """Give a message another text; what is said to have the other form is edited in that form."""
        fields = {"chat_id": self._config.chat, "message_id": int(known.id), **self._text(message, photo=known.photo)}
        try:
            await self._api.call(http, f"editMessage{'Caption' if known.photo else 'Text'}", fields)
        except RejectedError as error:
            if error.code == "telegram_form" and not turned:
                other = await self._remember(payload, known, photo=not known.photo)
                return await self._edit(http, payload, message, other, step, turned=True)
            if error.code != "telegram_same":
                raise
        await self._remember(payload, known, step=step, digest=message.digest(photo=known.photo), asked=0)
        return Receipt(remote_id=known.id, revision=payload.revision, status=200)

    async def _post(self, http: "Http", payload: Payload, message: Message, known: Remembered) -> Receipt:
        picture = await self._picture(http, message)
        note = "without its picture" if message.picture and picture is None else ""
        while True:
            photo = picture is not None
            known = await self._remember(
                payload, known, step=Step.CREATING, id="", gone=known.id or known.gone, photo=photo, asked=0,
                digest=message.digest(photo=photo), after=await self._messages.last(),
            )  # fmt: skip
            fields = {
                "chat_id": self._config.chat,
                "disable_notification": self._config.silent,
                **self._text(message, photo=photo),
            }
            try:
                made = await self._api.call(http, "sendPhoto" if photo else "sendMessage", fields, picture)
                break
            except UnconfirmedError:
                raise
            except HubError as error:
                known = await self._remember(payload, known, step=Step.NOTHING)  # nothing happened
                if error.code != "telegram_picture" or picture is None:
                    raise
                picture, note = None, "without its picture"
        id = made.get("message_id") if isinstance(made, dict) else None
        if not isinstance(id, int):
            raise error_for(CameBack.UNREADABLE, Purpose.SEND_ONCE, f"{self.name}: posted without a message_id")
        await self._remember(payload, known, step=Step.SHOWN, id=str(id))
        await self._messages.seen(str(id))
        return Receipt(remote_id=str(id), revision=payload.revision, status=200, note=note)

    def _text(self, message: Message, *, photo: bool) -> dict[str, Any]:
        fields: dict[str, Any] = {"caption" if photo else "text": message.html(photo=photo), "parse_mode": "HTML"}
        if not photo:
            shown = self._config.preview and message.link
            fields["link_preview_options"] = {"url": message.link} if shown else {"is_disabled": True}
        return fields

    async def _picture(self, http: "Http", message: Message) -> File | None:
        """The picture of a message, ready to be uploaded; None when it has none, or it cannot be had."""
        if not message.picture:
            return None
        limits = Limits(wire=_PICTURE_BYTES, decoded=_PICTURE_BYTES, total=self._config.timeout)
        try:
            answer = await http.get(message.picture, limits=limits, accept="image/*;q=0.9, */*;q=0.1")
        except HubError:
            return None
        fitting = await sized(answer.body, PICTURES) if isinstance(answer, Capture) else None
        if not isinstance(fitting, Picture):
            return None
        ending = fitting.content_type.rpartition("/")[2]
        return File(part="photo", name=f"anh.{ending}", content_type=fitting.content_type, body=fitting.body)

    # ------------------------------------------------------------------------------------------------ withdrawing

    async def withdraw(self, http: "Http", payload: Payload, *, key: str, remote_id: str = "") -> Receipt:
        """Delete the message; where Telegram does not let us any more, turn it into a notice. Gone is success."""
        async with self._alone(payload):
            known = await self._certain(http, payload, await self._messages.recall(payload.content_id), remote_id)
            if not known.id or known.step is Step.GONE:
                return Receipt(remote_id=known.id, revision=payload.revision, note="already gone")
            return await self._take_back(http, payload, message_of(payload), known)

    async def _take_back(self, http: "Http", payload: Payload, message: Message, known: Remembered) -> Receipt:
        note = ""
        try:
            if message.withdrawal is Withdrawing.KEEP:
                return await self._edit(http, payload, message, known, Step.NOTICE)
            await self._api.call(http, "deleteMessage", {"chat_id": self._config.chat, "message_id": int(known.id)})
        except RejectedError as error:
            if error.code == "telegram_late":
                receipt = await self._edit(http, payload, message, known, Step.NOTICE)
                return replace(receipt, note="turned into a notice")
            if error.code != "telegram_gone":
                raise
            note = "already gone"
        await self._remember(payload, known, step=Step.GONE, asked=0)
        return Receipt(remote_id=known.id, revision=payload.revision, status=200, note=note)

    # ---------------------------------------------------------------------------------------------------- looking

    async def find(self, http: "Http", payload: Payload, *, remote_id: str = "") -> Found | None:
        """What is known of the message: the channel itself cannot be read. Raises `untold` where nothing is known."""
        known = await self._messages.recall(payload.content_id)
        known = await self._certain(http, payload, known, remote_id, asks_again=True)
        if not known.id or known.step is Step.GONE:
            return None
        same = known.digest == message_of(payload).digest(photo=known.photo)
        return Found(
            remote_id=known.id, revision=payload.revision if same else None, withdrawn=known.step is Step.NOTICE
        )

    async def _certain(
        self, http: "Http", payload: Payload, known: Remembered, remote_id: str, *, asks_again: bool = False
    ) -> Remembered:
        """What is remembered, once no posting is in doubt.

        A person frees what was asked about when it is not there, and the same revision is sent again. A newer one
        comes when that person said that it is there: under which id, nobody knows.
        """
        named = _ID.fullmatch(remote_id)
        if named and not known.id and named[1] != known.gone:
            return await self._remember(payload, known, step=Step.SHOWN, id=named[1])
        if known.step is not Step.CREATING or (known.asked == payload.revision and not asks_again):
            return known
        mark, last = marker(payload.content_id), await self._messages.last()
        found = await self._look.search(http, mark, known.after, last) if self._look else None
        if found is None:
            await self._remember(payload, known, asked=payload.revision)
            raise UnconfirmedError(f"{self.name}: a message without an answer cannot be looked for", code="untold",
                                   fault=Fault.MEMBER, sentence=_UNTOLD)  # fmt: skip
        if found:
            await self._messages.seen(found)
        return await self._remember(payload, known, step=Step.SHOWN if found else Step.NOTHING, id=found)

    @asynccontextmanager
    async def _alone(self, payload: Payload) -> AsyncIterator[None]:
        """Be the only one at a message, for as long as a few slow calls take: a worker that overslept is stopped.

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
    def _messages(self) -> Messages:
        return Messages(self.memory)

    async def _remember(self, payload: Payload, known: Remembered, **changes: Any) -> Remembered:
        return await self._messages.remember(payload.content_id, known, **changes)


def _notice(withdrawal: Withdrawal) -> str:
    """What stands where a message cannot be deleted: nothing of what it said."""
    day = withdrawal.at.astimezone(_VIETNAM).strftime("%d/%m/%Y")
    told = withdrawal.kind is not WithdrawalKind.VANISH
    reason = fit(clean_text(withdrawal.reason), 600, Units.UTF16) if told else ""
    lines = [f"Nội dung này đã được gỡ ngày {day}.", f"Lý do: {reason}" if reason else ""]
    if told and withdrawal.redirect_to and len(withdrawal.redirect_to) <= _LONGEST_ADDRESS:
        lines.append(f"Nội dung thay thế: {withdrawal.redirect_to}")
    return "\n".join(line for line in lines if line)


#: A longer address would not fit a caption beside its reason.
_LONGEST_ADDRESS: Final = 300
_CUT_WORDS: Final = {"text": "nội dung", "summary": "tóm tắt", "hashtags": "thẻ hashtag", "title": "tiêu đề"}
_UNTOLD: Final = (
    "Không rõ bài đã lên kênh Telegram hay chưa, và Telegram không cho hệ thống đọc lại kênh. Cần người mở kênh xem:"
    " bài đã đúng thì xác nhận (hub posts confirm); chưa có, hoặc còn bản cũ thì xoá bản cũ rồi cho gửi lại (hub free)."
)
