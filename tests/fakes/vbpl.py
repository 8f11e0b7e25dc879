"""A SOAP read service of legal documents: knows some numbers, breaks on others, and notes what it was asked."""

from dataclasses import dataclass, field
from time import monotonic
from xml.sax.saxutils import escape

from aiohttp import web
from lxml import etree

from tests.fakes.server import FakeServer

_ENVELOPE = (
    '<?xml version="1.0" encoding="utf-8"?><soap:Envelope xmlns:soap="http://schemas.xmlsoap.org/soap/envelope/">'
    "<soap:Body>{}</soap:Body></soap:Envelope>"
)
_FAULT = "<soap:Fault><faultcode>soap:Server</faultcode><faultstring>loi</faultstring></soap:Fault>"


@dataclass(frozen=True, slots=True)
class Question:
    """What was asked."""

    operation: str
    parameters: dict[str, str]
    action: str
    at: float = field(default_factory=monotonic)


class FakeVbpl(FakeServer):
    """The service at `/vbqppl.asmx`."""

    def __init__(self) -> None:
        super().__init__()
        self.documents: dict[str, dict[str, str]] = {}  #: fields by number
        self.broken: set[str] = set()  #: numbers that are answered with a fault and status 500
        self.page = ""  #: an HTML page in place of every answer
        self.asked: list[Question] = []
        self.app.router.add_post("/vbqppl.asmx", self._answer)

    @property
    def url(self) -> str:
        """Address of the service."""
        return f"{self.origin}/vbqppl.asmx"

    async def _answer(self, request: web.Request) -> web.Response:
        question = etree.fromstring(await request.read())[0][0]
        said = {etree.QName(one).localname: one.text or "" for one in question}
        operation = etree.QName(question).localname
        self.asked.append(Question(operation, said, request.headers.get("SOAPAction", "")))
        if self.page:
            return web.Response(text=self.page, content_type="text/html")
        number = said.get("ItemID", "")
        if number in self.broken:
            return web.Response(status=500, text=_ENVELOPE.format(_FAULT), content_type="text/xml")
        fields = "".join(f"<{name}>{escape(text)}</{name}>" for name, text in self.documents.get(number, {}).items())
        result = f"<{operation}Result>{fields}</{operation}Result>" if fields else ""
        inner = f'<{operation}Response xmlns="http://tempuri.org/">{result}</{operation}Response>'
        return web.Response(text=_ENVELOPE.format(inner), content_type="text/xml")
