"""What a file is, told by its bytes; a name or a Content-Type is only what somebody says it is."""

import codecs
import re
import zipfile
from io import BytesIO
from typing import Final

PDF: Final = "application/pdf"
DOC: Final = "application/msword"
XLS: Final = "application/vnd.ms-excel"
PPT: Final = "application/vnd.ms-powerpoint"
_OPEN_XML: Final = "application/vnd.openxmlformats-officedocument."
DOCX: Final = f"{_OPEN_XML}wordprocessingml.document"
XLSX: Final = f"{_OPEN_XML}spreadsheetml.sheet"
PPTX: Final = f"{_OPEN_XML}presentationml.presentation"
XLSB: Final = "application/vnd.ms-excel.sheet.binary.macroenabled.12"
_OPEN_DOCUMENT: Final = "application/vnd.oasis.opendocument."
ODT: Final = f"{_OPEN_DOCUMENT}text"
ODS: Final = f"{_OPEN_DOCUMENT}spreadsheet"
ODP: Final = f"{_OPEN_DOCUMENT}presentation"
RTF: Final = "application/rtf"
HTML: Final = "text/html"
XML: Final = "application/xml"
PLAIN: Final = "text/plain"
CSV: Final = "text/csv"
ZIP: Final = "application/zip"
#: An Office document with a password: its parts are encrypted inside an OLE file.
LOCKED: Final = "application/x-ole-encrypted"
OLE: Final = "application/x-ole-storage"
UNKNOWN: Final = "application/octet-stream"

#: How files begin.
_OPENINGS: Final = (
    (b"%PDF-", PDF),
    (b"{\\rtf", RTF),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"GIF87a", "image/gif"),
    (b"GIF89a", "image/gif"),
    (b"II*\0", "image/tiff"),
    (b"MM\0*", "image/tiff"),
    (b"BM", "image/bmp"),
    (b"Rar!\x1a\x07", "application/vnd.rar"),
    (b"7z\xbc\xaf\x27\x1c", "application/x-7z-compressed"),
    (b"\x1f\x8b\x08", "application/gzip"),
    (b"ID3", "audio/mpeg"),
    (b"\x1aE\xdf\xa3", "video/webm"),
)
_OLE: Final = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
#: Streams of an OLE file that tell what it is, as their names stand in its directory.
_STREAMS: Final = (
    ("EncryptedPackage", LOCKED), ("WordDocument", DOC), ("Workbook", XLS), ("Book", XLS),
    ("PowerPoint Document", PPT),
)  # fmt: skip
#: Members of a zip file that tell what it is.
_MEMBERS: Final = (("word/", DOCX), ("ppt/", PPTX), ("xl/workbook.bin", XLSB), ("xl/", XLSX))
_ODF: Final = re.compile(rb"application/vnd\.oasis\.opendocument\.(?:text|spreadsheet|presentation)(?:-template)?")
_HTML: Final = re.compile(rb"<(?:!doctype\s+html|html|head|body|table|div|p|meta|title)[\s>]", re.IGNORECASE)
_ISO_MEDIA: Final = {b"qt  ": "video/quicktime", b"heic": "image/heic", b"heix": "image/heic", b"avif": "image/avif"}
#: Zeros and controls that no text file has, but for tab, line ends, form feed and the escapes of old encodings.
_CONTROLS: Final = bytes(set(range(0x20)) - {0x09, 0x0A, 0x0C, 0x0D, 0x1A, 0x1B})
#: Bytes that are looked at; a PDF may have junk before its first line (ISO 32000-1, annex H).
_LOOKED_AT: Final = 4_096
_PDF_WITHIN: Final = 1_024
#: Separators that make text a table when every one of the first lines has as many of them.
_SEPARATORS: Final = b",;\t|"

#: What the endings of names promise.
BY_ENDING: Final = {
    "pdf": PDF, "doc": DOC, "dot": DOC, "docx": DOCX, "docm": DOCX, "dotx": DOCX, "xls": XLS, "xlsx": XLSX,
    "xlsm": XLSX, "xltx": XLSX, "xlsb": XLSB, "ppt": PPT, "pps": PPT, "pptx": PPTX, "ppsx": PPTX, "pptm": PPTX,
    "odt": ODT, "ods": ODS, "odp": ODP, "rtf": RTF, "htm": HTML, "html": HTML, "txt": PLAIN, "csv": CSV, "xml": XML,
    "zip": ZIP, "rar": "application/vnd.rar", "7z": "application/x-7z-compressed", "jpg": "image/jpeg",
    "jpeg": "image/jpeg", "png": "image/png", "gif": "image/gif", "tif": "image/tiff", "tiff": "image/tiff",
    "bmp": "image/bmp", "webp": "image/webp",
}  # fmt: skip
#: What servers say who do not know.
_SAYS_NOTHING: Final = frozenset({
    "", UNKNOWN, "application/x-download", "application/download", "application/force-download", "binary/octet-stream",
    "application/x-octet-stream", "multipart/form-data", "application/x-msdownload", "unknown/unknown",
})  # fmt: skip
#: Types that one and the same file may be called by.
_SAME: Final = {
    "application/x-pdf": PDF, "application/acrobat": PDF, "text/rtf": RTF, "application/x-zip-compressed": ZIP,
    "application/zip-compressed": ZIP, "image/jpg": "image/jpeg", "image/pjpeg": "image/jpeg",
    "image/x-png": "image/png",
    "application/x-rar-compressed": "application/vnd.rar", "application/x-rar": "application/vnd.rar",
    "application/vnd.ms-word": DOC, "application/x-msword": DOC, "application/x-msexcel": XLS, "text/xml": XML,
    "application/xhtml+xml": HTML, "application/csv": CSV, "application/powerpoint": PPT, "application/excel": XLS,
    "application/vnd.ms-word.document.macroenabled.12": DOCX, "application/vnd.ms-excel.sheet.macroenabled.12": XLSX,
}  # fmt: skip


def type_of(body: bytes) -> str:
    """The media type of these bytes; `application/octet-stream` when they tell nothing."""
    head = body[:_LOOKED_AT]
    for opening, found in _OPENINGS:
        if head.startswith(opening):
            return found
    if head.startswith(_OLE):
        return _ole_type(body)
    if head.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return _zip_type(body)
    if b"%PDF-" in head[:_PDF_WITHIN]:
        return PDF
    if head[4:8] == b"ftyp":
        return _ISO_MEDIA.get(head[8:12], "video/mp4")
    if head.startswith(b"RIFF"):
        return {b"WEBP": "image/webp", b"WAVE": "audio/wav"}.get(head[8:12], "video/x-msvideo")
    return _text_type(head)


def promised(name: str, declared: str) -> frozenset[str]:
    """The types that a file's name and its Content-Type promise; empty when neither says anything."""
    ending = BY_ENDING.get(name.rpartition(".")[2].lower()) if "." in name else None
    said = declared.partition(";")[0].strip().lower()
    said = _SAME.get(said, said)
    return frozenset({one for one in (ending, said) if one and one not in _SAYS_NOTHING})


def fits(found: str, promised: str) -> bool:
    """Whether a file of type `found` is what was promised; text is text, and templates are documents."""
    if found == promised or (found in (PLAIN, CSV) and promised.startswith("text/") and promised != HTML):
        return True
    return found in (PLAIN, CSV, XML) and promised in (XML, "application/json")


def is_page_for_file(found: str, *, name: str, declared: str) -> bool:
    """Whether a web page came where `name` and `declared` promise a file. Old Office files may be HTML in truth."""
    said = promised(name, declared)
    return found == HTML and bool(said) and not said & {HTML, DOC, XLS}


def _ole_type(body: bytes) -> str:
    """An old Office file by the names in its directory, which may stand anywhere."""
    for name, found in _STREAMS:
        if (name + "\0").encode("utf-16-le") in body:
            return found
    return OLE


def _zip_type(body: bytes) -> str:
    try:
        with zipfile.ZipFile(BytesIO(body)) as archive:
            names = archive.namelist()
    except (zipfile.BadZipFile, NotImplementedError, OSError, ValueError):
        return _damaged_zip_type(body)
    if "mimetype" in names and (declared := _ODF.search(body[:_LOOKED_AT])):
        return declared[0].decode().removesuffix("-template")
    for start, found in _MEMBERS:
        if any(name.startswith(start) for name in names):
            return found
    return ZIP


def _damaged_zip_type(body: bytes) -> str:
    """A zip file whose list of members is missing: its members' names stand before each of them too."""
    head = body[:65_536]
    if declared := _ODF.search(head[:_LOOKED_AT]):
        return declared[0].decode().removesuffix("-template")
    return next((found for start, found in _MEMBERS if start.encode() in head), ZIP)


def _text_type(head: bytes) -> str:
    text = head
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        text = head.decode("utf-16", "replace").encode("utf-8", "replace")
    if not text.strip() or len(text.translate(None, _CONTROLS)) != len(text):
        return UNKNOWN
    start = text.removeprefix(b"\xef\xbb\xbf").lstrip()
    if _HTML.search(start[:1_024]):
        return HTML
    if start.startswith(b"<?xml"):
        return XML
    return CSV if _is_table(text) else PLAIN


def _is_table(text: bytes) -> bool:
    lines = [line for line in text.splitlines()[:-1] if line.strip()][:10]
    return len(lines) > 1 and any(
        lines[0].count(mark) > 0 and all(line.count(mark) == lines[0].count(mark) for line in lines)
        for mark in (_SEPARATORS[i : i + 1] for i in range(len(_SEPARATORS)))
    )
