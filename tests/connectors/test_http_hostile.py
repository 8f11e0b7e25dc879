"""Sites that lie, hang, flood or lead astray: each ends as a named error, within its bounds."""

import asyncio
import gzip
import random
import ssl
import tracemalloc
import zlib
from collections.abc import Iterator
from pathlib import Path

import pytest
from aiohttp.abc import ResolveResult

from connectors.errors import Fault, HubError, RejectedError, TransientError
from connectors.http import Http, Limits
from tests.clock import Clock
from tests.connectors.conftest import AGENT
from tests.fakes.names import Names
from tests.fakes.site import Site

QUICK = Limits(total=0.3, idle=0.1)
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/rss+xml\r\n"


@pytest.fixture
def memory() -> Iterator[None]:
    """The test may not grow by more than 24 MiB: three times the largest body."""
    tracemalloc.start()
    yield
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 24 * 1024 * 1024


async def refused(http: Http, url: str, **more: object) -> HubError:
    with pytest.raises(HubError) as caught:
        await http.get(url, **more)  # type: ignore[arg-type]
    shown = caught.value.__cause__ or (None if caught.value.__suppress_context__ else caught.value.__context__)
    assert shown is None, "the cause would carry the address and what was received"
    return caught.value


@pytest.mark.usefixtures("memory")
async def test_a_bomb_is_dropped_while_it_is_small(http: Http, site: Site) -> None:
    packer = zlib.compressobj(9, wbits=31)
    bomb = b"".join(packer.compress(b" " * 1_000_000) for _ in range(120)) + packer.flush()
    assert len(bomb) < 200_000
    error = await refused(http, site.serve("/rss", bomb, headers={"Content-Encoding": "gzip"}))
    assert (type(error), error.code, error.fault) == (RejectedError, "bomb", Fault.MEMBER)


@pytest.mark.usefixtures("memory")
async def test_a_body_without_end_is_left_at_the_limit(http: Http, site: Site) -> None:
    error = await refused(http, site.serve("/rss", b"<item/>" * 10_000, endless=True))
    assert (type(error), error.code) == (RejectedError, "too_large")


async def test_a_body_announced_too_large_is_not_read(http: Http, site: Site) -> None:
    url = site.serve("/rss", raw=(HEAD + b"Content-Length: 999999999\r\n\r\n",), stall=True)
    assert (await refused(http, url)).code == "too_large"


async def test_a_gzip_head_without_end_counts_on_the_wire(http: Http, site: Site) -> None:
    head = b"\x1f\x8b\x08\x08\0\0\0\0\0\x03" + b"n" * 20_000  # a file name that never ends decodes to nothing
    url = site.serve("/rss", head, headers={"Content-Encoding": "gzip"})
    assert (await refused(http, url, limits=Limits(wire=10_000))).code == "too_large"
    assert (await refused(http, url)).code == "truncated"


async def test_a_body_that_is_too_large_once_decoded_is_dropped(http: Http, site: Site) -> None:
    body = gzip.compress(random.Random(7).randbytes(90_000).hex().encode())
    url = site.serve("/rss", body, headers={"Content-Encoding": "gzip"})
    assert (await refused(http, url, limits=Limits(decoded=179_999))).code == "too_large"
    await http.get(url, limits=Limits(decoded=180_000))


async def test_a_small_body_may_shrink_as_well_as_it_likes(http: Http, site: Site) -> None:
    body = gzip.compress(b"<rss>" + b" " * 200_000 + b"</rss>", 9)
    assert 200_000 / len(body) > 200
    await http.get(site.serve("/rss", body, headers={"Content-Encoding": "gzip"}))


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        (HEAD + b"Content-Length: 900\r\n\r\n<rss></rss>", "truncated"),
        (HEAD + b"Transfer-Encoding: chunked\r\n\r\n5\r\n<rss>\r\n", "truncated"),
        (HEAD + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n<rss>\r\n", "unreadable"),
        (HEAD + b"Content-Encoding: gzip\r\n\r\n" + gzip.compress(b"x" * 500, mtime=0)[:-6], "truncated"),
        (HEAD + b"Content-Encoding: zstd\r\nContent-Length: 4\r\n\r\n\x28\xb5\x2f\xfd", "truncated"),
        (HEAD + b"".join(b"X-%d: y\r\n" % n for n in range(70)) + b"Content-Length: 0\r\n\r\n", "unreadable"),
        (HEAD + b"X-Long: " + b"y" * 20_000 + b"\r\n\r\n", "unreadable"),
        (b"SSH-2.0-OpenSSH_9.2\r\n", "unreadable"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nabcdef", "unreadable"),
        (b"\r\n", "reset"),
    ],
)
async def test_an_answer_that_is_not_whole_http_is_never_a_capture(
    http: Http, site: Site, raw: bytes, code: str
) -> None:
    error = await refused(http, site.serve("/rss", raw=(raw,)))
    assert isinstance(error, TransientError)
    assert error.code == code


@pytest.mark.parametrize(
    "page",
    [
        {"stall": True},
        {"raw": (HEAD,), "stall": True},
        {"raw": tuple(bytes([letter]) for letter in HEAD), "stall": True},
    ],
)
async def test_a_site_that_falls_silent_or_drips_is_left(http: Http, site: Site, page: dict[str, object]) -> None:
    error = await refused(http, site.serve("/rss", b"<rss>" if "raw" not in page else b"", **page), limits=QUICK)
    assert (type(error), error.code, error.fault) == (TransientError, "timeout", Fault.MEMBER)


async def test_the_total_time_ends_a_body_that_trickles(http: Http, site: Site) -> None:
    drops = (HEAD + b"Content-Length: 900\r\n\r\n", *(b"<" for _ in range(80)))
    began = asyncio.get_running_loop().time()
    error = await refused(http, site.serve("/rss", raw=drops, stall=True), limits=Limits(total=0.2, idle=5))
    assert error.code == "timeout"
    assert asyncio.get_running_loop().time() - began < 2


async def test_a_closed_port_is_the_members_fault_and_an_unknown_name_the_networks(site: Site) -> None:
    async with Http(user_agent=AGENT, allow_private=site.doors, resolver=Names({})) as http:
        unknown = await refused(http, "http://khong-co.example.vn/rss")
        await site.close()
        closed = await refused(http, f"{site.origin}/rss")
    assert (unknown.code, unknown.fault) == ("name_unknown", Fault.NETWORK)
    assert (closed.code, closed.fault) == ("connection_refused", Fault.MEMBER)


async def test_a_name_service_that_keeps_silent_is_the_networks_fault(site: Site) -> None:
    class Silent(Names):
        async def resolve(self, *_: object, **__: object) -> list[ResolveResult]:
            return await asyncio.Event().wait()  # type: ignore[return-value]

    async with Http(user_agent=AGENT, resolver=Silent({}), limits=QUICK) as http:
        error = await refused(http, "http://lau.example.vn/rss")
    assert (type(error), error.code, error.fault) == (TransientError, "unreachable", Fault.NETWORK)


async def test_plain_http_behind_https_is_a_tls_failure(http: Http, site: Site) -> None:
    error = await refused(http, site.origin.replace("http:", "https:") + "/rss")
    assert (type(error), error.code, error.fault) == (TransientError, "tls", Fault.MEMBER)


@pytest.mark.parametrize(
    "url",
    ["http://127.0.0.1/", "http://127.1/", "http://2130706433/", "http://0x7f.1/", "http://①②⑦.⓪.⓪.①/", "http://[::1]/",
     "http://127。0。0。1/", "http://[::ffff:7f00:1]/", "http://localhost/", "http://10.0.0.1/", "http://169.254.169.254/",
     "ftp://8.8.8.8/", "file:///etc/passwd", "http://8.8.8.8:22/", "http://u:p@8.8.8.8/", "", "rss"],
)  # fmt: skip
async def test_every_form_of_an_inside_address_ends_in_the_same_refusal(http: Http, url: str) -> None:
    error = await refused(http, url)
    assert (type(error), error.code, error.fault) == (RejectedError, "address_refused", Fault.HUB)
    assert "allow_private" in error.sentence


@pytest.mark.parametrize("answer", ["127.0.0.1", "10.1.2.3", "::1", "fe80::1", "64:ff9b::7f00:1", "127.0.0.1 ::1"])
async def test_a_name_that_leads_inside_is_refused_at_the_socket(site: Site, answer: str) -> None:
    names = Names({"dep.example.vn": answer})
    async with Http(user_agent=AGENT, resolver=names) as http:
        error = await refused(http, "http://dep.example.vn/rss")
    assert error.code == "address_refused"
    assert names.looked_up == ["dep.example.vn"]


async def test_a_name_that_turns_inside_between_two_look_ups_is_caught(site: Site) -> None:
    names = Names({"dep.example.vn": ["127.0.0.1", "127.0.0.2"]})
    url = site.serve("/rss", b"<rss/>").replace("127.0.0.1", "dep.example.vn")
    async with Http(user_agent=AGENT, allow_private=site.doors, resolver=names) as http:
        await http.get(url)
        # another gate has its own connections and looks the name up again
        assert (await refused(http.scoped(ports=frozenset({81})), url)).code == "address_refused"
    assert len(names.looked_up) == 2
    assert len(site.asked) == 1


async def test_a_redirect_to_an_inside_address_is_refused_and_blamed_on_the_member(http: Http, site: Site) -> None:
    async with Site() as inside:
        target = inside.serve("/admin", b"<rss/>")
        error = await refused(http, site.serve("/rss", status=302, to=target))
        assert inside.asked == []
    assert (type(error), error.code, error.fault) == (RejectedError, "address_refused", Fault.MEMBER)


@pytest.mark.parametrize("to", ["file:///etc/passwd", "http:\\\\127.0.0.1", "//user@127.0.0.1/", "gopher://x/"])
async def test_a_redirect_to_no_web_address_is_refused(http: Http, site: Site, to: str) -> None:
    assert (await refused(http, site.serve("/rss", status=302, to=to))).code == "address_refused"


async def test_an_open_connection_does_not_serve_whom_the_guard_would_refuse(http: Http, site: Site) -> None:
    url = site.serve("/rss", b"{}")
    async with Http(user_agent=AGENT) as client:
        await client.send("PUT", url, body=b"{}", timeout=5, repeatable=True, allow=site.doors)
        with pytest.raises(RejectedError, match="address_refused"):
            await client.send("PUT", url, body=b"{}", timeout=5, repeatable=True)
    assert len(site.asked) == 1


async def test_a_cancelled_fetch_leaves_the_turn_free(http: Http, site: Site) -> None:
    task = asyncio.create_task(http.get(site.serve("/", b"<rss/>", stall=True)))
    await site.arrived.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    await http.get(site.serve("/b", b"<rss/>"))
    assert len(http._turns) == 0


async def test_a_certificate_that_nobody_vouches_for_ends_the_fetch(clock: Clock) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(Path(__file__).parents[1] / "fakes" / "untrusted.pem")
    async with Site() as site:
        await site.close()
        await site.start(tls=context)
        url = site.serve("/rss", b"<rss/>").replace("http:", "https:")
        async with Http(user_agent=AGENT, allow_private=site.doors, clock=clock.now) as http:
            error = await refused(http, url)
        assert site.asked == []
    assert (type(error), error.code, error.fault) == (TransientError, "certificate", Fault.MEMBER)
