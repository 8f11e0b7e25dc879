"""`hub preview`: what would be stored of a source, or how an item would look at a destination."""

from collections.abc import Iterator
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Any

import typer

from hub.cli.invocation import Invocation
from hub.cli.words import EDITIONS

if TYPE_CHECKING:
    from hub.preview import Preview, PreviewedItem
    from hub.queries.face import PreviewedFace
    from hub.settings import Settings

commands = typer.Typer()


@commands.command()
def preview(
    context: typer.Context,
    what: Annotated[str, typer.Argument(help="Name of a source, or address of a feed; with --to a content id.")],
    to: Annotated[str, typer.Option(metavar="DESTINATION", help="Show how this item would look there.")] = "",
) -> None:
    """Show what would be stored of a source now, or what would be sent of an item; nothing is written."""
    from hub.cli import opening

    call: Invocation = context.obj
    if to:
        return _preview_item(call, what, to)

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


def _preview_item(call: Invocation, what: str, to: str) -> None:
    """An item as a destination would show it."""
    from uuid import UUID

    from hub.cli import opening

    try:
        content_id = UUID(what)
    except ValueError:
        raise typer.BadParameter("with --to, give the content id of an item", param_hint="what") from None

    async def work(settings: "Settings") -> "PreviewedFace":
        from hub.queries.face import face

        async with opening.looking(settings) as engine:
            return await face(engine, content_id, to)

    found = opening.run(call, work, quiet=True)
    call.answer(_face_document(found), lambda: _face_lines(found))


def _face_document(found: "PreviewedFace") -> dict[str, Any]:
    document = asdict(found)
    if found.payload:
        document["payload"] |= {"body": found.payload.body.decode("utf-8", "replace")}
    return document


def _face_lines(found: "PreviewedFace") -> Iterator[str]:
    yield f"{found.destination}: phiên bản {found.revision} ({EDITIONS.get(found.state, found.state)})"
    if found.payload is None:
        yield f"  nơi nhận này không nhận nội dung: {found.refused}"
        return
    if found.payload.key:
        yield f"  khoá tại nơi nhận: {found.payload.key}"
    if found.face is None:
        yield f"  gửi {len(found.payload.body)} byte ({found.payload.content_type}); xem đầy đủ bằng --json"
        return
    yield from (f"  | {line}" for line in (found.face.text or found.face.html).splitlines())
    if found.face.link:
        yield f"  liên kết: {found.face.link}"
    for image in found.face.images:
        yield f"  ảnh: {image}" + (f" (mô tả: {found.face.alt})" if found.face.alt else "")
    for note in found.face.notes:
        yield f"  lưu ý: {note}"


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
