"""A Zalo Official Account: tokens good for one use, articles made in the background, answers of 200 with an error.

Calls, names and limits are those that developers and portals report of the real one; what it does with a call it does
when the call comes, or, where `slow` says so, only after that many questions.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from aiohttp import web

from connectors.presentation.link import markers_in
from tests.fakes.server import FakeServer, Fault

APP_ID = "3141592653589793238"
FIRST_REFRESH = "refresh-dau-tien"

_VIETNAM = ZoneInfo("Asia/Ho_Chi_Minh")
_CALLS = ("create", "update", "remove", "verify", "getdetail", "getslice", "message")


class Refused(Exception):
    """An answer with an error code."""

    def __init__(self, code: int, message: str = "refused") -> None:
        super().__init__(message)
        self.code = code


@dataclass(slots=True)
class Job:
    """A call that is worked on in the background."""

    fields: dict[str, Any]
    left: int  #: questions that are answered with -214 before it is done
    id: str = ""
    error: int = 0


@dataclass(slots=True)
class Shown:
    """An article."""

    id: str
    fields: dict[str, Any]
    number: int


class ZaloAccount(FakeServer):
    """One account, its followers and its app."""

    def __init__(
        self, secret: str, now: Callable[[], datetime], faults_at: tuple[str, ...] = ("create", "update", "remove")
    ) -> None:
        super().__init__()
        self.weather: Callable[[], Fault | None] = lambda: None  #: faults of calls for which none was ordered
        self.underway = 0  #: calls that are being answered
        self.secret, self.now, self.faults_at = secret, now, faults_at
        self.articles: dict[str, Shown] = {}
        self.jobs: dict[str, Job] = {}
        self.slow = 0
        self.unloadable: set[str] = set()  #: pictures that cannot be loaded
        self.refuse: dict[str, int] = {}  #: error codes by call
        self.calls: list[str] = []
        self.told: list[str] = []  #: articles that followers were told of
        self.refresh = FIRST_REFRESH
        self.access: dict[str, datetime] = {}  #: until when they are good
        self.renewals = 0
        self.spent_again = 0  #: renewals with a refresh token that was used before
        self.effects: list[tuple[str, Shown]] = []  #: what followers came to see, or no longer see
        self._number = 0
        self.app.router.add_post("/v4/oa/access_token", self._renewed)
        self.app.router.add_route("*", "/v2.0/{group}/{call}", self._called)

    # ------------------------------------------------------------------------------------------------ for tests

    def visible(self) -> list[Shown]:
        """What followers see, oldest first."""
        return [one for one in self.articles.values() if one.fields["status"] == "show"]

    def end_tokens(self) -> None:
        """Every access token ends now."""
        self.access = dict.fromkeys(self.access, self.now())

    def by_hand(self, title: str = "Thư ngỏ", **fields: Any) -> Shown:
        """Somebody makes an article in the management page of the account."""
        whole = {"title": title, "description": title, "body": [{"type": "text", "content": title}], "status": "show"}
        return self._keep(whole | fields)

    # ------------------------------------------------------------------------------------------------- requests

    async def _renewed(self, request: web.Request) -> web.StreamResponse:
        form = await request.post()
        if request.headers.get("secret_key") != self.secret or form.get("app_id") != APP_ID:
            answer = {"error": -14004, "error_name": "Invalid app", "error_description": self.secret}
        elif form.get("grant_type") != "refresh_token" or form.get("refresh_token") != self.refresh:
            self.spent_again += 1
            answer = {"error": -14014, "error_name": "Invalid refresh token"}
        else:
            self.renewals += 1
            token, self.refresh = f"access-{self.renewals}", f"refresh-{self.renewals}"
            self.access[token] = self.now() + timedelta(seconds=90_000)
            answer = {"access_token": token, "refresh_token": self.refresh, "expires_in": "90000"}
        fault = self.next_fault() if "renewal" in self.faults_at else None
        done = web.json_response(answer)
        return await self.strike(request, fault, done) if fault else done

    async def _called(self, request: web.Request) -> web.StreamResponse:
        self.underway += 1
        try:
            return await self._handled(request)
        finally:
            self.underway -= 1

    async def _handled(self, request: web.Request) -> web.StreamResponse:
        call = request.match_info["call"]
        self.calls.append(call)
        fields = await request.json() if request.method == "POST" else dict(request.query)
        fault = (self.next_fault() or self.weather()) if call in self.faults_at else None
        if fault is None:
            return self._answer(request, call, fields)
        if fault.wait is not None:
            await fault.wait.wait()
        committed = fault.committed or fault.wait is not None
        answer = self._answer(request, call, fields) if committed else web.json_response({})
        return await self.strike(request, fault, answer)

    def _answer(self, request: web.Request, call: str, fields: dict[str, Any]) -> web.Response:
        try:
            until = self.access.get(request.headers.get("access_token", ""))
            if until is None:
                raise Refused(-216, "Access token is invalid")
            if until <= self.now():
                raise Refused(-220, "Access token has expired")
            if call in self.refuse:
                raise Refused(self.refuse[call])
            if call not in _CALLS:
                raise Refused(-209, "API is not support")
            return web.json_response({"error": 0, "message": "Success", "data": getattr(self, f"_{call}")(fields)})
        except Refused as refused:
            return web.json_response({"error": refused.code, "message": str(refused), "data": None})

    # -------------------------------------------------------------------------------------------------- calls

    def _create(self, fields: dict[str, Any]) -> dict[str, str]:
        _check(fields)
        return self._begin(fields)

    def _update(self, fields: dict[str, Any]) -> dict[str, str]:
        _check(fields)
        if fields.get("id") not in self.articles:
            raise Refused(-201, "id is invalid")
        return self._begin(fields)

    def _begin(self, fields: dict[str, Any]) -> dict[str, str]:
        token = f"token-{len(self.jobs) + 1}"
        job = self.jobs[token] = Job(fields, self.slow)
        if not job.left:
            self._finish(job)
        return {"token": token}

    def _verify(self, fields: dict[str, Any]) -> dict[str, str]:
        job = self.jobs.get(fields.get("token", ""))
        if job is None:
            raise Refused(-201, "token is invalid")
        if job.left > 0:
            job.left -= 1
            if not job.left:
                self._finish(job)
            raise Refused(-214, "Media is being processed")
        if job.error:
            raise Refused(job.error, "Upload media failed")
        return {"id": job.id}

    def _finish(self, job: Job) -> None:
        pictures = {one.get("url") for one in job.fields["body"]} | {job.fields["cover"]["photo_url"]}
        if pictures & self.unloadable:
            job.error = -200
            return
        if "id" in job.fields:
            kept = self.articles.get(job.fields["id"])
            if kept is None:
                job.error = -201
                return
            kept.fields = job.fields
        else:
            kept = self._keep(job.fields)
        job.id = kept.id
        if job.fields["status"] == "show":
            self.effects.append(("put", replace(kept)))

    def _keep(self, fields: dict[str, Any]) -> Shown:
        self._number += 1
        made = Shown(f"{self._number:016x}a45424", fields, self._number)
        self.articles[made.id] = made
        return made

    def _remove(self, fields: dict[str, Any]) -> None:
        gone = self.articles.pop(fields.get("id", ""), None)
        if gone is None:
            raise Refused(-201, "id is invalid")
        if gone.fields["status"] == "show":
            self.effects.append(("delete", gone))

    def _getdetail(self, fields: dict[str, Any]) -> dict[str, Any]:
        found = self.articles.get(fields.get("id", ""))
        if found is None:
            raise Refused(-201, "id is invalid")
        return {"id": found.id, "type": "normal", "cite": "", **found.fields}

    def _getslice(self, fields: dict[str, Any]) -> dict[str, Any]:
        offset, limit = int(fields.get("offset", 0)), int(fields.get("limit", 10))
        if limit > 10:
            raise Refused(-201, "maximum limit is 10")
        if fields.get("type") not in ("normal", "video"):
            raise Refused(-201, "type accept only 2 value normal and video.")
        newest = sorted(self.articles.values(), key=lambda one: -one.number)
        medias = [
            {"id": one.id, "type": "normal", "title": one.fields["title"], "status": one.fields["status"]}
            for one in newest[offset : offset + limit]
        ]
        return {"medias": medias, "total": len(newest)}

    def _message(self, fields: dict[str, Any]) -> dict[str, str]:
        hour = self.now().astimezone(_VIETNAM).hour
        if hour >= 22 or hour < 6:
            raise Refused(-234, "not in the night")
        [element] = fields["message"]["attachment"]["payload"]["elements"]
        if element["media_type"] != "article" or not fields["recipient"]["target"]:
            raise Refused(-201)
        self.told.append(element["attachment_id"])
        return {"message_id": "m1"}


def marks_of(article: Shown) -> frozenset[str]:
    """Whose article it is."""
    return markers_in(*(one.get("content", "") for one in article.fields["body"]))


def _check(fields: dict[str, Any]) -> None:
    cover, body = fields.get("cover"), fields.get("body")
    if not isinstance(cover, dict) or not str(cover.get("photo_url", "")).startswith("http"):
        raise Refused(-201, "cover value is invalid")
    for name, most in (("title", 150), ("description", 300), ("author", 50)):
        if not 0 < len(fields.get(name, "")) < most:  # a text of just that length is refused
            raise Refused(-201, f"{name} allow 1 to {most} characters")
    if not body or any(one.get("type") not in ("text", "image") for one in body):
        raise Refused(-201, "body is invalid")
    if any(not one.get("content") and not one.get("url") for one in body):
        raise Refused(-201, "body is invalid")
    if fields.get("status") not in ("show", "hide") or fields.get("comment") not in ("show", "hide"):
        raise Refused(-201, "status is invalid")
