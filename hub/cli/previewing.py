"""`hub preview`: look before a source is added, or after its mapping was changed."""

from collections.abc import Iterator
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer

from hub.cli.invocation import Invocation

if TYPE_CHECKING:
    from hub.preview import Preview, PreviewedItem
    from hub.settings import Settings

commands = typer.Typer()


@commands.command()
def preview(
    context: typer.Context, what: Annotated[str, typer.Argument(help="Name of a source, or the address of a feed.")]
) -> None:
    """Show what would be stored of a source now; nothing is written."""
    from hub.cli import opening

    call: Invocation = context.obj

    async def work(settings: "Settings") -> "Preview":
        from pydantic import ValidationError

        from connectors.errors import ConfigError
        from hub.app import client
        from hub.clock import SystemClock
        from hub.preview import preview, unknown_source

        source = next((s for s in settings.sources if s.name == what), None)
        if source is None:
            try:
                source = unknown_source(settings, what)
            except ValidationError:
                raise ConfigError(
                    f"{what} is neither a source of {call.settings} nor an http(s) address",
                    sentence="Không có nguồn tên này, và đây cũng không phải địa chỉ http(s)."
                    " Tên nguồn ghi trong settings.toml.",
                ) from None
        async with client(settings, SystemClock()) as http:
            return await preview(settings, source, http)

    found = opening.run(call, work, quiet=True)
    call.answer(asdict(found), lambda: _lines(found))


def _page(whole: "PreviewedItem") -> Iterator[str]:
    """What the page of the first item adds."""
    from connectors.parse.html import plain

    item = whole.item
    text = plain(item["content_html"])
    authors = ", ".join(author["name"] for author in item["authors"]) or "không rõ"
    yield f"  đọc cả trang chi tiết, ví dụ mục đầu: {item['title']}"
    yield f"      {len(text)} ký tự, ngày {item['published'] or 'không rõ'}, tác giả {authors},"
    yield f"      ảnh {item['image'] or 'không có'}, {len(item['attachments'])} tệp đính kèm"
    yield f"      {text[:300]}{'…' if len(text) > 300 else ''}"
    for attachment in item["attachments"]:
        yield f"      tệp: {attachment['title']} {attachment['url']}"
    if whole.remarks:
        yield f"      ghi nhận khi đọc: {', '.join(whole.remarks)}"


def _lines(found: "Preview") -> Iterator[str]:
    yield f"{found.url} – {found.format}, {len(found.items)} mục" + (" (bị cắt cụt)" if found.truncated else "")
    if found.moved_to:
        yield f"  trang đã chuyển hẳn sang {found.moved_to}; đề nghị ghi địa chỉ này vào settings.toml"
    if found.ttl:
        yield f"  nguồn đề nghị hỏi lại sau {found.ttl / 60:g} phút"
    for each in found.items:
        item = each.item
        yield f"  {item['published'] or 'không có ngày'}  {item['title']}"
        yield f"      {item['url'] or item['guid']}"
        if each.remarks:
            yield f"      đã sửa khi đọc: {', '.join(each.remarks)}"
    if found.without_page:
        yield f"  không đọc được trang chi tiết: {found.without_page}"
    if found.whole:
        yield from _page(found.whole)
    for rejection in found.rejections:
        yield f"  bị loại: {rejection['pointer']} – {rejection['code']}: {rejection['detail']}"
    for guid in found.withdrawn:
        yield f"  đã gỡ tại nguồn: {guid}"
