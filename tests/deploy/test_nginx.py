"""The nginx example, as a real nginx before a server that tells what reached it."""

import asyncio
import datetime
import io
import ssl
import subprocess
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from aiohttp import ClientSession, ServerDisconnectedError, TCPConnector, web
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from tests.deploy.unitfiles import DEPLOY
from tests.servers.processes import answers, free_port, tail, wait_until

EXAMPLE = DEPLOY / "nginx" / "hub.conf"
NAME = "tin.tinhmau.gov.vn"
AROUND = """
user root; worker_processes 1; daemon off; pid {folder}/pid; error_log {folder}/error.log;
events {{ }}
http {{
    access_log off;
    client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy; fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi; scgi_temp_path {folder}/scgi;
    include {folder}/hub.conf;
}}
"""


@dataclass
class Upstream:
    """In place of the hub: tells its headers, and counts."""

    seen: Counter[str] = field(default_factory=Counter)
    go_on: asyncio.Event = field(default_factory=asyncio.Event)

    async def tell(self, request: web.Request) -> web.StreamResponse:
        self.seen[request.path] += 1
        if request.path.endswith("/changes/stream"):
            stream = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
            await stream.prepare(request)
            await stream.write(b"event: ready\n\n")
            await asyncio.wait_for(self.go_on.wait(), 10)
            return stream
        body = await request.read()
        headers = {"Cache-Control": "public, max-age=60"}
        return web.json_response({"headers": dict(request.headers), "bytes": len(body)}, headers=headers)


@dataclass(frozen=True, slots=True)
class Front:
    """A running nginx."""

    http: int
    https: int
    upstream: Upstream

    @property
    def address(self) -> str:
        return f"https://{NAME}:{self.https}"


def certificate(folder: Path) -> None:
    """A certificate of a day for the name of the example."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, NAME)])
    now = datetime.datetime.now(datetime.UTC)
    made = (
        x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
        .serial_number(x509.random_serial_number()).not_valid_before(now - datetime.timedelta(hours=1))
        .not_valid_after(now + datetime.timedelta(days=1)).sign(key, hashes.SHA256())
    )  # fmt: skip
    plain = serialization.NoEncryption()
    private = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, plain)
    (folder / "hub.key").write_bytes(private)
    (folder / "hub.crt").write_bytes(made.public_bytes(serialization.Encoding.PEM))


def written(folder: Path, http: int, https: int, hub: int) -> Path:
    """The example on ports of its own; nothing else of it is changed."""
    text = EXAMPLE.read_text(encoding="utf-8")
    for was, becomes in (
        ("listen [::]:80 default_server;", ""), ("listen [::]:80;", ""), ("listen [::]:443 ssl http2;", ""),
        ("listen 80", f"listen 127.0.0.1:{http}"), ("listen 443", f"listen 127.0.0.1:{https}"),
        ("127.0.0.1:8080", f"127.0.0.1:{hub}"), ("/etc/nginx/tls", str(folder)),
        ("/run/nginx-hub-pages", f"{folder}/pages"),
    ):  # fmt: skip
        assert was in text, was
        text = text.replace(was, becomes)
    (folder / "hub.conf").write_text(text, encoding="utf-8")
    (folder / "nginx.conf").write_text(AROUND.format(folder=folder), encoding="utf-8")
    certificate(folder)
    return folder / "nginx.conf"


@contextmanager
def running(nginx: str, config: Path, port: int) -> Iterator[None]:
    """nginx in the foreground, ended by its pid."""
    process = subprocess.Popen(
        [nginx, "-c", str(config), "-p", str(config.parent)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        started = wait_until(lambda: answers("127.0.0.1", port) or process.poll() is not None, 20)
        assert started, tail(config.parent / "error.log")
        assert process.poll() is None, tail(config.parent / "error.log")
        yield
    finally:
        process.terminate()
        process.wait(timeout=10)


@pytest.fixture
async def front(program: Callable[[str], str], tmp_path: Path) -> AsyncIterator[Front]:
    upstream = Upstream()
    app = web.Application(client_max_size=100 * 1024**2)
    app.router.add_route("*", "/{rest:.*}", upstream.tell)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    hub, http, https = free_port(), free_port(), free_port()
    await web.TCPSite(runner, "127.0.0.1", hub).start()
    try:
        with running(program("nginx"), written(tmp_path, http, https, hub), https):
            yield Front(http, https, upstream)
    finally:
        upstream.go_on.set()
        await runner.cleanup()


class Here(TCPConnector):
    """Every name is this machine."""

    async def _resolve_host(self, host: str, port: int, traces: object = None) -> list[dict[str, object]]:  # type: ignore[override]
        return [{"hostname": host, "host": "127.0.0.1", "port": port, "family": 2, "proto": 0, "flags": 0}]


def asking() -> ClientSession:
    trusting = ssl.create_default_context()
    trusting.check_hostname, trusting.verify_mode = False, ssl.CERT_NONE
    return ClientSession(connector=Here(ssl=trusting))


def test_nginx_takes_the_example(program: Callable[[str], str], tmp_path: Path) -> None:
    config = written(tmp_path, free_port(), free_port(), free_port())
    done = subprocess.run([program("nginx"), "-t", "-c", str(config)], capture_output=True, text=True, timeout=20)
    assert done.returncode == 0, done.stderr
    assert "warn" not in done.stderr


async def test_the_hub_sees_one_true_address_and_nothing_that_a_client_made_up(front: Front) -> None:
    made_up = {
        "X-Forwarded-For": "9.9.9.9", "X-Real-IP": "9.9.9.9", "Forwarded": "for=9.9.9.9", "Via": "1.1 x",
        "X-Forwarded-Host": "evil.example", "Proxy": "http://evil.example",
    }  # fmt: skip
    async with asking() as session, session.get(f"{front.address}/console/", headers=made_up) as answer:
        seen = (await answer.json())["headers"]
    assert (seen["X-Forwarded-For"], seen["Host"], seen["X-Forwarded-Proto"]) == ("127.0.0.1", NAME, "https")
    assert "9.9.9.9" not in str(seen)
    assert "evil" not in str(seen)


async def test_readers_share_an_answer_and_people_at_work_do_not(front: Front) -> None:
    async with asking() as session:
        for _ in range(3):
            async with session.get(f"{front.address}/feeds/all.rss") as answer:
                assert answer.status == 200
            async with session.get(f"{front.address}/console/items") as answer:
                assert "X-Cache" not in answer.headers
            async with session.get(f"{front.address}/", headers={"Cookie": "s=1"}) as answer:
                assert answer.headers["X-Cache"] == "BYPASS"
    assert front.upstream.seen == {"/feeds/all.rss": 1, "/console/items": 3, "/": 3}


@pytest.mark.parametrize(
    ("path", "method", "size", "status"),
    [
        ("/metrics", "GET", 0, 404),
        ("/readyz", "GET", 0, 404),
        ("/", "POST", 10, 403),
        ("/inbox/tin", "POST", 4 * 1024**2, 200),
        ("/inbox/tin", "POST", 4 * 1024**2 + 1, 413),
        ("/websub/x", "POST", 4 * 1024**2 + 1, 413),
        ("/console/write", "POST", 36 * 1024**2, 200),
        ("/console/login", "POST", 2 * 1024**2, 413),
    ],
)
async def test_each_part_has_its_doors_and_sizes(front: Front, path: str, method: str, size: int, status: int) -> None:
    body = io.BytesIO(bytes(size)) if size else None
    # As browsers and programs with large bodies do: whoever is refused has not sent it yet.
    asked = asking()
    async with asked, asked.request(method, f"{front.address}{path}", data=body, expect100=bool(size)) as answer:
        assert answer.status == status
    assert front.upstream.seen[path] == (1 if status == 200 else 0)


async def test_a_request_of_two_lengths_is_refused(front: Front) -> None:
    trusting = ssl.create_default_context()
    trusting.check_hostname, trusting.verify_mode = False, ssl.CERT_NONE
    reader, writer = await asyncio.open_connection("127.0.0.1", front.https, ssl=trusting, server_hostname=NAME)
    writer.write(
        f"POST /inbox/tin HTTP/1.1\r\nHost: {NAME}\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n"
        "0\r\n\r\nGET /console/ HTTP/1.1\r\n\r\n".encode()
    )
    answer = await asyncio.wait_for(reader.read(), 10)
    writer.close()
    assert answer.startswith(b"HTTP/1.1 400 ")
    assert answer.count(b"HTTP/1.1 ") == 1
    assert not front.upstream.seen


async def test_an_event_goes_out_before_the_answer_ends(front: Front) -> None:
    async with asking() as session, session.get(f"{front.address}/api/v1/changes/stream") as answer:
        assert await asyncio.wait_for(answer.content.readline(), 5) == b"event: ready\n"
        front.upstream.go_on.set()


async def test_plain_http_leads_to_https_and_other_names_get_nothing(front: Front) -> None:
    async with asking() as session:
        async with session.get(f"http://{NAME}:{front.http}/items/x?a=1", allow_redirects=False) as answer:
            assert (answer.status, answer.headers["Location"]) == (308, f"https://{NAME}/items/x?a=1")
        with pytest.raises(ServerDisconnectedError):
            await session.get(f"http://other.example:{front.http}/")


async def test_guessing_passwords_is_slowed_down(front: Front) -> None:
    async with asking() as session:
        said = Counter[int]()
        for _ in range(15):
            async with session.post(f"{front.address}/console/login", data=b"x") as answer:
                said[answer.status] += 1
    assert said[429] >= 3
