"""Traces and set-aside work as lines for a person."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from hub.cli.words import ATTEMPTS, CAPTURES, CHANGES, DELIVERIES, EDITIONS, ITEMS

if TYPE_CHECKING:
    from hub.queries.dead import Dead
    from hub.queries.held import HeldEdition
    from hub.queries.trace import EditionStep, Trace


def told(traces: "Sequence[Trace]", zone: ZoneInfo) -> Iterator[str]:
    """Every stage of each item, oldest first; times in the hub's zone."""
    if not traces:
        yield "Không tìm thấy nội dung này trong hệ thống (not known)."
    for trace in traces:
        yield f"{trace.title}"
        yield f"  mã nội dung {trace.content_id} · nguồn {trace.source} · đơn vị {trace.member} · {ITEMS[trace.state]}"
        yield f"  guid {trace.guid}" + (f" · {trace.url}" if trace.url else "")
        for edition in trace.editions:
            yield from _edition(edition, zone)
        for delivery in trace.deliveries:
            yield (
                f"  → {delivery.destination}: {DELIVERIES[delivery.state]}, cần bản {delivery.wanted_revision},"
                f" đã hiển thị bản {delivery.sent_revision}" + (f" – {delivery.error}" if delivery.error else "")
            )
            for attempt in delivery.attempts:
                ended = f" – {_local(attempt.ended_at, zone)}" if attempt.ended_at else ""
                detail = f" ({attempt.detail})" if attempt.detail else ""
                began = _local(attempt.started_at, zone)
                yield f"      lần gửi bản {attempt.revision}: {began}{ended} {ATTEMPTS[attempt.outcome]}{detail}"
        for event in trace.events:
            place = f" → {event.destination}" if event.destination else ""
            yield f"  {_local(event.at, zone)} {event.who}: {event.what} bản {event.revision}{place}"


def _edition(edition: "EditionStep", zone: ZoneInfo) -> Iterator[str]:
    why = edition.why
    state = f"{EDITIONS[edition.state]}, {CHANGES[edition.update_type]}"
    yield (
        f"  bản {edition.revision} [{state}] {_local(edition.seen_at, zone)}"
        f" · lượt thu {edition.capture}, {edition.pointer}" + (f" · {edition.decided_by}" if edition.decided_by else "")
    )
    if change := why.get("change"):
        yield f"      thay đổi: {change['kind']} {', '.join(change['fields'])} – {change['reason']}"
    if review := why.get("review"):
        yield f"      duyệt: {review['sentence']}"
    for route in why.get("routing", ()):
        matched = f"→ {', '.join(route['to'])}" if route["matched"] else "không khớp"
        failed = [check["field"] for check in route["checks"] if not check["holds"]]
        yield f"      tuyến {route['route']}: {matched}" + (f" ({', '.join(failed)})" if failed else "")


def waiting(held: "Sequence[HeldEdition]", zone: ZoneInfo, *, more: bool) -> Iterator[str]:
    """The review queue, and the commands that decide."""
    for edition in held:
        yield f"{edition.content_id} bản {edition.revision} · {edition.source} · {_local(edition.since, zone)}"
        yield f"    {edition.title}" + (f" – {edition.url}" if edition.url else "")
        yield f"    {edition.sentence} (hub approve {edition.content_id} | hub reject {edition.content_id})"
    if more:
        yield f"Còn nữa, mới hiện {len(held)} phiên bản: hub held --limit {10 * len(held)} (there are more)."
    if not held:
        yield "Không có phiên bản nào chờ duyệt (nothing is held)."


def set_aside(dead: "Dead") -> Iterator[str]:
    """What waits for a person, and the command that frees it."""
    for delivery in dead.deliveries:
        yield (
            f"lượt chuyển {delivery.id} [{DELIVERIES[delivery.state]}] {delivery.destination}: {delivery.title}"
            f" – {delivery.sentence} (hub free {delivery.id})"
        )
    for capture in dead.captures:
        cure = (
            f"hub release {capture.id} | hub discard {capture.id}"
            if capture.state == "held"
            else f"hub replay --capture {capture.id}"
        )
        yield f"lượt thu {capture.id} [{CAPTURES[capture.state]}] {capture.source}: {capture.sentence} ({cure})"
    for record in dead.records:
        where = f"lượt thu {record.capture}, {record.source}, {record.pointer}"
        yield f"mục bị loại: {where}: {record.code} – {record.detail}"
    if not (dead.deliveries or dead.captures or dead.records):
        yield "Không có gì bị gác lại (nothing set aside)."


def _local(at: datetime, zone: ZoneInfo) -> str:
    return at.astimezone(zone).strftime("%d/%m/%Y %H:%M:%S")
