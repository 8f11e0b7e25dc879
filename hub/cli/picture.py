"""What a person sees in the terminal while the hub works, and when it is done. Vietnamese first."""

import sys
import time
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from rich.console import Console
from rich.table import Table

if TYPE_CHECKING:
    from hub.queries.status import Status
    from hub.store.unit import Store

#: seconds after which work shows that it goes on
PATIENCE = 2.0


@asynccontextmanager
async def watched(store: "Store", *, quiet: bool) -> AsyncIterator[Callable[[], None]]:
    """A progress line on standard error for anything longer than two seconds; yields what to call now and then."""
    from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

    began = time.monotonic()
    columns = (SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn())
    progress = Progress(
        *columns, console=Console(stderr=True), transient=True, disable=quiet or not sys.stderr.isatty()
    )
    task = progress.add_task("Đang thu thập, chuẩn hoá và chuyển tin …")

    def look() -> None:
        if not progress.live.is_started and time.monotonic() - began > PATIENCE:
            progress.start()
        progress.advance(task)

    try:
        yield look
    finally:
        progress.stop()


def summary(status: "Status") -> Iterator[str]:
    """The state of the hub in lines."""
    sources = status.sources
    asked, failing = sources.get("polled", 0), sources.get("failing", 0)
    rest = _rest(sources, ("active", "failing", "polled"))
    yield f"Nguồn tin (sources): {sources.get('active', 0)} hoạt động, {asked} đã thu, {failing} gặp lỗi{rest}"
    yield f"Tin, bài (items): {status.items} đã lưu, {status.withdrawn} đã gỡ"
    yield f"Phiên bản (editions): {_listed(status.editions, EDITIONS)}"
    for name, states in sorted(status.deliveries.items()):
        yield f"Chuyển tới {name} (deliveries): {_listed(states, DELIVERIES)}"
    for name, state in status.destinations.items():
        if state != "active":
            yield f"Nơi nhận {name}: {PLACES.get(state, state)}"
    yield "Mục bị loại (rejections): " + (_listed(status.rejections, {}) if status.rejections else "không có")
    for capture, source, sentence in status.held_runs:
        yield f"Lượt thu tạm giữ #{capture} – {source}: {sentence}"
    if status.late:
        yield f"Chậm quá 15 phút (late): {status.late}"
    for trouble in status.troubles:
        yield f"Cần xem: {trouble.name} – {trouble.sentence or trouble.code}"


EDITIONS = {
    "approved": "đã duyệt", "held": "chờ duyệt", "rejected": "bị từ chối", "superseded": "đã thay thế",
    "withdrawn": "gỡ bài",
}  # fmt: skip
PLACES = {"paused": "đang tạm dừng theo lệnh (hub resume destination)", "blocked": "từ chối nhận, cần xem lại"}
DELIVERIES = {
    "done": "đã xác nhận", "ready": "chờ gửi", "sending": "đang gửi", "refused": "bị từ chối", "parked": "tạm gác",
}  # fmt: skip


def _listed(counts: Mapping[str, int], words: Mapping[str, str]) -> str:
    return ", ".join(f"{count} {words.get(name, name)}" for name, count in sorted(counts.items())) or "0"


def _rest(counts: Mapping[str, int], known: tuple[str, ...]) -> str:
    rest = {name: count for name, count in counts.items() if name not in known and count}
    words = {"paused": "tạm dừng", "blocked": "bị chặn", "removed": "đã bỏ"}
    return f", {_listed(rest, words)}" if rest else ""


def live_table(status: "Status", addresses: Mapping[str, str]) -> Table:
    """The picture that `hub sample` keeps on the screen."""
    table = Table(title="Tỉnh Mẫu – hệ thống tổng hợp tin", show_header=False, expand=False)
    for name, address in addresses.items():
        table.add_row(name, address)
    table.add_section()
    for line in summary(status):
        name, _, text = line.partition(": ")
        table.add_row(name, text)
    return table
