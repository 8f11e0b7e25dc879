"""The page of one public item; a withdrawn one answers as its withdrawal says."""

from uuid import UUID

from aiohttp import web

from connectors.parse.url import web_url
from hub.store import publishing
from hub.web import pages
from hub.web.answers import FRESH, answer
from hub.web.site import SITE
from schemas.edition import Withdrawal, WithdrawalKind


async def item(request: web.Request) -> web.Response:
    """200 with the item, 301 to what replaces it, 410 with a reason, or 404 for what never was or shall vanish."""
    site = request.app[SITE]
    try:
        content_id = UUID(request.match_info["content_id"])
    except ValueError:
        raise web.HTTPNotFound from None
    found = await publishing.public_item(site.engine.store, content_id)
    match found.edition if found else None:
        case None | Withdrawal(kind=WithdrawalKind.VANISH):
            raise web.HTTPNotFound
        case Withdrawal() as gone:
            return _gone(request, gone)
        case edition:
            return answer(request, pages.item(site, edition), pages.HTML)


def _gone(request: web.Request, gone: Withdrawal) -> web.Response:
    # For minutes, not for ever as caches take a 301 or a 410: the board may publish it again.
    headers = {"Cache-Control": f"public, max-age={FRESH}"}
    if gone.kind is WithdrawalKind.REDIRECT and (address := web_url(gone.redirect_to)):
        return web.Response(status=301, headers=headers | {"Location": address})
    body = pages.gone(request.app[SITE], gone)
    return web.Response(status=410, body=body, headers=headers | {"Content-Type": pages.HTML})
