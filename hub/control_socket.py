"""The socket between a command of a person and the process at work: where it is, and asking.

Whoever asks needs nothing of the hub itself, so that a command beside a process at work begins and ends at once.
"""

import asyncio
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Final

import orjson

from connectors.errors import HubError

#: longest question and answer, in bytes; seconds for one command
LIMIT: Final = 64 * 1024
PATIENCE: Final = 30.0

_NO_ANSWER: Final = (
    "Tiến trình đang chạy không trả lời kịp nên chưa rõ lệnh đã được thực hiện hay chưa."
    " Hãy xem bằng lệnh hub trace hoặc hub status rồi thử lại."
)


class CommandFailedError(HubError):
    """The process at work refused the command."""


def socket_of(data_dir: Path) -> Path:
    """Where the process at work listens."""
    return data_dir / "control.sock"


@contextmanager
def address_of(path: Path) -> Iterator[str]:
    """The same place under a name that fits: an address of a socket has room for 107 bytes, a folder may be deeper."""
    folder = os.open(path.parent, os.O_PATH | os.O_DIRECTORY)
    try:
        yield f"/proc/self/fd/{folder}/{path.name}"
    finally:
        os.close(folder)


async def ask(data_dir: Path, name: str, arguments: Mapping[str, Any]) -> Any:
    """Let the process at work run a command. Raises FileNotFoundError or ConnectionError when none listens."""
    with address_of(socket_of(data_dir)) as address:
        reader, writer = await asyncio.open_unix_connection(address, limit=LIMIT)
    try:
        writer.write(orjson.dumps({"command": name, "arguments": dict(arguments)}) + b"\n")
        async with asyncio.timeout(PATIENCE):
            line = await reader.readline()
    except TimeoutError:
        raise CommandFailedError(
            "the process at work did not answer in time", code="no_answer", sentence=_NO_ANSWER
        ) from None
    finally:
        writer.close()
        with suppress(ConnectionError):
            await writer.wait_closed()
    stopped = {"error": "stopped", "detail": "the process at work stopped", "sentence": _NO_ANSWER}
    answer = orjson.loads(line) if line else stopped
    if "error" in answer:
        raise CommandFailedError(answer["detail"], code=answer["error"], sentence=answer["sentence"])
    return answer["result"]
