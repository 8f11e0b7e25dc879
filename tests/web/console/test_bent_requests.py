"""What a browser of ours never sends: parts without end, bytes that are no text, numbers beyond all calendars."""

import asyncio
from collections.abc import Sequence

import pytest

from hub.app import Hub
from hub.web.console.forms import Form
from tests.province import row
from tests.web.desk import Desk, Visitor

#: Nothing of it depends on the database.
pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

FIELD = b'Content-Disposition: form-data; name="a"\r\n'
FORM = {"Content-Type": "multipart/form-data; boundary=B"}


def parts(*each: bytes) -> bytes:
    return b"".join(b"--B\r\n" + part for part in each) + b"--B--\r\n"


async def form(person: Visitor, path: str, body: bytes, **headers: str) -> int:
    """Send bytes as a form in parts; the session's token comes in a header."""
    sent = {"Origin": person.origin, **FORM, **({"X-CSRF-Token": person.csrf} if person.csrf else {}), **headers}
    return (await person.ask("POST", path, data=body, headers=sent)).status


async def test_a_stranger_sends_no_parts(desk: Desk) -> None:
    assert await form(desk.stranger(), "/login", parts(FIELD + b"\r\nx\r\n")) == 415


@pytest.mark.parametrize("empty", [b"", b"x"])
async def test_parts_are_counted_whatever_they_are_called(desk: Desk, empty: bytes) -> None:
    person = await desk.person("an", "viewer")
    part = FIELD + b"\r\n" + empty + b"\r\n"
    assert await form(person, "/account", parts(*[part] * 500)) == 303
    assert await form(person, "/account", parts(*[part] * 501)) == 413


@pytest.mark.parametrize(
    "body",
    [
        parts(b"no header\r\n\r\nx\r\n"), parts(b"X: " + b"a" * 20_000 + b"\r\n" + FIELD + b"\r\nx\r\n"),
        parts(b"".join(b"X-%d: a\r\n" % n for n in range(2_000)) + FIELD + b"\r\nx\r\n"),
        parts(b'Content-Disposition: form-data; name="_charset_"\r\n\r\n' + b"x" * 40 + b"\r\n"),
        parts(FIELD + b"Content-Type: text/plain; charset=x\r\n\r\n\xff\r\n"), b"--B\r\n" + FIELD + b"\r\ncut", b"none",
    ],
    ids=["no-header", "long-header", "many-headers", "charset", "no-text", "cut", "no-boundary"],
)  # fmt: skip
async def test_what_is_no_form_is_refused_and_no_defect(desk: Desk, body: bytes) -> None:
    assert await form(await desk.person("an", "viewer"), "/account", body) == 400


async def said(desk: Desk, lines: Sequence[bytes], body: bytes = b"") -> int:
    """The status of a request whose headers are bytes that no client would send."""
    server = desk.client.server
    reader, writer = await asyncio.open_connection(server.host, server.port)
    head = [*lines, b"Host: tin.tinhmau.gov.vn", b"Connection: close", b"Content-Length: %d" % len(body)]
    writer.write(b"\r\n".join(head) + b"\r\n\r\n" + body)
    await writer.drain()
    status = (await asyncio.wait_for(reader.readline(), 10)).split()[1]
    writer.close()
    return int(status)


async def test_bytes_that_are_no_text_are_nobodys_session(desk: Desk) -> None:
    person = await desk.person("an", "technician")
    session, odd = b"Cookie: __Host-hub=" + person.token.encode(), b"\xff" * 43
    post = [b"Origin: " + person.origin.encode(), b"Content-Type: application/x-www-form-urlencoded"]
    for path, status in ((b"/console/", 303), (b"/api/v1/admin/queue", 401)):
        assert await said(desk, [b"GET " + path + b" HTTP/1.1", b"Cookie: __Host-hub=" + odd]) == status
    device = b"Cookie: __Host-hub-device=" + odd
    assert await said(desk, [b"POST /console/login HTTP/1.1", *post, device, b"User-Agent: " + odd], b"login=a") == 422
    token = b"X-CSRF-Token: " + odd
    assert await said(desk, [b"POST /console/logout HTTP/1.1", *post, session, token], b"a=b") == 419
    json = [b"Origin: " + person.origin.encode(), b"Content-Type: application/json", session, token]
    assert await said(desk, [b"POST /api/v1/admin/deliveries/free HTTP/1.1", *json], b"{}") == 403


async def test_a_nul_is_dropped_from_forms_and_names_nothing_in_paths(desk: Desk, hub: Hub) -> None:
    person = await desk.person("an", "technician")
    assert (await person.post("/account", name="Tr\x00ần An")).status == 303
    assert (await row(hub, "account"))["name"] == "Trần An"
    for path in ("/sources/%00", "/members/%00", "/destinations/a%00b"):
        assert (await person.ask("GET", path)).status == 404


@pytest.mark.parametrize(("typed", "meant"), [("2", 2), ("2147483647", 2**31 - 1), ("2147483648", 0), ("x", None)])
def test_no_database_is_asked_for_a_revision_that_it_cannot_write(
    database_url: str, typed: str, meant: int | None
) -> None:
    assert Form({"revision": [typed]}).small("revision") == meant


async def test_the_ends_of_the_calendar_and_ids_that_are_none_are_no_defect(desk: Desk) -> None:
    chief, officer = await desk.person("an", "chief_editor"), await desk.person("truc", "duty_officer")
    for path in ("/audit?until=9999-12-31", "/audit?since=0001-01-01", "/audit.csv?until=9999-12-31"):
        assert (await chief.get(path)).status == 200
    for path in (f"/screen/holds/{'-' * 36}", f"/screen/recalls/{'-' * 36}"):
        assert (await officer.get(path)).status == 404
    assert (await officer.post(f"/screen/holds/{'-' * 36}/release")).status == 404
