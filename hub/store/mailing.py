"""Claims and records of digests and their mails.

    ready ─claim─> sending ─promise─> sending, promised_at set ─the server took it─> done
                      │                     ├─ no answer, or we died ──────────────> unknown ─person─> ready | dropped
                      │                     └─ it said no ─┐
                      └─ failed before ────────────────────┴─> ready (later) | refused | parked

A mail server cannot be asked what it took. So `promised_at` is committed before the message may take effect; whoever
finds it on a row that nobody holds any more knows that the mail may be with its reader, and sends it no second time.
"""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

import orjson

from hub.broker.base import MAIL
from hub.rules.digests import Letter, Listed, Period
from hub.store.database import marks
from hub.store.instants import maybe_moment, micros, moment
from hub.store.states import MailState
from hub.store.unit import Store, Unit

#: What stands at a mail whose worker died after the promise.
LOST, LOST_SENTENCE = (
    "mail_unconfirmed",
    "Hệ thống bị ngắt khi đang gửi nên không rõ máy chủ thư đã nhận thư này hay chưa. Hệ thống không tự gửi lại để"
    " tránh trùng; hãy hỏi nơi nhận rồi dùng lệnh hub mails send hoặc hub mails drop.",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class NewRun:
    """A digest that was made; without a letter there was nothing to tell, and nobody gets a mail."""

    digest: str
    title: str
    day: date
    told: Period
    letter: Letter | None
    to: Sequence[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class MailClaim:
    """A mail that is ours to send until the lease ends."""

    id: int
    run: int
    recipient: str
    attempts: int
    failed_since: datetime | None
    token: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """A digest as it was made."""

    id: int
    digest: str
    title: str
    day: str
    told: Period
    made_at: datetime
    letter: Letter
    struck: int

    @property
    def is_notice(self) -> bool:
        """Whether it is no digest: it tells of an alarm or a report, and lists nothing."""
        return self.digest.startswith(NOTICE)

    @property
    def is_urging(self) -> bool:
        """Whether it reminds members of what they owe: judged anew before it goes out."""
        return self.digest.startswith(URGING)


async def is_made(store: Store, digest: str, day: date) -> bool:
    """Whether the digest of this day was made."""
    rows = await store.fetch(
        "SELECT 1 AS one FROM digest_run WHERE digest = ? AND day = ?", digest, day.isoformat()
    )  # fmt: skip
    return bool(rows)


async def told_until(store: Store, digest: str) -> datetime | None:
    """Up to when this digest has told; None when it never did."""
    [row] = await store.fetch("SELECT max(ended_at) AS ended FROM digest_run WHERE digest = ?", digest)
    return maybe_moment(row["ended"])


async def made(unit: Unit, run: NewRun, *, who: str) -> bool:
    """Keep a digest with its letter, and a mail for each reader; False when its day has one by now."""
    letter = run.letter
    rows = await unit.tx.fetch(
        "INSERT INTO digest_run (digest, title, day, began_at, ended_at, made_at, items, left_out, subject, text,"
        " html) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (digest, day) DO NOTHING RETURNING id",
        run.digest, run.title, run.day.isoformat(), micros(run.told.begin), micros(run.told.end), unit.at,
        _items(letter.items if letter else ()), *_texts(letter),
    )  # fmt: skip
    if not rows:
        return False
    [row] = rows
    to = run.to if letter else ()
    await unit.tx.execute_many(
        "INSERT INTO mail (run, recipient, state, due_at) VALUES (?, ?, 'ready', ?)",
        [(row["id"], recipient, unit.at) for recipient in to],
    )
    for mail in await unit.tx.fetch("SELECT id FROM mail WHERE run = ? ORDER BY id", row["id"]):
        unit.ring(MAIL, mail["id"])
    told = {"digest": run.digest, "day": run.day.isoformat(), "items": len(letter.items) if letter else 0}
    unit.tell("digest_made", who=who, why={**told, "mails": len(to)})
    return True


#: Begins the name of what is no digest and lists no items; no name in the settings has a colon.
NOTICE = ":"
#: Of letters that urge.
URGING = f"{NOTICE}urge:"


async def alarmed(unit: Unit, alarm: int, letter: Letter, *, day: date, to: Sequence[str]) -> None:
    """Keep a letter about alarms, and a mail for each duty officer; `alarm` is the newest of them."""
    await noticed(unit, f"{NOTICE}alarm:{alarm}", letter, day=day, to=to)
    unit.tell("alarm_mailed", why={"alarm": alarm, "mails": len(to)})


async def noticed(unit: Unit, name: str, letter: Letter, *, day: date, to: Sequence[str]) -> list[int]:
    """Keep a letter that is no digest, and a mail for each reader. Returns the numbers of the mails.

    `name` begins with NOTICE and is used once a day.
    """
    [row] = await unit.tx.fetch(
        "INSERT INTO digest_run (digest, title, day, began_at, ended_at, made_at, items, left_out, subject, text,"
        " html) VALUES (?, ?, ?, ?, ?, ?, '[]', 0, ?, ?, ?) RETURNING id",
        name, letter.subject, day.isoformat(), unit.at, unit.at, unit.at, letter.subject, letter.text, letter.html,
    )  # fmt: skip
    mails = []
    for recipient in to:
        [mail] = await unit.tx.fetch(
            "INSERT INTO mail (run, recipient, state, due_at) VALUES (?, ?, 'ready', ?) RETURNING id",
            row["id"], recipient, unit.at,
        )  # fmt: skip
        unit.ring(MAIL, mail["id"])
        mails.append(mail["id"])
    return mails


def _items(items: Sequence[Listed]) -> str:
    return orjson.dumps([[str(each.content_id), each.is_new] for each in items]).decode()


def _texts(letter: Letter | None) -> tuple[int, str, str, str]:
    return (letter.left_out, letter.subject, letter.text, letter.html) if letter else (0, "", "", "")


async def claim(store: Store, ids: Sequence[int] | None, *, limit: int, lease: timedelta) -> list[MailClaim]:
    """Take up to `limit` mails that are due; what a dead worker may have sent is set aside as unknown."""
    now, token = store.now(), secrets.token_hex(16)
    at = micros(now)
    chosen = f" AND id IN ({marks(len(ids))})" if ids is not None else ""
    due = await store.fetch(
        "SELECT id FROM mail WHERE state IN ('ready', 'sending') AND due_at <= ?"
        f" AND (lease_until IS NULL OR lease_until < ?){chosen} ORDER BY due_at, id LIMIT ?",
        at, at, *(ids or ()), limit,
    )  # fmt: skip
    found = [row["id"] for row in due]
    if not found:
        return []
    free = f"id IN ({marks(len(found))}) AND (lease_until IS NULL OR lease_until < ?)"
    async with store.unit() as unit:
        for row in await unit.tx.fetch(
            "UPDATE mail SET state = 'unknown', error_code = ?, error_sentence = ?, settled_at = ?, lease_until = NULL,"
            f" lease_token = '' WHERE {free} AND state = 'sending' AND promised_at IS NOT NULL RETURNING id",
            LOST, LOST_SENTENCE, unit.at, *found, at,
        ):  # fmt: skip
            unit.tell("mail_unknown", why={"mail": row["id"], "code": LOST})
        rows = await unit.tx.fetch(
            "UPDATE mail SET state = 'sending', attempts = attempts + 1, lease_token = ?, lease_until = ?"
            f" WHERE id IN (SELECT id FROM mail WHERE {free} AND state IN ('ready', 'sending') AND due_at <= ?"
            f" ORDER BY due_at, id{store.database.skip_locked})"
            " RETURNING id, run, recipient, attempts, failed_since",
            token, micros(now + lease), *found, at, at,
        )  # fmt: skip
    return [
        MailClaim(
            id=row["id"], run=row["run"], recipient=row["recipient"], attempts=row["attempts"],
            failed_since=maybe_moment(row["failed_since"]), token=token,
        )
        for row in sorted(rows, key=lambda row: row["id"])
    ]  # fmt: skip


async def run_of(store: Store, claim: MailClaim) -> Run:
    """The digest that this mail brings."""
    [row] = await store.fetch("SELECT * FROM digest_run WHERE id = ?", claim.run)
    items = [Listed(UUID(content_id), is_new) for content_id, is_new in orjson.loads(row["items"])]
    return Run(
        id=row["id"], digest=row["digest"], title=row["title"], day=row["day"], struck=row["struck"],
        made_at=moment(row["made_at"]),
        told=Period(begin=moment(row["began_at"]), end=moment(row["ended_at"])),
        letter=Letter(
            subject=row["subject"], text=row["text"], html=row["html"], items=items, left_out=row["left_out"]
        ),
    )  # fmt: skip


async def withdrawn_since(store: Store, run: Run) -> bool:
    """Whether something that the letter lists was withdrawn after it was made."""
    ids = [str(each.content_id) for each in run.letter.items]
    rows = await store.fetch(
        f"SELECT 1 AS one FROM item WHERE content_id IN ({marks(len(ids))}) AND state <> 'live' LIMIT 1", *ids
    )
    return bool(rows)


async def struck(unit: Unit, run: Run, letter: Letter | None) -> bool:
    """Keep the letter without what was withdrawn; None: nothing is left, and mails that wait are dropped.

    False when somebody else did so meanwhile: look again.
    """
    changed = await unit.tx.execute(
        "UPDATE digest_run SET struck = struck + 1, items = ?, left_out = ?, subject = ?, text = ?, html = ?"
        " WHERE id = ? AND struck = ?",
        _items(letter.items if letter else ()), *_texts(letter), run.id, run.struck,
    )  # fmt: skip
    if changed:
        unit.tell("digest_struck", why={"digest": run.digest, "day": run.day,
                                        "items": len(letter.items) if letter else 0})  # fmt: skip
    return bool(changed)


async def emptied(unit: Unit, run: Run) -> None:
    """Let go of a letter's texts: nobody gets it any more, and it may not be kept."""
    await unit.tx.execute("UPDATE digest_run SET items = '[]', subject = '', text = '', html = '' WHERE id = ?", run.id)


_FENCE = " WHERE id = ? AND attempts = ? AND lease_token = ?"
_FREE = ", lease_until = NULL, lease_token = ''"


async def promised(unit: Unit, claim: MailClaim) -> None:
    """From this commit on the mail may be with its reader."""
    await unit.fenced(
        "UPDATE mail SET promised_at = ?" + _FENCE, unit.at, claim.id, claim.attempts, claim.token
    )  # fmt: skip


async def recalled(unit: Unit, mail: int) -> bool:
    """Take a letter back from whoever is sending it: he finds his lease lost before his promise, and it is judged anew.

    False when one of its readers may have it; the other mails are judged anew all the same.
    """
    waiting = await unit.tx.fetch(
        f"UPDATE mail SET state = 'ready'{_FREE} WHERE run = (SELECT run FROM mail WHERE id = ?)"
        " AND state IN ('ready', 'sending') AND promised_at IS NULL RETURNING id",
        mail,
    )
    for row in waiting:
        unit.ring(MAIL, row["id"])
    gone = await unit.tx.fetch(
        "SELECT 1 AS one FROM mail WHERE run = (SELECT run FROM mail WHERE id = ?) AND promised_at IS NOT NULL LIMIT 1",
        mail,
    )
    return bool(waiting) and not gone


async def is_promised(unit: Unit, claim: MailClaim) -> bool:
    """Whether it may be with its reader."""
    rows = await unit.tx.fetch("SELECT promised_at FROM mail" + _FENCE, claim.id, claim.attempts, claim.token)
    return bool(rows and rows[0]["promised_at"] is not None)


async def sent(unit: Unit, claim: MailClaim, answer: str) -> None:
    """The server took it; `answer` is its word, kept as proof."""
    await unit.fenced(
        "UPDATE mail SET state = 'done', answer = ?, settled_at = ?, error_code = '', error_sentence = '',"
        " failed_since = NULL" + _FREE + _FENCE,
        answer, unit.at, claim.id, claim.attempts, claim.token,
    )  # fmt: skip
    unit.tell("mail_sent", why={"mail": claim.id})


async def set_aside(unit: Unit, claim: MailClaim, state: MailState, *, code: str, sentence: str) -> None:
    """It rests as refused, unknown, parked or dropped; a person may send it again, but for what was dropped."""
    await unit.fenced(
        "UPDATE mail SET state = ?, error_code = ?, error_sentence = ?, settled_at = ?,"
        " failed_since = coalesce(failed_since, ?)" + _FREE + _FENCE,
        state, code, sentence, unit.at, unit.at, claim.id, claim.attempts, claim.token,
    )  # fmt: skip
    unit.tell(f"mail_{state}", why={"mail": claim.id, "code": code})


async def later(
    unit: Unit, claim: MailClaim, *, due_at: datetime, code: str, sentence: str, counts: bool
) -> None:  # fmt: skip
    """Nothing was sent; try again then. An attempt that does not count is given back."""
    await unit.fenced(
        "UPDATE mail SET state = 'ready', promised_at = NULL, due_at = ?, error_code = ?, error_sentence = ?,"
        " attempts = attempts - ?, failed_since = coalesce(failed_since, ?)" + _FREE + _FENCE,
        micros(due_at), code, sentence, 0 if counts else 1, unit.at, claim.id, claim.attempts, claim.token,
    )  # fmt: skip


async def all_wait(unit: Unit, *, until: datetime, code: str, sentence: str) -> None:
    """The server wants no mail of ours for a while: those that are ready are not tried before that."""
    await unit.tx.execute(
        "UPDATE mail SET due_at = ?, error_code = ?, error_sentence = ?, failed_since = coalesce(failed_since, ?)"
        " WHERE state = 'ready' AND due_at < ?",
        micros(until), code, sentence, unit.at, micros(until),
    )  # fmt: skip


async def decided(unit: Unit, mail: int, state: MailState, *, who: str, why: str) -> str | None:
    """A person sends a mail that is not known to have arrived, or lets it be; returns whom it is for.

    None when it does not wait for a person.
    """
    waits = "'unknown', 'refused', 'parked'" + (", 'ready'" if state is MailState.DROPPED else "")
    rows = await unit.tx.fetch(
        "UPDATE mail SET state = ?, promised_at = NULL, due_at = ?, attempts = 0, failed_since = NULL, error_code = '',"
        f" error_sentence = '', settled_at = CASE WHEN CAST(? AS INTEGER) = 1 THEN CAST(? AS BIGINT) END"
        f" WHERE id = ? AND state IN ({waits}) RETURNING recipient",
        state, unit.at, int(state is MailState.DROPPED), unit.at, mail,
    )  # fmt: skip
    if not rows:
        return None
    if state is MailState.READY:
        unit.ring(MAIL, mail)
        unit.tell("mail_again", who=who, why={"mail": mail, "why": why})
    else:
        unit.tell("mail_dropped", who=who, why={"mail": mail, "why": why})
    return str(rows[0]["recipient"])
