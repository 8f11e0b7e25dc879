"""The page of a public item, and the files it can be had as; a withdrawn one answers as its withdrawal says."""

import asyncio
from uuid import UUID

from aiohttp import web

from connectors.parse.url import web_url
from hub.gate import outgoing
from hub.sheets.downloads import FORMS, stem
from hub.store import publishing
from hub.web import pages
from hub.web.answers import FRESH, answer
from hub.web.site import SITE
from schemas.edition import PublishedItem, Withdrawal, WithdrawalKind

#: Files that are made at once in this process; more wait, so that pages are not slow for them.
AT_ONCE = 2

MAKING = web.AppKey("making", asyncio.Semaphore)


async def item(request: web.Request) -> web.Response:
    """200 with the item, 301 to what replaces it, 410 with a reason, or 404 for what never was or shall vanish."""
    edition = await _edition(request)
    if isinstance(edition, Withdrawal):
        return _gone(request, edition)
    return answer(request, pages.item(request.app[SITE], edition), pages.HTML)


async def download(request: web.Request) -> web.Response:
    """The item as a file; 404 for a kind of file that it has not, and what its page answers where it is gone."""
    edition = await _edition(request)
    if isinstance(edition, Withdrawal):
        return _gone(request, edition)
    shown, ending = outgoing(edition), request.match_info["format"]
    form = FORMS[ending]
    if not form.suits(shown):
        raise web.HTTPNotFound
    async with request.app[MAKING]:
        body = await asyncio.to_thread(form.make, shown, request.app[SITE].engine.zone)
    response = answer(request, body, form.content_type, packed=form.packed)
    response.headers["Content-Disposition"] = f'attachment; filename="{stem(shown)}.{ending}"'
    return response


async def _edition(request: web.Request) -> PublishedItem | Withdrawal:
    """What the public sees now."""
    try:
        content_id = UUID(request.match_info["content_id"])
    except ValueError:
        raise web.HTTPNotFound from None
    found = await publishing.public_item(request.app[SITE].engine.store, content_id)
    match found.edition if found else None:
        case None | Withdrawal(kind=WithdrawalKind.VANISH):
            raise web.HTTPNotFound
        case edition:
            return edition


def _gone(request: web.Request, gone: Withdrawal) -> web.Response:
    # For minutes, not for ever as caches take a 301 or a 410: the board may publish it again.
    headers = {"Cache-Control": f"public, max-age={FRESH}"}
    if gone.kind is WithdrawalKind.REDIRECT and (address := web_url(gone.redirect_to)):
        return web.Response(status=301, headers=headers | {"Location": address})
    body = pages.gone(request.app[SITE], gone)
    return web.Response(status=410, body=body, headers=headers | {"Content-Type": pages.HTML})
