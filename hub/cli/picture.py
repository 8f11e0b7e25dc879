"""What a person sees in the terminal while the hub works, and when it is done. Vietnamese first."""

import sys
import time
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from rich.console import Console
from rich.table import Table

from hub.cli.covering import in_short
from hub.cli.words import DELIVERIES, DESTINATIONS, EDITIONS, SOURCES, listed

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
    idle = {name: sources[name] for name in SOURCES if sources.get(name)}
    rest = f", {listed(idle, SOURCES)}" if idle else ""
    yield f"Nguồn tin (sources): {sources.get('active', 0)} hoạt động, {asked} đã thu, {failing} gặp lỗi{rest}"
    yield f"Tin, bài (items): {status.items} đã lưu, {status.withdrawn} đã gỡ"
    yield f"Phiên bản (editions): {listed(status.editions, EDITIONS)}"
    for name, states in sorted(status.deliveries.items()):
        yield f"Chuyển tới {name} (deliveries): {listed(states, DELIVERIES)}"
    for name, state in status.destinations.items():
        if state != "active":
            yield f"Nơi nhận {name}: {DESTINATIONS.get(state, state)}"
    yield from in_short(status.coverage)
    yield "Mục bị loại (rejections): " + (listed(status.rejections, {}) if status.rejections else "không có")
    for capture, source, sentence in status.held_runs:
        yield f"Lượt thu tạm giữ #{capture} – {source}: {sentence}"
    if dead := status.captures.get("dead"):
        yield f"Lượt thu không đọc được (captures): {dead}, xem bằng lệnh hub dead"
    if status.late:
        yield f"Chậm quá 15 phút (late): {status.late} lượt chuyển"
    for trouble in status.troubles:
        yield f"Cần xem: {trouble.name} – {trouble.sentence or trouble.code}"
    for silent in status.quiet:
        yield f"Im lặng: {silent.source} – {silent.sentence}"


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
