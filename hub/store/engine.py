"""What `Database` needs of a driver: a session inside one transaction, reads outside of it, calls that are not torn.

Two engines stand behind it, `hub.store.sqlite` and `hub.store.postgres`. Both raise `connectors.errors.TransientError`
when the database is away, busy or full, and leave every other error of the driver as it is: a defect of ours.
"""

import asyncio
from collections.abc import Callable, Coroutine, Sequence
from typing import Any, Literal, Protocol, TypeVar

Row = dict[str, Any]
Dialect = Literal["sqlite", "postgres"]
Result = TypeVar("Result")

AWAY = (
    "Không kết nối được cơ sở dữ liệu; hệ thống tự thử lại. "
    "Nếu kéo dài, hãy kiểm tra máy chủ cơ sở dữ liệu và đường mạng."
)
BUSY = "Cơ sở dữ liệu đang bận; hệ thống tự thử lại, không cần làm gì."
DAMAGED = (
    "Đọc tệp dữ liệu bị lỗi; hệ thống tự thử lại. Nếu lặp lại, hãy kiểm tra đĩa rồi khôi phục từ bản sao lưu gần nhất."
)
FULL = "Đĩa hoặc bộ nhớ của cơ sở dữ liệu đã đầy; hãy giải phóng dung lượng, sau đó hệ thống tự chạy tiếp."


class Session(Protocol):
    """One open transaction on one connection. After `commit` or `rollback` the connection has gone back."""

    async def fetch(self, sql: str, args: Sequence[Any]) -> list[Row]: ...

    async def fetch_later(self, sql: str, args: Sequence[Any]) -> list[Row]:
        """As `execute_many`: in its place among the statements, and the list is filled at the latest by the commit."""

    async def execute(self, sql: str, args: Sequence[Any]) -> int: ...

    async def execute_many(self, sql: str, rows: Sequence[Sequence[Any]]) -> None:
        """It may run with the next statement or the commit, which then raises its error."""

    async def change_one(self, sql: str, args: Sequence[Any], otherwise: Exception) -> None:
        """Change exactly one row; it too may run with the next statement or the commit, which then raises `otherwise`
        where it was not one.
        """

    async def execute_at_commit(self, sql: str, rows: Sequence[Sequence[Any]]) -> None:
        """As late as the commit, in the order of asking: for what no statement reads before it."""

    async def commit(self) -> None:
        """Make it last; a failed commit has rolled back and given the connection back before it raises."""

    async def rollback(self) -> None:
        """Undo everything; never raises, a connection that cannot be cleaned is thrown away."""


class Engine(Protocol):
    """One database: how a transaction begins and how is read outside of one."""

    dialect: Dialect
    skip_locked: str

    async def begin(self, *, patient: bool = False) -> Session:
        """Begin a transaction; cancelled or failed, nothing stays open. `patient`: statements may take an hour."""

    async def fetch(self, sql: str, args: Sequence[Any]) -> list[Row]:
        """Read what is committed, never waiting for an open transaction."""

    async def each(self, sql: str, args: Sequence[Any], take: Callable[..., None]) -> None:
        """The same, and give the values of each row to `take` as they come, perhaps in another thread."""

    async def scrub(self, table: str) -> None:
        """Make purged rows of the table leave the files too."""

    async def drop_caches(self) -> None:
        """Let go of what is only kept to be quicker next time, pages and statements; what is open stays open."""

    async def close(self) -> None:
        """Close every connection within seconds, whatever state they are in."""


async def unbroken(work: Coroutine[Any, Any, Result]) -> Result:
    """Run to the end although the caller is cancelled meanwhile; the cancellation is raised afterwards, not lost."""
    task = asyncio.ensure_future(work)
    cancellation: asyncio.CancelledError | None = None
    while not task.done():
        try:
            await asyncio.wait([task])
        except asyncio.CancelledError as error:
            cancellation = error
    if cancellation is not None:
        raise cancellation from None if task.cancelled() else task.exception()
    return task.result()
