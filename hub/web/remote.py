"""Where a request comes from: what is counted per address, and what a session remembers."""

from aiohttp import web

from hub.web.site import SITE


def address_of(request: web.Request) -> str:
    """The address of who asks; behind one of our proxies the one that it names (`[console] trusted_proxies`)."""
    forwarded = ",".join(request.headers.getall("X-Forwarded-For", ()))
    return request.app[SITE].engine.conditions.address(request.remote or "", forwarded)
