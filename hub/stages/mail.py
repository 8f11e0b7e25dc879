"""Mail: bring one digest to one of its readers, once.

    claim ─> connect ─> is the letter still right? ─> MAIL, RCPT ─> promise (commit) ─> DATA ─> sent (commit)
                           └─ without what was withdrawn since, or not at all

A failure before the promise is tried again; after it, only the server's own word counts. Without that word the mail
rests as unknown, for nobody but its reader can tell whether it arrived.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Final

from connectors.errors import HubError, UnconfirmedError
from hub import secondgate
from hub.broker.base import MAIL
from hub.engine import Engine, Mailing
from hub.mailing import urging
from hub.mailing.compose import again
from hub.mailing.message import Envelope, message
from hub.rules import retry
from hub.screened import name_mark
from hub.stages import LEASE_MARGIN
from hub.store import mailing, screening
from hub.store.mailing import MailClaim, Run
from hub.store.screening import NewHit
from hub.store.states import MailState

#: How long all mails wait after the server refused us: no account may be locked by our knocking.
AFTER_REFUSAL: Final = timedelta(minutes=15)
#: Times that a letter is made again when others do the same meanwhile.
_TRIES: Final = 5


class Mail:
    """The stage behind `hub.mail`."""

    queue = MAIL
    concurrency = 2  #: lines to the mail server at once

    def __init__(self, engine: Engine, ours: Mailing) -> None:
        self._engine, self._ours = engine, ours
        self._lease = timedelta(seconds=ours.mailer.server.longest) + LEASE_MARGIN

    async def claim(self, keys: Sequence[str] | None, limit: int) -> Sequence[MailClaim]:
        ids = [int(key) for key in keys if key.isdigit()] if keys is not None else None
        return await mailing.claim(self._engine.store, ids, limit=limit, lease=self._lease)

    async def handle(self, claim: MailClaim) -> None:
        """Send it."""
        store, sender = self._engine.store, self._ours.sender

        async def promise() -> None:
            async with store.unit() as unit:
                await mailing.promised(unit, claim)

        async with self._ours.mailer.line(hello=sender.domain) as line:
            run = await self._right(claim)
            if run is None:
                async with store.unit() as unit:
                    await mailing.set_aside(unit, claim, MailState.DROPPED, code="mail_emptied", sentence=_EMPTIED)
                return
            if rules := await secondgate.stopped(
                self._engine, {"subject": run.letter.subject, "html": run.letter.html}
            ):
                await self._refuse(claim, run, rules)
                return
            answer = await line.send(
                self._bytes(run, claim), sender=sender.address, recipient=claim.recipient, promise=promise
            )
            try:
                async with store.unit() as unit:
                    await mailing.sent(unit, claim, answer)
            except HubError as error:  # it is gone, whatever became of our book
                raise UnconfirmedError(
                    f"taken by the server, not recorded: {error.code}", code=mailing.LOST,
                    sentence=mailing.LOST_SENTENCE,
                ) from error  # fmt: skip

    async def _refuse(self, claim: MailClaim, run: Run, rules: tuple[str, ...]) -> None:
        """The second gate stopped a letter: nobody gets it, and the duty officer looks."""
        engine = self._engine
        mark = name_mark(f"letter {run.id}", engine.screens.key)
        async with engine.store.unit() as unit:
            await mailing.set_aside(
                unit, claim, MailState.REFUSED, code=screening.SECRECY, sentence=_STOPPED
            )  # fmt: skip
            await mailing.emptied(unit, run)
            await screening.hit(
                unit, NewHit(found="sending", source="", member="", url="", rules=rules, fingerprint=mark)
            )

    async def _right(self, claim: MailClaim) -> Run | None:
        """The digest as it may be told now; None when all of it was withdrawn."""
        store = self._engine.store
        for _ in range(_TRIES):
            run = await mailing.run_of(store, claim)
            if run.is_urging:
                return await self._still_owed(run)
            if run.is_notice:
                return run
            if not run.letter.items:
                return None
            if not await mailing.withdrawn_since(store, run):
                return run
            letter = await again(store, self._ours.masthead, run)
            async with store.unit() as unit:
                await mailing.struck(unit, run, letter)
        raise RuntimeError("a letter that changes whenever it is looked at")

    async def _still_owed(self, run: Run) -> Run | None:
        """A letter that urges, without gaps that have closed or may be our own fault; None when none is left."""
        letter = await urging.again(self._engine, run)
        if letter is not None and letter.text == run.letter.text:
            return run
        async with self._engine.store.unit() as unit:
            await mailing.struck(unit, run, letter)
        return replace(run, letter=letter) if letter else None

    def _bytes(self, run: Run, claim: MailClaim) -> bytes:
        envelope = Envelope(
            digest=run.digest.strip(":").replace(":", "-"), day=run.day, recipient=claim.recipient,
            made_at=run.made_at.astimezone(self._engine.zone),
        )  # fmt: skip
        return message(run.letter, envelope, self._ours.sender)

    async def failed(self, claim: MailClaim, error: BaseException) -> None:
        """Let hub.rules.retry decide, where nothing can have arrived."""
        engine, now = self._engine, self._engine.store.now()
        code, sentence = _texts(error)
        decision = retry.decide(
            error, attempts=claim.attempts, first_failed_at=claim.failed_since or now, now=now, chance=engine.chance()
        )
        async with engine.store.unit() as unit:
            # Every answer of the server is an error of the tree; what is none came from us, and says nothing of it.
            unsaid = not isinstance(error, HubError) and await mailing.is_promised(unit, claim)
            if unsaid or isinstance(error, UnconfirmedError):
                code, sentence = (mailing.LOST, mailing.LOST_SENTENCE) if unsaid else (code, sentence)
                await mailing.set_aside(unit, claim, MailState.UNKNOWN, code=code, sentence=sentence)
                return
            match decision:
                case retry.SetAside():
                    await mailing.set_aside(unit, claim, MailState.REFUSED, code=code, sentence=sentence)
                case retry.Park():
                    await mailing.set_aside(unit, claim, MailState.PARKED, code=code, sentence=sentence)
                case retry.PauseEndpoint():
                    await mailing.later(unit, claim, due_at=now, code=code, sentence=sentence, counts=False)
                    await mailing.all_wait(unit, until=now + AFTER_REFUSAL, code=code, sentence=sentence)
                case retry.Wait(at=at, endpoint=True):
                    await mailing.later(unit, claim, due_at=at, code=code, sentence=sentence, counts=False)
                    await mailing.all_wait(unit, until=at, code=code, sentence=sentence)
                case retry.Wait(at=at):  # our shutdown
                    await mailing.later(unit, claim, due_at=at, code=code, sentence=sentence, counts=False)
                case retry.Retry(at=at) | retry.Look(at=at):
                    await mailing.later(unit, claim, due_at=at, code=code, sentence=sentence, counts=True)


def _texts(error: BaseException) -> tuple[str, str]:
    if isinstance(error, HubError):
        return error.code, error.sentence or str(error)
    return ("", "") if isinstance(error, asyncio.CancelledError) else ("defect", _DEFECT)


_EMPTIED: Final = "Mọi nội dung trong thư này đã được gỡ trước khi gửi nên thư không được gửi nữa."
_STOPPED: Final = (
    "Thư có dấu hiệu bí mật nhà nước nên hệ thống không gửi và đã xoá nội dung thư. Người trực cần xem báo động (hub"
    " alarms) và chạy lệnh hub screen --again."
)
_DEFECT: Final = (
    "Phần mềm của hệ thống gặp lỗi khi gửi thư; nơi nhận không có lỗi. Báo bộ phận kỹ thuật kèm số của thư này."
)
