"""The list of a decision stands in its attached file: it reaches the item with the page, and the tasks follow."""

from schemas.document import Document
from tests.fakes.documents import docx, paragraph
from tests.province import Province, row, rows, rss, story
from tests.stages.teasers import HTML, item_of, page, work

TITLE = "Quyết định số 12/QĐ-UBND ngày 18/5/2026 về việc công bố thủ tục hành chính mới ban hành của Sở Tư pháp"
LINES = ("STT", "Mã số TTHC", "Tên thủ tục hành chính", "Phí", "1", "1.000001", "Đăng ký hoạt động", "Không")


def shown(province: Province, title: str = TITLE) -> None:
    """A list of one decision, its page with an attached file, and the file."""
    origin = province.site.origin
    entry = story(1, title=title, link=f"{origin}/vb/1.html", text="Xem toàn văn.")
    province.source("vb", rss(entry), kind="document", article={"fetch": "always", "files": True})
    province.route(province.destination())
    link = f"<p><a href='{origin}/tep/phu-luc.docx'>Phụ lục</a></p>"
    province.site.serve("/vb/1.html", page(attachments=link, title=title), content_type=HTML)
    body = docx("".join(map(paragraph, LINES)))
    province.site.serve("/tep/phu-luc.docx", body, content_type="application/octet-stream")


async def test_a_list_in_an_attached_file_is_read_with_the_page(province: Province) -> None:
    shown(province)
    async with province.open() as hub:
        await work(hub)
        item = await item_of(hub)
        assert isinstance(item, Document)
        assert [(one.action, one.code, one.name) for one in item.announces] == [
            ("new", "1.000001", "Đăng ký hoạt động")
        ]
        assert "announcement_unread" not in (await row(hub, "edition"))["why"]
        assert (await row(hub, "task"))["what"] == "unseen"


async def test_the_texts_of_other_documents_stay_where_they_are(province: Province) -> None:
    shown(province, "Quyết định số 12/QĐ-UBND ngày 18/5/2026 về việc giao đất")
    async with province.open() as hub:
        await work(hub)
        assert (await row(hub, "file"))["readable"] == 1
        assert [list(job.about.texts) for job in province.reader.jobs if job.about] == [[], []]
        assert await rows(hub, "announcement") == []
