"""What can be done with the articles of a Zalo Official Account: make, change, remove, list, tell followers of."""

import asyncio
import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

from connectors.base import Memory
from connectors.errors import RejectedError, ThrottledError, TransientError, UnconfirmedError
from connectors.outcomes import CameBack, Purpose, error_for
from connectors.presentation.link import markers_in
from connectors.zaloapi import ZaloApi
from connectors.zaloarticles import texts_of

if TYPE_CHECKING:
    from connectors.http import Http

#: Articles that one page of the list holds: Zalo takes no more. Pages that a search reads.
PAGE, PAGES = 10, 5
ARTICLE_ID: Final = re.compile(r"[0-9a-z]{8,64}")


class Account:
    """The articles of one account. Each call raises by zalo.toml."""

    def __init__(self, name: str, api: ZaloApi, memory: Memory, *, poll: float, patience: float) -> None:
        """`poll` seconds lie between two questions whether Zalo is done, `patience` is how long they are asked."""
        self._name, self._api, self._memory = name, api, memory
        self._poll, self._patience = poll, patience

    async def begin(self, http: "Http", fields: Mapping[str, Any]) -> str:
        """Have Zalo make an article, or change the one whose `id` is among the fields; gives the token of that."""
        path = "v2.0/article/update" if "id" in fields else "v2.0/article/create"
        token = (await self._api.post(http, self._memory, path, fields)).get("token")
        if not isinstance(token, str) or not token:
            raise error_for(CameBack.UNREADABLE, Purpose.SEND_ONCE, f"{self._name}: taken without a token")
        return token

    async def done(self, http: "Http", token: str) -> str:
        """The id of what was begun, as soon as Zalo is done. Raises UnconfirmedError when that takes too long."""
        clock = asyncio.get_running_loop().time
        end = clock() + self._patience
        while True:
            try:
                return await self.verified(http, token)
            except ThrottledError:
                raise
            except TransientError as error:
                if error.code != "zalo_processing" or clock() + self._poll > end:
                    raise UnconfirmedError(
                        str(error), code=error.code, fault=error.fault, sentence=error.sentence
                    ) from None  # fmt: skip
            await asyncio.sleep(self._poll)

    async def verified(self, http: "Http", token: str) -> str:
        """The id of what was begun. Raises TransientError `zalo_processing` before Zalo is done."""
        data = await self._api.post(http, self._memory, "v2.0/article/verify", {"token": token}, reads=True)
        id = data.get("id") or data.get("article_id")
        if not isinstance(id, str) or not ARTICLE_ID.fullmatch(id):
            raise error_for(CameBack.UNREADABLE, Purpose.READ, f"{self._name}: verified without an id")
        return id

    async def remove(self, http: "Http", id: str) -> bool:
        """Take an article away; False when there was none."""
        try:
            await self._api.post(http, self._memory, "v2.0/article/remove", {"id": id})
        except RejectedError:
            if await self.detail(http, id) is not None:
                raise
            return False
        return True

    async def detail(self, http: "Http", id: str) -> Mapping[str, Any] | None:
        """An article; None when there is none of this id."""
        try:
            return await self._api.get(http, self._memory, "v2.0/article/getdetail", [("id", id)])
        except RejectedError as error:
            if error.code != "zalo_parameter":
                raise
            return None

    async def listed(self, http: "Http", offset: int) -> tuple[Sequence[Mapping[str, Any]], bool]:
        """A page of the articles, newest first, and whether there are more."""
        query = [("offset", str(offset)), ("limit", str(PAGE)), ("type", "normal")]
        data = await self._api.get(http, self._memory, "v2.0/article/getslice", query)
        medias, total = data.get("medias"), data.get("total")
        if not isinstance(medias, list):
            raise error_for(CameBack.UNREADABLE, Purpose.READ, f"{self._name}: a list without articles")
        listed = [one for one in medias if isinstance(one, dict) and ARTICLE_ID.fullmatch(str(one.get("id")))]
        return listed, len(medias) == PAGE and not (isinstance(total, int) and offset + PAGE >= total)

    async def search(self, http: "Http", mark: str, title: str = "") -> str:
        """The id of an article with a marker among the newest, hidden ones too; "" when there is none.

        A title that is known saves calls: only articles of that title are read.
        """
        for number in range(PAGES):
            listed, more = await self.listed(http, number * PAGE)
            for one in listed:
                if title and " ".join(str(one.get("title", "")).split()) != " ".join(title.split()):
                    continue
                detail = await self.detail(http, one["id"])
                if detail is not None and mark in markers_in(*texts_of(detail)):
                    return str(one["id"])
            if not more:
                break
        return ""

    async def tell(self, http: "Http", id: str) -> None:
        """Send an article to everybody who follows the account."""
        element = {"media_type": "article", "attachment_id": id}
        attachment = {"type": "template", "payload": {"template_type": "media", "elements": [element]}}
        fields = {"recipient": {"target": {"gender": "0"}}, "message": {"attachment": attachment}}
        await self._api.post(http, self._memory, "v2.0/oa/message", fields)
