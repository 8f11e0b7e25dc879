"""`hub discover`: how can this site be read? Shows what was found and the entry to paste; stores nothing."""

from collections.abc import Iterator
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Any

import typer

from hub.cli.invocation import Invocation

if TYPE_CHECKING:
    from datetime import tzinfo

    from connectors.discovery.proposal import Proposal
    from hub.discover import Discovery
    from hub.settings import Settings

commands = typer.Typer()

#: items of a proposal that are shown
SHOWN = 10

NOTHING = (
    "Không tìm thấy nguồn tin nào (nothing was found). Có thể danh sách tin được tạo bằng JavaScript, nằm ở trang khác,"
    " hoặc robots.txt không cho đọc.",
    "Hãy thử lại với địa chỉ của chính trang danh sách tin, hoặc hỏi đơn vị quản trị trang về RSS; cách khai báo bằng"
    " tay: docs/howto/connect-a-site.md.",
)


@commands.command()
def discover(
    context: typer.Context,
    url: Annotated[str, typer.Argument(help="Home page of a site, or its page of news.")],
    member: Annotated[str | None, typer.Option(help="Code of the member whose site it is.")] = None,
    everything: Annotated[bool, typer.Option("--all", help="Show the items of every proposal.")] = False,
) -> None:
    """Find out how a site can be read: feeds, interfaces, sitemaps, lists. Nothing is written."""
    from hub.cli import opening

    call: Invocation = context.obj
    zone: list[tzinfo] = []

    async def work(settings: "Settings") -> "Discovery":
        from hub.app import client
        from hub.clock import SystemClock
        from hub.discover import discover

        zone.append(settings.zone)
        async with client(settings, SystemClock()) as http:
            return await discover(settings, url, http, member=member)

    found = opening.run(call, work, quiet=True)
    call.answer(_document(found), lambda: _lines(found, zone[0], everything=everything))
    if not found.findings.proposals:
        raise typer.Exit(1)


def _document(found: "Discovery") -> dict[str, Any]:
    from hub.discover import newest

    findings = found.findings
    return {
        "home": findings.home,
        "title": findings.title,
        "product": findings.product,
        "member": found.member,
        "asked": [{"url": step.url, **step.outcome._asdict()} for step in findings.steps],
        "proposals": [
            {
                "connector": proposal.candidate.connector,
                "url": proposal.candidate.url,
                "keys": dict(proposal.candidate.keys),
                "kind": proposal.kind,
                "worth": proposal.worth.name.lower(),
                "reason": proposal.reason._asdict(),
                "remarks": [remark._asdict() for remark in proposal.remarks],
                "items": [asdict(item) for item in newest(proposal, SHOWN)],
                "settings": entry,
            }
            for proposal, entry in zip(findings.proposals, found.entries, strict=True)
        ],
    }


def _lines(found: "Discovery", zone: "tzinfo", *, everything: bool) -> Iterator[str]:
    from hub.discover import UNKNOWN_MEMBER, newest

    findings = found.findings
    yield f"{findings.title or findings.home} – {findings.home}"
    yield f"Sản phẩm (product): {findings.product or 'không nhận ra (unknown)'}"
    yield ""
    yield "Đã hỏi (asked):"
    for step in findings.steps:
        yield f"  {step.url} – {step.outcome.vi}"
    if not findings.proposals:
        yield ""
        yield from NOTHING
        return
    yield ""
    yield "Đề xuất, tốt nhất đứng đầu (proposals, best first):"
    for number, proposal in enumerate(findings.proposals, 1):
        yield from _proposal(number, proposal, zone)
    for number, proposal in enumerate(findings.proposals if everything else findings.proposals[:1], 1):
        yield ""
        yield f"{min(SHOWN, len(proposal.sample.items))} mục mới nhất của đề xuất {number} (newest items):"
        for item in newest(proposal, SHOWN):
            day = item.published.astimezone(zone).strftime("%d/%m/%Y %H:%M") if item.published else "không có ngày   "
            yield f"  {day}  {item.title}"
            yield f"{'':20}{item.url}"
        if everything:
            yield ""
            yield found.entries[number - 1].rstrip()
    if not everything:
        yield ""
        yield "Chép vào settings.toml rồi chạy hub check (paste this, then run hub check):"
        yield ""
        yield found.entries[0].rstrip()
    if found.member == UNKNOWN_MEMBER:
        yield ""
        yield (
            f'Thay "{UNKNOWN_MEMBER}" bằng mã (code) của đơn vị trong [[member]], chưa có thì thêm [[member]] trước;'
            " hoặc dùng --member (name the member)."
        )


def _proposal(number: int, proposal: "Proposal", zone: "tzinfo") -> Iterator[str]:
    dates = [item.published for item in proposal.sample.items if item.published]
    newest = f", mới nhất {max(dates).astimezone(zone):%d/%m/%Y %H:%M}" if dates else ""
    yield f"  {number}. {proposal.candidate.connector} · {proposal.kind} · {len(proposal.sample.items)} mục{newest}"
    yield f"     {proposal.candidate.url}"
    yield f"     {proposal.reason.vi}"
    yield f"     ({proposal.reason.en})"
    for remark in proposal.remarks:
        yield f"     lưu ý: {remark.vi}"
