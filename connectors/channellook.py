"""Look for a message of a Telegram channel by forwarding candidates to another chat, where the bot may read them.

A bot cannot list what a channel shows, but `forwardMessage` answers with the message, and a channel numbers its
messages in order. So a message without an answer is among the numbers after the last one known when it was asked for.
The copies are deleted at once; the other chat is one that nobody but the operators is in.
"""

from collections.abc import Iterator, Mapping
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final

from connectors.botapi import BotApi
from connectors.errors import HubError, RejectedError
from connectors.presentation.link import markers_in

if TYPE_CHECKING:
    from connectors.http import Http

#: Numbers without a message, one after the other, behind which nothing is expected: deleted messages leave gaps.
GAP: Final = 10
#: Numbers that one look tries.
MOST: Final = 60


class ChannelLook:
    """Finds messages of one channel by the marker in their link."""

    def __init__(self, api: BotApi, chat: str, look_chat: str) -> None:
        self._api, self._chat, self._look_chat = api, chat, look_chat

    async def search(self, http: "Http", mark: str, after: int, last: int) -> str | None:
        """The number of the first message with a marker after `after`; "" when there is none, None if nobody can tell.

        `last` is the highest number known: gaps before it mean nothing.
        """
        if not after:
            return None
        gap = 0
        for number in range(after + 1, after + 1 + MOST):
            try:
                message = await self._forwarded(http, number)
            except RejectedError as error:
                if error.code != "telegram_gone":
                    return None  # the channel protects its content
                gap = gap + 1 if number > last else 0
                if gap >= GAP:
                    return ""
                continue
            gap = 0
            if mark in markers_in(*_texts(message)):
                return str(number)
        return None

    async def _forwarded(self, http: "Http", number: int) -> Mapping[str, Any]:
        fields = {
            "chat_id": self._look_chat, "from_chat_id": self._chat, "message_id": number, "disable_notification": True,
        }  # fmt: skip
        copy = await self._api.call(http, "forwardMessage", fields, reads=True)
        copy = copy if isinstance(copy, dict) else {}
        with suppress(HubError):  # a copy that stays harms nobody
            gone = {"chat_id": self._look_chat, "message_id": copy.get("message_id")}
            await self._api.call(http, "deleteMessage", gone, reads=True)
        return copy


def _texts(message: Mapping[str, Any]) -> Iterator[str]:
    for text, marks in (("text", "entities"), ("caption", "caption_entities")):
        if isinstance(message.get(text), str):
            yield message[text]
        entities = message.get(marks)
        for entity in entities if isinstance(entities, list) else ():
            if isinstance(entity, dict) and isinstance(entity.get("url"), str):
                yield entity["url"]
