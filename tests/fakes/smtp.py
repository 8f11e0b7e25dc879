"""A mail server on loopback, as RFC 5321 has it: EHLO, STARTTLS, AUTH PLAIN, MAIL, RCPT, DATA; faults in advance."""

import asyncio
import base64
import ssl
from collections import defaultdict, deque
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Self


@dataclass(frozen=True, slots=True, kw_only=True)
class Trouble:
    """How one talk goes wrong, at the step that it names."""

    at: str  #: greeting, ehlo, auth, mail, rcpt, data, message
    reply: str = ""  #: said in place of the true answer; empty: the line is cut without one
    committed: bool = False  #: the message is kept all the same
    hang: bool = False  #: no answer until the server closes


@dataclass(frozen=True, slots=True)
class Received:
    """A message that the server took."""

    sender: str
    recipient: str
    body: bytes
    encrypted: bool

    @property
    def message(self) -> EmailMessage:
        """As a reader's program shows it."""
        found = message_from_bytes(self.body, policy=policy.default)
        assert isinstance(found, EmailMessage)
        return found


@dataclass(slots=True, kw_only=True)
class MailHost:
    """Up between `async with`; everything that it takes lies in `box`."""

    account: tuple[str, str] | None = None  #: user and password that it wants before MAIL
    context: ssl.SSLContext | None = None  #: offered by STARTTLS; with `implicit` used from the first byte
    implicit: bool = False
    box: list[Received] = field(default_factory=list)
    talks: int = 0  #: connections so far
    logins: list[bool] = field(default_factory=list)  #: whether each AUTH was right
    said_goodbye: int = 0
    taken: asyncio.Event = field(default_factory=asyncio.Event)  #: set once a message lies in `box`
    hanging: asyncio.Event = field(default_factory=asyncio.Event)  #: set once a talk hangs
    port: int = 0
    _troubles: defaultdict[str, deque[Trouble]] = field(default_factory=lambda: defaultdict(deque))
    _closing: asyncio.Event = field(default_factory=asyncio.Event)
    _server: asyncio.Server | None = None
    _open: set[asyncio.StreamWriter] = field(default_factory=set)

    def trouble(self, *troubles: Trouble, recipient: str = "") -> None:
        """Order faults: each spoils one talk, in turn; those for a recipient only talks that name him."""
        self._troubles[recipient].extend(troubles)

    def well(self) -> None:
        """Nothing goes wrong any more."""
        self._troubles.clear()

    def to(self, recipient: str) -> list[Received]:
        """What one reader got."""
        return [one for one in self.box if one.recipient == recipient]

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(
            self._talk, "127.0.0.1", self.port, ssl=self.context if self.implicit else None
        )
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *error: object) -> None:
        self._closing.set()
        assert self._server is not None
        self._server.close()
        for writer in list(self._open):
            writer.close()
        await self._server.wait_closed()

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.talks += 1
        self._open.add(writer)
        try:
            await _Talk(self, reader, writer).run()
        except (ConnectionError, asyncio.IncompleteReadError, ssl.SSLError):
            pass
        finally:
            self._open.discard(writer)
            writer.close()

    def next_trouble(self, step: str, recipient: str) -> Trouble | None:
        """The fault that is due at this step, taken from its line."""
        for line in (self._troubles[recipient], self._troubles[""]):
            if line and line[0].at == step:
                return line.popleft()
        return None

    async def hang(self) -> None:
        """Until the server closes."""
        self.hanging.set()
        await self._closing.wait()


class _Cut(ConnectionError):
    """We hang up."""


class _Talk:
    """One connection."""

    def __init__(self, host: MailHost, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._host, self._reader, self._writer = host, reader, writer
        self._encrypted, self._known, self._sender, self._recipient = host.implicit, False, "", ""

    async def run(self) -> None:
        await self._answer("greeting", "220 thu.tinhmau.gov.vn ESMTP")
        while line := (await self._reader.readline()).decode().strip():
            verb, _, rest = line.partition(" ")
            match verb.upper():
                case "EHLO":
                    await self._answer("ehlo", "\r\n".join(self._abilities()))
                case "STARTTLS":
                    await self._say("220 ready")
                    await self._writer.start_tls(self._host.context)  # type: ignore[arg-type]
                    self._encrypted = True
                case "AUTH":
                    await self._log_in(rest.rpartition(" ")[2])
                case "MAIL":
                    self._sender = _within(rest)
                    wanted = self._host.account is None or self._known
                    await self._answer("mail", "250 ok" if wanted else "530 5.7.0 authentication required")
                case "RCPT":
                    self._recipient = _within(rest)
                    await self._answer("rcpt", "250 ok")
                case "DATA":
                    await self._take()
                case "QUIT":
                    self._host.said_goodbye += 1
                    await self._say("221 bye")
                    return
                case _:
                    await self._say("502 not here")

    def _abilities(self) -> list[str]:
        found = ["250-thu.tinhmau.gov.vn", "250-8BITMIME"]
        if self._host.context is not None and not self._encrypted:
            found.append("250-STARTTLS")
        return [*found, "250 AUTH PLAIN LOGIN" if self._host.account else "250 SIZE 10000000"]

    async def _log_in(self, said: str) -> None:
        _, user, password = base64.b64decode(said).decode().split("\0")
        self._known = (user, password) == self._host.account
        self._host.logins.append(self._known)
        await self._answer("auth", "235 welcome" if self._known else "535 5.7.8 no such account")

    async def _take(self) -> None:
        if not await self._answer("data", "354 go on"):
            return
        body = await self._reader.readuntil(b"\r\n.\r\n")
        body = body.removesuffix(b".\r\n").replace(b"\r\n..", b"\r\n.")
        trouble = self._host.next_trouble("message", self._recipient)
        if trouble is None or trouble.committed:
            self._host.box.append(Received(self._sender, self._recipient, body, self._encrypted))
            self._host.taken.set()
        await self._spoil(trouble) if trouble else await self._say(f"250 2.0.0 queued as {len(self._host.box)}")

    async def _answer(self, step: str, usual: str) -> bool:
        """Say what is usual, or what was ordered; whether it was the usual."""
        trouble = self._host.next_trouble(step, self._recipient)
        await self._spoil(trouble) if trouble else await self._say(usual)
        return trouble is None

    async def _spoil(self, trouble: Trouble) -> None:
        if trouble.hang:
            await self._host.hang()
        if not trouble.reply:
            raise _Cut
        await self._say(trouble.reply)
        if trouble.reply.startswith("421"):
            raise _Cut

    async def _say(self, text: str) -> None:
        self._writer.write(text.encode() + b"\r\n")
        await self._writer.drain()


def _within(text: str) -> str:
    """What stands between < and >."""
    return text.partition("<")[2].partition(">")[0]
