"""Which members of an Office file are read: whatever a program could open first, under whatever name."""

import io
import zipfile

import pytest

from connectors.parse.files.file import FileFacts, Note, read_file
from tests.fakes import documents as made

LONG = "Ủy ban nhân dân tỉnh họp phiên thường kỳ về phát triển kinh tế, xã hội của tỉnh."
SECRET = "MẬT"
DECOY = {"word/document.xml": f'<w:document xmlns:w="{made.WORD}"><w:body>{made.paragraph(LONG)}</w:body></w:document>'}
STRICT = "http://purl.oclc.org/ooxml/wordprocessingml/main"


def lines(facts: FileFacts) -> list[str]:
    return facts.text.split("\n")


def word_part(root: str = "document", text: str = SECRET, namespace: str = made.WORD) -> str:
    return f'<w:{root} xmlns:w="{namespace}">{made.paragraph(text)}</w:{root}>'


def mains(kind: str, target: str) -> dict[str, str]:
    """What tells a program which part it opens."""
    types = f"application/vnd.openxmlformats-officedocument.{kind}.main+xml"
    return {
        "[Content_Types].xml": f'<Types xmlns="{made.PACKAGE}/content-types"><Default Extension="xml" '
        f'ContentType="application/xml"/><Override PartName="/{target}" ContentType="{types}"/></Types>',
        "_rels/.rels": made._relations({"rId1": ("officeDocument", target)}),
    }


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("word/main.xml", word_part()), ("word/document.dat", word_part()), ("ban-that", word_part()),
        ("word/media/image1.png", word_part()), ("customXml/item1.xml", word_part()),
        ("word/strict.xml", word_part(namespace=STRICT)),
        ("word/utf16.xml", word_part().encode("utf-16")),
        ("word/marked.xml", b"\xef\xbb\xbf" + word_part().encode()),
        ("word/late.xml", " \n" * 9_000 + word_part()),
        ("word/said.xml", f"<?xml version='1.0'?><!--{'x' * 200_000}-->{word_part()}"),
        ("word/top.xml", word_part("hdr")), ("word/bottom.xml", word_part("ftr")),
        ("word/notes.xml", word_part("footnotes")), ("word/said-of-it.xml", word_part("comments")),
    ],
)  # fmt: skip
def test_text_is_read_whatever_the_part_is_called_that_holds_it(name: str, content: str | bytes) -> None:
    facts = read_file(made.packed(mains("wordprocessingml.document", name) | DECOY | {name: content}))
    assert facts.readable
    assert lines(facts) == [LONG, SECRET]


def test_each_of_two_members_of_one_name_is_read_where_the_name_is_no_part() -> None:
    out = io.BytesIO(made.packed(DECOY | {"word/main.dat": word_part()}))
    with zipfile.ZipFile(out, "a") as archive, pytest.warns(UserWarning, match="Duplicate name"):
        archive.writestr("word/main.dat", word_part(text="công khai"))
    assert lines(read_file(out.getvalue())) == [LONG, SECRET, "công khai"]


def test_a_slide_is_read_whatever_it_is_called() -> None:
    slide = (
        "<p:{0} xmlns:p='http://schemas.openxmlformats.org/presentationml/2006/main' xmlns:a='{1}'>"
        "<a:p><a:r><a:t>{2}</a:t></a:r></a:p></p:{0}>"
    )
    texts = {f"ppt/{root}.bin": slide.format(root, made.DRAWING, root) for root in ("sld", "notes", "sldMaster")}
    decoy = {"ppt/slides/slide1.xml": slide.format("sld", made.DRAWING, LONG)}
    facts = read_file(made.packed(mains("presentationml.presentation", "ppt/p.xml") | decoy | texts))
    assert lines(facts) == [LONG, *("sld", "notes", "sldMaster")]


def book(name: str) -> dict[str, str]:
    return {name: f'<workbook xmlns="{made.SHEET}"><sheets/></workbook>'}


def members_of(body: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(body)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


@pytest.mark.parametrize(
    "more",
    [
        pytest.param(members_of(made.xlsx({"A1": LONG})) | book("xl/other.xml"), id="two workbooks"),
        pytest.param(members_of(made.xlsx({"A1": LONG})) | book("that/so.dat"), id="two workbooks, one without a name"),
        pytest.param(
            members_of(made.xlsx({"A1": LONG}))
            | {name: f'<sst xmlns="{made.SHEET}"/>' for name in ("xl/sharedStrings.xml", "xl/strings.xml")},
            id="two tables of texts",
        ),
        pytest.param(members_of(made.xlsx({"A1": LONG})) | {"a/b.xml": word_part()}, id="workbook and document"),
        pytest.param(DECOY | book("xl/workbook.xml"), id="document and workbook"),
        pytest.param(members_of(made.pptx(LONG)) | {"a/b.xml": word_part()}, id="slides and document"),
        pytest.param(
            DECOY | {"content.xml": '<o:document-content xmlns:o="urn:oasis:names:tc:opendocument:xmlns:office:1.0"/>'},
            id="docx, odt",
        ),
        pytest.param(DECOY | {"word/other.xml": word_part()[:-20]}, id="half a document"),
        pytest.param(DECOY | {"word/other.xml": "<?xml version='1.0' encoding='x-none'?>" + word_part()}, id="signs"),
    ],
)
def test_a_file_that_one_program_opens_as_this_and_another_as_that_is_broken(more: dict[str, str | bytes]) -> None:
    facts = read_file(made.packed(more))
    assert (facts.text, facts.readable, facts.note) == ("", False, Note.BROKEN)


def test_an_open_document_that_is_a_word_file_too_is_broken() -> None:
    out = io.BytesIO(made.odf("text", f"<text:p>{LONG}</text:p>"))
    with zipfile.ZipFile(out, "a") as archive:
        archive.writestr("main.xml", word_part())
    assert read_file(out.getvalue()).note == Note.BROKEN


def test_members_that_hold_no_text_are_let_be() -> None:
    more: dict[str, str | bytes] = {
        "docProps/core.xml": "<cp:coreProperties xmlns:cp='urn:cp'/>", "word/media/image1.png": b"\x89PNG" + bytes(99),
        "word/zeros.bin": bytes(9_000), "word/blank.bin": b"", "word/spaces.txt": b" " * 9_000, "word/": b"",
        "customXml/item1.xml": "<document><p><t>ô</t></p></document>", "word/drawing.vml": "<xml><br></xml>",
        "word/glossary/document.xml": word_part("glossaryDocument"), "word/fonts/font1.odttf": bytes(range(256)),
    }  # fmt: skip
    facts = read_file(made.packed({**DECOY, **more}))
    assert (lines(facts), facts.readable, facts.note) == ([LONG], True, "")


DRAWN = "http://schemas.openxmlformats.org/drawingml/2006"
THREADS = "http://schemas.microsoft.com/office/spreadsheetml/2018/threadedcomments"


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("xl/drawings/drawing1.xml", f"<d:wsDr xmlns:d='{DRAWN}/spreadsheetDrawing' xmlns:a='{DRAWN}/main'><d:txBody>"
         "<a:p><a:r><a:t>M</a:t></a:r><a:r><a:t>ẬT</a:t></a:r></a:p></d:txBody></d:wsDr>"),
        ("xl/comments1.xml", f"<comments xmlns='{made.SHEET}'><authors><author>An</author></authors><commentList>"
         "<comment ref='A1'><text><r><t>M</t></r><r><t>ẬT</t></r></text></comment></commentList></comments>"),
        ("xl/threadedComments/a.xml", f"<ThreadedComments xmlns='{THREADS}'><threadedComment><text>MẬT</text>"
         "</threadedComment></ThreadedComments>"),
        ("xl/charts/chart1.xml", f"<c:chartSpace xmlns:c='{DRAWN}/chart' xmlns:a='{DRAWN}/main'><a:p><a:r>"
         "<a:t>MẬT</a:t></a:r></a:p></c:chartSpace>"),
        ("xl/chartsheets/sheet1.xml", f"<chartsheet xmlns='{made.SHEET}'><headerFooter><oddHeader>&amp;C"
         '&amp;"Arial,Bold"' "&amp;14&amp;KFF0000MẬT</oddHeader></headerFooter></chartsheet>"),
    ],
    ids=["text box", "comment", "thread", "chart", "header"],
)  # fmt: skip
def test_what_a_workbook_shows_beside_its_cells_is_read(name: str, content: str) -> None:
    facts = read_file(made.packed(members_of(made.xlsx({"A1": LONG})) | {name: content}))
    assert (sorted(lines(facts)), facts.readable, facts.note) == (sorted([SECRET, "Danh sách", LONG]), True, "")


def test_the_parts_of_a_header_are_lines_and_say_nothing_of_how_they_look() -> None:
    said = "&amp;LUBND tỉnh &amp;&amp; Sở&amp;C&amp;&quot;-,Bold&quot;MẬT&amp;RTrang &amp;P/&amp;N"
    members = members_of(made.xlsx({"A1": LONG}))
    sheet = members["xl/worksheets/sheet1.xml"].replace(
        b"</worksheet>", f"<headerFooter><firstHeader>{said}</firstHeader></headerFooter></worksheet>".encode()
    )
    facts = read_file(made.packed(members | {"xl/worksheets/sheet1.xml": sheet}))
    assert lines(facts) == ["UBND tỉnh & Sở", SECRET, "Trang /", "Danh sách", LONG]


def test_cells_that_are_not_reached_behind_long_comments_are_not_cleared() -> None:
    comments = f"<comments xmlns='{made.SHEET}'><comment><text>{LONG * 20_000}</text></comment></comments>"
    facts = read_file(made.packed(members_of(made.xlsx({"A1": SECRET})) | {"xl/comments1.xml": comments}))
    assert (facts.readable, facts.note) == (False, Note.TOO_LARGE)


def test_a_long_text_under_the_usual_name_hides_none_under_another() -> None:
    decoy = {"word/document.xml": word_part(text=f"{LONG} " * 20_000)}
    facts = read_file(made.packed(decoy | {"word/main.xml": word_part()}))
    assert (SECRET in lines(facts), facts.readable, facts.note) == (False, False, Note.TOO_LARGE)


def test_a_document_that_takes_in_a_page_is_not_cleared_by_its_own_text() -> None:
    document = word_part(text=LONG).replace("</w:document>", '<w:altChunk r:id="rId7" xmlns:r="urn:r"/></w:document>')
    facts = read_file(made.packed({"word/document.xml": document, "word/page.htm": f"<p>{SECRET}</p>"}))
    assert (lines(facts), facts.readable, facts.note) == ([LONG], False, Note.PARTLY_WITHOUT_TEXT)


def test_what_stands_before_the_first_tag_has_to_end() -> None:
    body = made.packed(DECOY | {"word/other.xml": "<!--" + "phát " * 300_000 + "-->" + word_part()})
    assert read_file(body).note == Note.BROKEN
