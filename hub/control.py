"""Hands people's commands to the process at work: embedded, one process owns the database.

    hub approve … ──JSON line──> control.sock in data_dir ──> hub.commands.approve ──JSON line──> answer

Where no process listens the command opens the hub itself and runs the very same function. The socket is for the
account that runs the hub only (mode 0600): whoever may read the database file may also decide here.
"""

import asyncio
import os
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import asdict, is_dataclass
from functools import partial
from pathlib import Path
from typing import Any

import orjson
import structlog
from pydantic import ValidationError, validate_call

from connectors.errors import HubError
from hub.commands.accounts import add_account, end_account, grant, reopen_account, revoke
from hub.commands.add_key import add_key
from hub.commands.approve import approve
from hub.commands.backfill import backfill, stop_backfill
from hub.commands.begin_round import begin_round, left_of_round
from hub.commands.count_again import count_again
from hub.commands.credentials import reset_code, set_password
from hub.commands.decide_run import discard_run, release_run
from hub.commands.differences import accept_differences, decide_difference
from hub.commands.drop_report import drop_report
from hub.commands.edit import edit
from hub.commands.end_key import end_key
from hub.commands.free import free
from hub.commands.load_codes import load_codes
from hub.commands.load_visits import load_visits
from hub.commands.mails import drop_mail, make_digest, send_mail
from hub.commands.make_report import make_report
from hub.commands.pause import pause, resume
from hub.commands.poll import poll
from hub.commands.posts import approve_post, confirm_post, refuse_post
from hub.commands.propose import confirm, decline, propose_post, propose_withdrawal
from hub.commands.read_counters import read_counters
from hub.commands.recall import recall
from hub.commands.reconcile import reconcile, stop_reconciliation
from hub.commands.reindex import reindex_search
from hub.commands.reject import reject
from hub.commands.release_hold import reject_hold, release_hold
from hub.commands.replay import replay
from hub.commands.return_edition import return_edition
from hub.commands.schedule import schedule, unschedule
from hub.commands.screen_again import screen_again
from hub.commands.see_alarm import see_alarm
from hub.commands.sessions import end_all_sessions
from hub.commands.sign_report import sign_report
from hub.commands.stop_urging import stop_reminder
from hub.commands.tasks import drop_task, finish_task
from hub.commands.urge import prepare_reminders, send_reminders
from hub.commands.withdraw import withdraw
from hub.commands.write_words import write_words
from hub.control_socket import LIMIT, PATIENCE, CommandFailedError, address_of, socket_of
from hub.engine import Engine

log = structlog.get_logger(__name__)

Command = Callable[..., Awaitable[Any]]
#: by the name under which it is asked for
COMMANDS: Mapping[str, Command] = {
    "approve": approve, "reject": reject, "withdraw": withdraw, "replay": replay, "release": release_run,
    "discard": discard_run, "free": free, "pause": pause, "resume": resume, "poll": poll,
    "begin_round": begin_round, "left_of_round": left_of_round,
    "backfill": backfill, "stop_backfill": stop_backfill,
    "load_visits": load_visits, "read_counters": read_counters,
    "prepare_reminders": prepare_reminders, "send_reminders": send_reminders, "stop_reminder": stop_reminder,
    "load_codes": load_codes, "reindex_search": reindex_search, "count_again": count_again,
    "add_key": add_key, "end_key": end_key,
    "reconcile": reconcile, "stop_reconciliation": stop_reconciliation,
    "accept_differences": accept_differences, "decide_difference": decide_difference,
    "approve_post": approve_post, "refuse_post": refuse_post, "confirm_post": confirm_post,
    "send_mail": send_mail, "drop_mail": drop_mail, "make_digest": make_digest,
    "add_account": add_account, "end_account": end_account, "reopen_account": reopen_account,
    "grant": grant, "revoke": revoke, "set_password": set_password, "reset_code": reset_code,
    "end_all_sessions": end_all_sessions,
    "edit": edit, "return": return_edition, "schedule": schedule, "unschedule": unschedule,
    "propose_withdrawal": propose_withdrawal, "propose_post": propose_post, "confirm": confirm, "decline": decline,
    "finish_task": finish_task, "drop_task": drop_task,
    "release_hold": release_hold, "reject_hold": reject_hold, "recall": recall, "screen_again": screen_again,
    "see_alarm": see_alarm,
    "make_report": make_report, "write_words": write_words, "sign_report": sign_report, "drop_report": drop_report,
}  # fmt: skip


_OTHER_VERSION = (
    "Tiến trình đang chạy không hiểu lệnh này, có thể do khác phiên bản. Hãy khởi động lại hub rồi thử lại."
)
_DEFECT = (
    "Phần mềm của hệ thống gặp lỗi khi thực hiện lệnh. Hãy báo bộ phận kỹ thuật kèm nhật ký của tiến trình đang chạy."
)


async def execute(engine: Engine, name: str, arguments: Mapping[str, Any]) -> Any:
    """Run one command, its arguments checked against its own types. Returns plain JSON.

    Raises what the command raises, and CommandFailedError for a name or arguments that are none.
    """
    return await _Commands(engine).execute(name, arguments)


class _Commands:
    """The commands of one engine. What checks a command's arguments is made once: that takes milliseconds."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._checked: dict[str, Command] = {}

    async def execute(self, name: str, arguments: Mapping[str, Any]) -> Any:
        """As `execute`."""
        if name not in COMMANDS:
            raise CommandFailedError(f"{name[:40]}: no such command", code="bad_command", sentence=_OTHER_VERSION)
        if name not in self._checked:
            self._checked[name] = validate_call(partial(COMMANDS[name], self._engine))
        try:
            result = await self._checked[name](**arguments)
        except ValidationError as error:
            raise CommandFailedError(
                f"{name}: arguments that do not fit", code="bad_command", sentence=_OTHER_VERSION
            ) from error
        return asdict(result) if is_dataclass(result) and not isinstance(result, type) else result


@asynccontextmanager
async def listening(engine: Engine, data_dir: Path) -> AsyncIterator[None]:
    """Take commands while the block runs."""
    path, commands = socket_of(data_dir), _Commands(engine)
    _make_room(path)

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            async with asyncio.timeout(PATIENCE):
                question = orjson.loads(await reader.readline())
                writer.write(orjson.dumps(await _answer(commands, question)) + b"\n")
                await writer.drain()
        except (TimeoutError, ConnectionError, ValueError, orjson.JSONDecodeError):
            log.info("a command was not understood")
        finally:
            writer.close()

    before = os.umask(0o177)
    try:
        with address_of(path) as address:
            server = await asyncio.start_unix_server(answer, address, limit=LIMIT)
    finally:
        os.umask(before)
    try:
        yield
    finally:
        server.close()
        path.unlink(missing_ok=True)


def _make_room(path: Path) -> None:
    """A socket of a process that was killed is in the way; the lock of the database proves that it is gone."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.unlink(missing_ok=True)


async def _answer(commands: _Commands, question: Any) -> dict[str, Any]:
    try:
        return {"result": await commands.execute(question["command"], question["arguments"])}
    except HubError as error:
        return {"error": error.code, "detail": str(error), "sentence": error.sentence}
    except Exception as error:
        log.error("defect in a command", error=type(error).__name__, exc_info=error)
        return {"error": "defect", "detail": type(error).__name__, "sentence": _DEFECT}
