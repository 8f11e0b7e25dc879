"""What the API is: its document for programs, and the same as a page for people."""

from aiohttp import web

from hub.web.answers import answer
from hub.web.api import openapi, reference
from hub.web.api.operation import Call, Said, Text, read
from hub.web.api.values import Nothing


async def openapi_document(call: Call[Nothing, Nothing, None]) -> Said:
    """OpenAPI 3.1, made of the code that answers."""
    return Said(value=openapi.written())


async def reference_page(call: Call[Nothing, Nothing, None]) -> web.StreamResponse:
    """The same for people."""
    return answer(call.request, reference.page(call.site), "text/html; charset=utf-8")


ROUTES = (
    read("/openapi.json", openapi_document, at=Nothing, query=Nothing, tag="about", summary="This document",
         answers={200: Text("application/json", "an OpenAPI 3.1 document")}),
    read("/", reference_page, at=Nothing, query=Nothing, tag="about", summary="This document for people",
         answers={200: Text("text/html", "a page")}),
)  # fmt: skip
