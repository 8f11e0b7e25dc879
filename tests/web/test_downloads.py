"""The files that a page offers: Word, XML and JSON of procedures and documents, over HTTP."""

from schemas.document import Document, Relation
from schemas.edition import PublishedItem, WithdrawalKind
from schemas.procedure import Procedure
from tests.web.press import Press, id_of, news
from tests.web.test_details import Client, example, page, text


async def test_a_page_offers_its_files_and_they_come(client: Client, press: Press) -> None:
    item = example("procedure")
    await press.publish(item)
    shown = await page(client, item)
    offered = {text(link): link.get("href") for link in shown.find_class("downloads")[0].iter("a")}
    path = f"/items/{id_of(item.guid)}"
    assert offered == {"DOCX": f"{path}.docx", "XML": f"{path}.xml", "JSON": f"{path}.json"}
    name = "thu-tuc-1.004194.000.00.00.H52"
    for ending, begin in (("docx", b"PK\x03\x04"), ("xml", b"<?xml"), ("json", b"{")):
        async with client.get(f"{path}.{ending}") as response:
            body = await response.read()
            assert (response.status, body[: len(begin)]) == (200, begin)
            assert response.headers["Content-Disposition"] == f'attachment; filename="{name}.{ending}"'
            assert response.headers["Cache-Control"] == "public, max-age=60"
            assert response.headers["X-Content-Type-Options"] == "nosniff"
            # Packed once more it would only grow.
            assert ("Content-Encoding" in response.headers) == (ending != "docx")
            etag = response.headers["ETag"]
        async with client.get(f"{path}.{ending}", headers={"If-None-Match": etag}) as response:
            assert (response.status, await response.read()) == (304, b"")
        async with client.head(f"{path}.{ending}") as response:
            assert response.status == 200


async def test_json_is_the_edition_behind_the_gate(client: Client, press: Press) -> None:
    item = Document(guid="g", title="t", number="1/QĐ", relations=(Relation(title="x", url="javascript:alert(1)"),))
    await press.publish(item)
    async with client.get(f"/items/{id_of('g')}.json") as response:
        read = PublishedItem.model_validate_json(await response.read())
    assert (read.content_id, read.revision, read.details["number"]) == (id_of("g"), 1, "1/QĐ")
    assert "javascript" not in read.model_dump_json()


async def test_a_kind_of_file_that_an_item_has_not_is_not_found(client: Client, press: Press) -> None:
    await press.publish(example("document"), news("a"))
    document, plain = id_of(example("document").guid), id_of("a")
    found = {}
    for path in (f"{document}.docx", f"{document}.xml", f"{plain}.docx", f"{plain}.json", f"{plain}.pdf", "x.json"):
        async with client.get(f"/items/{path}") as response:
            found[path.rpartition("-")[2]] = response.status
    assert list(found.values()) == [200, 404, 404, 200, 404, 404]
    shown = await page(client, news("a"))
    assert not shown.find_class("downloads")
    shown = await page(client, example("document"))
    assert [text(link) for link in shown.find_class("downloads")[0].iter("a")] == ["DOCX", "JSON"]


async def test_files_answer_as_their_page_does_when_it_is_gone_or_not_public(client: Client, press: Press) -> None:
    kinds = {
        "gone": (WithdrawalKind.GONE, 410),
        "notice": (WithdrawalKind.NOTICE, 410),
        "vanish": (WithdrawalKind.VANISH, 404),
        "moved": (WithdrawalKind.REDIRECT, 301),
    }
    await press.publish(*(Procedure(guid=guid, title="t", code="1.000001") for guid in kinds))
    for guid, (kind, status) in kinds.items():
        await press.withdraw(guid, kind, reason="Đã bãi bỏ.", redirect_to="https://a.vn/moi" if guid == "moved" else "")
        for ending in ("", ".docx", ".xml", ".json"):
            async with client.get(f"/items/{id_of(guid)}{ending}", allow_redirects=False) as response:
                assert response.status == status, (guid, ending)
                assert "Content-Disposition" not in response.headers
    await press.publish(Procedure(guid="held", title="Chờ duyệt"), held=True)
    for ending in ("docx", "xml", "json"):
        async with client.get(f"/items/{id_of('held')}.{ending}") as response:
            assert response.status == 404
