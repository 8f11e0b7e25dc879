"""A repository that speaks OAI-PMH: parts with tokens that expire, days or seconds, deletions."""

from datetime import UTC, datetime
from typing import Any
from xml.sax.saxutils import escape

from aiohttp import web

from tests.fakes.server import FakeServer

XML = "text/xml"


class Repository(FakeServer):
    """Records by identifier with the date of their last change; `size` of them in one part."""

    def __init__(self, now: Any, size: int = 3) -> None:
        super().__init__()
        self.now = now
        self.size = size
        self.granularity = "YYYY-MM-DDThh:mm:ssZ"
        self.records: dict[str, datetime] = {}
        self.deleted: set[str] = set()
        self.asked: list[dict[str, str]] = []
        self.tokens_expire = False
        self.expired_as_400 = False
        self.endless = ""  #: "same": one token for ever; "new": always another one
        self.app.router.add_get("/oai", self._answer)

    @property
    def url(self) -> str:
        return f"{self.origin}/oai"

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        query = dict(request.query)
        self.asked.append(query)
        if (fault := self.next_fault()) is not None:
            return await self.strike(request, fault, web.Response())
        if query["verb"] == "Identify":
            return self._document(f"<Identify><granularity>{self.granularity}</granularity></Identify>")
        token = query.get("resumptionToken", "")
        if token and len(query) > 2:
            return self._document('<error code="badArgument">resumptionToken is exclusive</error>')
        if token and self.tokens_expire:
            if self.expired_as_400:
                return web.Response(status=400, text="Bad Request")
            return self._document('<error code="badResumptionToken"/>')
        since, until, start = token.split("|") if token else (query.get("from", ""), query.get("until", ""), "0")
        shown = [one for one, at in sorted(self.records.items()) if self._within(at, since, until)]
        part = shown[int(start) : int(start) + self.size]
        if not shown:
            return self._document('<error code="noRecordsMatch">nothing</error>')
        following = int(start) + self.size
        tail = f"{since}|{until}|{following}" if following < len(shown) else ""
        if self.endless:
            place = self.size if self.endless == "same" else len(self.asked) % 2 * self.size
            tail = f"{since}|{until}|{place}"
        mark = f"<resumptionToken>{escape(tail)}</resumptionToken>"
        return self._document(f"<ListRecords>{''.join(map(self._record, part))}{mark}</ListRecords>")

    def _within(self, at: datetime, since: str, until: str) -> bool:
        day, moment = f"{at:%Y-%m-%d}", f"{at:%Y-%m-%dT%H:%M:%SZ}"
        lower = not since or (moment if "T" in since else day) >= since
        return lower and (not until or (moment if "T" in until else day) <= until)

    def _record(self, identifier: str) -> str:
        at = f"{self.records[identifier].astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
        if identifier in self.deleted:
            return (
                f'<record><header status="deleted"><identifier>{identifier}</identifier>'
                f"<datestamp>{at}</datestamp></header></record>"
            )
        return (
            f"<record><header><identifier>{identifier}</identifier><datestamp>{at}</datestamp></header><metadata>"
            f'<oai_dc:dc xmlns:oai_dc="http://www.openarchives.org/OAI/2.0/oai_dc/" '
            f'xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:title>Sách {identifier}</dc:title></oai_dc:dc>'
            "</metadata></record>"
        )

    def _document(self, inside: str) -> web.Response:
        return web.Response(
            content_type=XML,
            text='<?xml version="1.0"?><OAI-PMH xmlns="http://www.openarchives.org/OAI/2.0/">'
            f"<responseDate>{self.now():%Y-%m-%dT%H:%M:%SZ}</responseDate><request/>{inside}</OAI-PMH>",
        )
