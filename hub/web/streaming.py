"""Files that are longer than memory: sent bit by bit, each made when the one before was taken.

the first bit is made    what fails until now is a page that says so, within the patience for any answer
headers, bit, bit …      what fails now ends the connection before the end was marked: the reader sees a broken file
the end is marked        the reader has all of it
"""

import asyncio
from collections.abc import AsyncGenerator, Mapping
from contextlib import aclosing
from typing import Final

import structlog
from aiohttp import hdrs, web

from connectors.errors import HubError
from hub.web.answers import transport_headers
from hub.web.connections import CONNECTIONS, throw_away
from hub.web.site import SITE

log = structlog.get_logger(__name__)

#: What gives up an answer that takes too long.
GIVEN_UP: Final = web.RequestKey("GIVEN_UP", asyncio.Timeout)
#: Seconds in which each further bit is made. How long a reader may take over it is hub/web/connections.py's.
PATIENCE: Final = 20.0


async def streamed(
    request: web.Request, bits: AsyncGenerator[bytes, None], headers: Mapping[str, str]
) -> web.StreamResponse:  # fmt: skip
    """An answer of unknown length. `headers` are all that it has, as nobody adds to what is sent already."""
    async with aclosing(bits):
        bit = await anext(bits, None)
        request[GIVEN_UP].reschedule(None)
        response = web.StreamResponse(headers={**headers, **transport_headers(request.app[SITE])})
        await response.prepare(request)
        try:
            while bit is not None and request.method != hdrs.METH_HEAD:
                await response.write(bit)
                request.config_dict[CONNECTIONS].taken(request.protocol)
                async with asyncio.timeout(PATIENCE):
                    bit = await anext(bits, None)
        except ConnectionError:  # the reader has gone
            pass
        except (HubError, TimeoutError) as error:
            log.warning("a file was ended in the middle", path=request.path, cause=repr(error))
            throw_away(request.transport)
        except Exception:
            throw_away(request.transport)
            raise
    return response
