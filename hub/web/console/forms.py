"""What forms send: fields and files, read once by the guard, counted while they come in."""

import asyncio
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import parse_qsl

from aiohttp import BodyPartReader, MultipartReader, web
from aiohttp.http_exceptions import HttpProcessingError

#: Bytes of a form without files, and of all its fields; bytes of one file, and of all; fields and files at most.
FIELDS_LIMIT, FILE_LIMIT, FILES_LIMIT = 1024**2, 12 * 1024**2, 36 * 1024**2
MOST_FIELDS, MOST_FILES = 500, 12
#: Seconds without a byte, and forms with files that are read at once in this process.
IDLE, AT_ONCE = 20.0, 4

_PLACES = asyncio.Semaphore(AT_ONCE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Upload:
    """A file as it came: its name and type are what the browser says, and prove nothing."""

    field: str
    name: str
    type: str
    body: bytes


@dataclass(frozen=True, slots=True)
class Form:
    """Fields by name, in the order in which they came, and files."""

    fields: dict[str, list[str]] = field(default_factory=dict)
    files: list[Upload] = field(default_factory=list)

    def text(self, name: str, default: str = "") -> str:
        """The first value of a field, without spaces around it, with the line ends of one kind."""
        return self.fields.get(name, [default])[0].replace("\r\n", "\n").strip()

    def all(self, name: str) -> list[str]:
        """Every value of a field."""
        return self.fields.get(name, [])

    def number(self, name: str) -> int | None:
        """A whole number; None for anything else."""
        text = self.text(name)
        return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else None

    def small(self, name: str) -> int | None:
        """A revision, counter or place; 0, which there is none of, for a number that no column for these can hold."""
        number = self.number(name)
        return 0 if number is not None and number >= 2**31 else number

    def flag(self, name: str) -> bool:
        """Whether a box is ticked."""
        return bool(self.text(name))


#: Of every request with an unsafe method that the guard let through.
FORM: Final = web.RequestKey("FORM", Form)


async def read_form(request: web.Request, *, files: bool = True) -> Form:
    """The form of a request; one in parts only with `files`, for a stranger has none to send.

    Raises HTTPBadRequest, HTTPRequestEntityTooLarge, HTTPUnsupportedMediaType, HTTPRequestTimeout.
    """
    match request.content_type:
        case "application/x-www-form-urlencoded":
            return _fields(await _bounded(request, FIELDS_LIMIT))
        case "multipart/form-data" if files:
            async with _PLACES:
                return await _parts(request)
        case "application/octet-stream" if not request.can_read_body:
            return Form()
    raise web.HTTPUnsupportedMediaType


async def _bounded(request: web.Request, limit: int) -> bytes:
    body = bytearray()
    try:
        while chunk := await asyncio.wait_for(request.content.readany(), IDLE):
            body += chunk
            if len(body) > limit:
                raise web.HTTPRequestEntityTooLarge(max_size=limit, actual_size=len(body))
    except TimeoutError:
        raise web.HTTPRequestTimeout from None
    return bytes(body)


def _fields(body: bytes) -> Form:
    form = Form()
    try:
        pairs = parse_qsl(body.decode(), keep_blank_values=True, errors="strict", max_num_fields=MOST_FIELDS)
    except ValueError:
        raise web.HTTPBadRequest from None
    for name, value in pairs:
        _add(form, name, value)
    return form


async def _parts(request: web.Request) -> Form:
    form, told, sent, count = Form(), 0, 0, 0
    try:
        parts: MultipartReader = await request.multipart()
        while (part := await asyncio.wait_for(parts.next(), IDLE)) is not None:
            count += 1
            if not isinstance(part, BodyPartReader) or not part.name:
                raise web.HTTPBadRequest
            limit = FILE_LIMIT if part.filename is not None else FIELDS_LIMIT - told
            body = await _part(part, limit)
            if part.filename is None:
                told += len(body)
                _add(form, part.name, body.decode())
            elif body or part.filename:
                sent += len(body)
                kind = part.headers.get("Content-Type", "").partition(";")[0].strip().lower()
                form.files.append(Upload(field=part.name, name=part.filename[:200], type=kind[:100], body=body))
            if sent > FILES_LIMIT or len(form.files) > MOST_FILES or count > MOST_FIELDS:
                raise web.HTTPRequestEntityTooLarge(max_size=FILES_LIMIT, actual_size=sent)
    except (ValueError, AssertionError, RuntimeError, HttpProcessingError):  # what aiohttp says of parts that are none
        raise web.HTTPBadRequest from None
    except TimeoutError:
        raise web.HTTPRequestTimeout from None
    return form


def _add(form: Form, name: str, value: str) -> None:
    """PostgreSQL keeps no NUL, and no person types one."""
    form.fields.setdefault(name, []).append(value.replace("\x00", ""))


async def _part(part: BodyPartReader, limit: int) -> bytes:
    body = bytearray()
    while chunk := await asyncio.wait_for(part.read_chunk(65_536), IDLE):
        body += chunk
        if len(body) > limit:
            raise web.HTTPRequestEntityTooLarge(max_size=limit, actual_size=len(body))
    return bytes(body)
