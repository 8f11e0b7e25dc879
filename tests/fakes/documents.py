"""Files as members publish them, made at test time: PDF by hand, the zip formats from their parts."""

import io
import zipfile
from collections.abc import Mapping, Sequence

WORD = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
DRAWING = "http://schemas.openxmlformats.org/drawingml/2006/main"
SHEET = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006"
#: A picture of one grey square, drawn over the whole page; its size in pixels is only what it says.
SCAN = b"q 595 0 0 842 0 0 cm /Im1 Do Q"


def shown(*lines: str, left: int = 50, top: int = 800) -> bytes:
    """Drawing instructions that show lines of Latin-1 text, one below the other."""
    return b"BT /F1 12 Tf " + b" ".join(
        b"1 0 0 1 %d %d Tm (%s) Tj" % (left, top - 20 * i, line.encode("cp1252", "replace").replace(b"(", b"\\("))
        for i, line in enumerate(lines)
    ) + b" ET"  # fmt: skip


def pdf(*pages: bytes, font: str = "Helvetica", annotation: str = "", compressed: bytes | None = None) -> bytes:
    """A PDF with one page for each piece of drawing instructions."""
    objects = [
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[%s]/Count %d>>"
        % (b" ".join(b"%d 0 R" % (6 + 2 * i) for i in range(len(pages))), len(pages)),
        b"<</Type/Font/Subtype/Type1/BaseFont/%s/Encoding/WinAnsiEncoding>>" % font.encode(),
        b"<</Type/XObject/Subtype/Image/Width 1654/Height 2339/ColorSpace/DeviceGray/BitsPerComponent 1/Length 1>>"
        b"stream\n\0\nendstream",
        b"<</Type/Annot/Subtype/Stamp/Rect[0 0 9 9]/Contents<FEFF%s>>>" % annotation.encode("utf-16-be").hex().encode(),
    ]
    for i, contents in enumerate(pages):
        more = b"/Annots[5 0 R]" if annotation else b""
        objects.append(
            b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Resources<</Font<</F1 3 0 R>>/XObject<</Im1 4 0 R>>>>"
            b"/Contents %d 0 R%s>>" % (7 + 2 * i, more)
            if SCAN in contents
            else b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Resources<</Font<</F1 3 0 R>>>>/Contents %d 0 R%s>>"
            % (7 + 2 * i, more)
        )
        packed = b"" if compressed is None else b"/Filter/FlateDecode"
        data = contents if compressed is None else compressed
        objects.append(b"<</Length %d%s>>stream\n%s\nendstream" % (len(data), packed, data))
    out, places = io.BytesIO(), []
    out.write(b"%PDF-1.7\n")
    for number, body in enumerate(objects, 1):
        places.append(out.tell())
        out.write(b"%d 0 obj\n%s\nendobj\n" % (number, body))
    start = out.tell()
    out.write(b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1))
    out.write(b"".join(b"%010d 00000 n \n" % place for place in places))
    out.write(b"trailer<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF" % (len(objects) + 1, start))
    return out.getvalue()


def packed(members: Mapping[str, str | bytes]) -> bytes:
    """A zip file of these members."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return out.getvalue()


def docx(body: str, more: Mapping[str, str] | None = None) -> bytes:
    """A DOCX whose document has this body; `more` are further members."""
    document = f'<w:document xmlns:w="{WORD}" xmlns:mc="{COMPATIBLE}"><w:body>{body}</w:body></w:document>'
    return packed({"[Content_Types].xml": "<Types/>", "word/document.xml": document} | dict(more or {}))


COMPATIBLE = "http://schemas.openxmlformats.org/markup-compatibility/2006"


def paragraph(*runs: str) -> str:
    """A paragraph of a DOCX, in runs as an editor would cut it."""
    return "<w:p>" + "".join(f"<w:r><w:t>{run}</w:t></w:r>" for run in runs) + "</w:p>"


def xlsx(cells: Mapping[str, str | float], *, dates: Sequence[str] = ()) -> bytes:
    """An XLSX of one sheet with these cells by place; those in `dates` are shown as dates."""
    rows: dict[int, list[str]] = {}
    for place, value in cells.items():
        letters = place.rstrip("0123456789")
        style = ' s="1"' if place in dates else ""
        text = f"<is><t>{value}</t></is></c>" if isinstance(value, str) else f"<v>{value}</v></c>"
        kind = ' t="inlineStr"' if isinstance(value, str) else ""
        rows.setdefault(int(place[len(letters) :]), []).append(f'<c r="{place}"{kind}{style}>{text}')
    data = "".join(f'<row r="{row}">{"".join(found)}</row>' for row, found in sorted(rows.items()))
    types = (
        f'<Types xmlns="{PACKAGE}/content-types"><Default Extension="xml" ContentType="application/xml"/>'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/></Types>'
    )
    styles = (
        f'<styleSheet xmlns="{SHEET}"><cellXfs count="2"><xf numFmtId="0"/><xf numFmtId="14" applyNumberFormat="1"/>'
        "</cellXfs></styleSheet>"
    )
    return packed({
        "[Content_Types].xml": types,
        "_rels/.rels": _relations({"rId1": ("officeDocument", "xl/workbook.xml")}),
        "xl/workbook.xml": f'<workbook xmlns="{SHEET}" xmlns:r="{RELATIONS}"><sheets>'
                           '<sheet name="Danh sách" sheetId="1" r:id="rId1"/></sheets></workbook>',
        "xl/_rels/workbook.xml.rels": _relations(
            {"rId1": ("worksheet", "worksheets/sheet1.xml"), "rId2": ("styles", "styles.xml")}
        ),
        "xl/styles.xml": styles,
        "xl/worksheets/sheet1.xml": f'<worksheet xmlns="{SHEET}"><sheetData>{data}</sheetData></worksheet>',
    })  # fmt: skip


def _relations(targets: Mapping[str, tuple[str, str]]) -> str:
    each = "".join(
        f'<Relationship Id="{key}" Type="{RELATIONS}/{kind}" Target="{target}"/>'
        for key, (kind, target) in targets.items()
    )
    return f'<Relationships xmlns="{PACKAGE}/relationships">{each}</Relationships>'


def pptx(*slides: str) -> bytes:
    """A PPTX with one paragraph of text on each slide."""
    return packed({
        f"ppt/slides/slide{number}.xml": f'<p:sld xmlns:p="urn:p" xmlns:a="{DRAWING}"><a:p><a:r><a:t>{text}</a:t></a:r>'
                                         "</a:p></p:sld>"
        for number, text in enumerate(slides, 1)
    })  # fmt: skip


def odf(kind: str, body: str) -> bytes:
    """An OpenDocument file: `kind` is text, spreadsheet or presentation."""
    names = 'xmlns:office="urn:o" xmlns:text="urn:t" xmlns:table="urn:b"'
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("mimetype", f"application/vnd.oasis.opendocument.{kind}")
        archive.writestr("content.xml", f"<office:document-content {names}>{body}</office:document-content>")
    return out.getvalue()


def ole(*streams: str) -> bytes:
    """An OLE file as far as its directory: enough to tell what it is."""
    head = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 504
    return head + b"".join((name + "\0").encode("utf-16-le").ljust(128, b"\0") for name in streams)
