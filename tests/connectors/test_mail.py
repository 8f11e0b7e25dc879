"""The SMTP client against a real server on loopback: what arrives, what each answer means, what is never told."""

import asyncio
import ssl
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from connectors.errors import (
    BlockedError,
    HubError,
    RejectedError,
    ThrottledError,
    TransientError,
    UnconfirmedError,
)
from connectors.mail import ANSWERS, Mailer, MailServer, Step, Tls, is_near
from tests.fakes.certificates import for_loopback
from tests.fakes.smtp import MailHost, Trouble

SENDER, READER = "hub@tinhmau.gov.vn", "toa-soan@baomau.vn"
MESSAGE = b"Subject: tin\r\n\r\n.m\xe1\xbb\x99t d\xc3\xb2ng\r\n..\r\n"


def mailer(host: MailHost, *, context: ssl.SSLContext | None = None, **keys: Any) -> Mailer:
    settings: dict[str, Any] = {"tls": Tls.NONE, "timeout": 2.0, "answer": 2.0, **keys}
    return Mailer(MailServer(host="127.0.0.1", port=host.port, **settings), context=context)


async def nothing_promised() -> None:
    return None


async def send(mailer: Mailer, recipient: str = READER, promise: Any = nothing_promised) -> str:
    async with mailer.line(hello="tinhmau.gov.vn") as line:
        return await line.send(MESSAGE, sender=SENDER, recipient=recipient, promise=promise)


async def test_a_message_arrives_byte_for_byte_and_the_server_s_word_is_the_proof() -> None:
    async with MailHost() as host:
        assert await send(mailer(host)) == "250 2.0.0 queued as 1"
        [received] = host.box
    assert (received.sender, received.recipient, received.body) == (SENDER, READER, MESSAGE)
    assert host.said_goodbye == 1


@pytest.mark.parametrize("tls", [Tls.STARTTLS, Tls.IMPLICIT])
async def test_the_line_is_encrypted_before_the_password_is_told(tls: Tls, tmp_path: Path) -> None:
    shown, trusting = for_loopback(tmp_path)
    async with MailHost(context=shown, implicit=tls is Tls.IMPLICIT, account=("hub", "mat-khau")) as host:
        known = mailer(host, context=trusting, tls=tls, username="hub", password=SecretStr("mat-khau"))
        await send(known)
    assert [one.encrypted for one in host.box] == [True]
    assert host.logins == [True]


@pytest.mark.parametrize("tls", [Tls.STARTTLS, Tls.IMPLICIT])
async def test_a_certificate_that_nobody_trusts_is_not_spoken_with(tls: Tls, tmp_path: Path) -> None:
    shown, _ = for_loopback(tmp_path)
    async with MailHost(context=shown, implicit=tls is Tls.IMPLICIT, account=("hub", "mat-khau")) as host:
        with pytest.raises(TransientError) as error:
            await send(mailer(host, tls=tls, username="hub", password=SecretStr("mat-khau")))
    assert error.value.code == "mail_certificate"
    assert host.logins == []


async def test_a_server_that_cannot_encrypt_is_told_nothing() -> None:
    async with MailHost(account=("hub", "mat-khau")) as host:
        with pytest.raises(BlockedError) as error:
            await send(mailer(host, tls=Tls.STARTTLS, username="hub", password=SecretStr("mat-khau")))
    assert error.value.code == "mail_no_tls"
    assert host.logins == []


async def test_a_wrong_password_is_tried_once_and_never_shown() -> None:
    async with MailHost(account=("hub", "mat-khau")) as host:
        with pytest.raises(BlockedError) as error:
            await send(mailer(host, username="hub", password=SecretStr("sai-roi")))
    assert error.value.code == "mail_login_refused"
    assert host.logins == [False]
    assert "sai-roi" not in repr(error.value) + error.value.sentence + repr(MailServer(host="a", port=1))


#: at, what the server says, what that means
REFUSALS = [
    ("greeting", "421 4.3.2 too many", ThrottledError, "throttled"),
    ("greeting", "554 5.7.1 you are on a list", BlockedError, "mail_server_refused"),
    ("ehlo", "550 no", BlockedError, "mail_server_refused"),
    ("auth", "454 4.7.0 later", TransientError, "mail_busy"),
    ("auth", "535 5.7.8 no", BlockedError, "mail_login_refused"),
    ("mail", "421 4.7.0 slow down", ThrottledError, "throttled"),
    ("mail", "451 4.3.0 later", TransientError, "mail_busy"),
    ("mail", "530 5.7.0 who are you", BlockedError, "mail_login_refused"),
    ("mail", "550 5.7.1 not your address", BlockedError, "mail_sender_refused"),
    ("mail", "552 5.3.4 too big", RejectedError, "mail_message_refused"),
    ("rcpt", "450 4.2.0 greylisted", TransientError, "mail_busy"),
    ("rcpt", "452 4.2.2 mailbox full", TransientError, "mail_busy"),
    ("rcpt", "503 5.5.1 order", BlockedError, "mail_server_refused"),
    ("rcpt", "530 5.7.0 who are you", BlockedError, "mail_login_refused"),
    ("rcpt", "550 5.1.1 nobody of this name", RejectedError, "mail_recipient_refused"),
    ("data", "451 4.3.0 later", TransientError, "mail_busy"),
    ("data", "530 5.7.0 who are you", BlockedError, "mail_login_refused"),
    ("data", "554 5.7.1 spam", RejectedError, "mail_message_refused"),
    ("message", "421 4.3.0 closing", ThrottledError, "throttled"),
    ("message", "452 4.3.1 disk full", TransientError, "mail_busy"),
    ("message", "554 5.7.1 spam", RejectedError, "mail_message_refused"),
    ("greeting", "", TransientError, "mail_server_away"),
    ("ehlo", "", TransientError, "mail_server_away"),
    ("rcpt", "", TransientError, "mail_server_away"),
    ("data", "", UnconfirmedError, "mail_unconfirmed"),
    ("message", "", UnconfirmedError, "mail_unconfirmed"),
    ("message", "354 what", UnconfirmedError, "mail_unconfirmed"),
    ("message", "this is not SMTP", UnconfirmedError, "mail_unconfirmed"),
]


@pytest.mark.parametrize(("at", "reply", "error", "code"), REFUSALS, ids=[f"{a} {r[:3]}" for a, r, _, _ in REFUSALS])
async def test_what_the_server_says_means_what_the_table_says(
    at: str, reply: str, error: type[HubError], code: str
) -> None:
    async with MailHost(account=("hub", "mat-khau")) as host:
        host.trouble(Trouble(at=at, reply=reply))
        with pytest.raises(HubError) as raised:
            await send(mailer(host, username="hub", password=SecretStr("mat-khau")))
        assert (type(raised.value), raised.value.code) == (error, code)
        assert raised.value.sentence
        assert host.box == []
        words = reply[4:].split(maxsplit=1)[-1] if reply else READER
        assert words not in str(raised.value), "the words of the other side stay there"
        await send(mailer(host, username="hub", password=SecretStr("mat-khau")))


def test_every_row_of_the_table_has_a_test() -> None:
    steps = {"greeting": Step.GREETING, "ehlo": Step.GREETING, "auth": Step.LOGIN, "mail": Step.SENDER,
             "rcpt": Step.RECIPIENT, "data": Step.MESSAGE, "message": Step.MESSAGE}  # fmt: skip
    codes = [(steps[at], int(reply[:3])) for at, reply, _, _ in REFUSALS if reply[:3].isdigit()]
    seen = {row for step, code in codes for row in ((step, code), (step, code // 100))}
    without_tls = {row for row in ANSWERS if row[0] is not Step.TLS} - {(Step.GREETING, 4)}  # 421 has its own way
    assert without_tls <= seen


async def test_a_starttls_that_is_refused_sends_nothing() -> None:
    async with MailHost(account=("hub", "mat-khau")) as host:
        host.trouble(Trouble(at="ehlo", reply="250-thu\r\n250 STARTTLS"))
        host.context = None  # it offers what it has not
        with pytest.raises(TransientError):
            await send(mailer(host, tls=Tls.STARTTLS, username="hub", password=SecretStr("mat-khau"), timeout=0.1))
    assert host.logins == []


async def test_the_promise_is_given_before_the_message_and_not_before_the_recipient_was_taken() -> None:
    kept: list[int] = []

    async def promise() -> None:
        kept.append(len(host.box))

    async with MailHost() as host:
        await send(mailer(host), promise=promise)
        assert kept == [0]
        host.trouble(Trouble(at="rcpt", reply="550 5.1.1 no"))
        with pytest.raises(RejectedError):
            await send(mailer(host), promise=promise)
    assert kept == [0], "nothing was promised to a recipient whom the server refused"


async def test_a_promise_that_cannot_be_kept_sends_nothing() -> None:
    async def promise() -> None:
        raise TransientError("the database is away")

    async with MailHost() as host:
        with pytest.raises(TransientError, match="database"):
            await send(mailer(host), promise=promise)
    assert host.box == []


async def test_a_silence_after_the_message_is_a_doubt_and_one_before_it_is_none() -> None:
    async with MailHost() as host:
        host.trouble(Trouble(at="message", committed=True, hang=True), Trouble(at="rcpt", hang=True))
        with pytest.raises(UnconfirmedError):
            await send(mailer(host, answer=0.05))
        with pytest.raises(TransientError):
            await send(mailer(host, timeout=0.05))
    assert len(host.box) == 1


async def test_a_server_that_is_not_there_is_waited_for() -> None:
    async with MailHost() as host:
        pass
    with pytest.raises(TransientError) as error:
        await send(mailer(host))
    assert error.value.code == "mail_server_away"


def test_a_line_in_the_open_may_lead_to_this_machine_and_private_networks_only() -> None:
    near = ["127.0.0.1", "10.0.0.7", "172.31.9.1", "192.168.1.1", "::1", "fd00::1", "localhost"]
    assert [is_near(one) for one in near] == [True] * len(near)
    far = ["203.113.1.1", "8.8.8.8", "169.254.169.254", "2001:4860::1", "::ffff:8.8.8.8"]
    assert [is_near(one) for one in far] == [False] * len(far)
    assert is_near("thu.tinhmau.gov.vn") is None, "only dialling tells"


async def test_a_caller_who_gives_up_leaves_no_line_open() -> None:
    async with MailHost() as host:
        host.trouble(Trouble(at="message", committed=True, hang=True))
        task = asyncio.create_task(send(mailer(host)))
        await host.taken.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
    assert len(host.box) == 1
