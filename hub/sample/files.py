"""The files that stories carry, made on the spot: a PDF with a text layer, a DOCX, a PNG of hills at some hour."""

import io
import math
import unicodedata
import zipfile
import zlib
from html import escape
from random import Random

from PIL import Image, ImageDraw

#: media type of what `docx` makes
DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
_WORD = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_DOCX_PARTS = {
    "[Content_Types].xml": (
        f'<Types xmlns="{_PACKAGE}/content-types"><Default Extension="rels"'
        ' ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        '<Override PartName="/word/document.xml"'
        ' ContentType="application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"/></Types>'
    ),
    "_rels/.rels": (
        f'<Relationships xmlns="{_PACKAGE}/relationships"><Relationship Id="rId1" Target="word/document.xml"'
        ' Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument"/></Relationships>'
    ),
}

#: Drawn so many times larger, then shrunk: edges come out smooth.
_FINER = 2
_PALETTES = (
    ((214, 234, 248), (250, 244, 220), (96, 150, 130), (62, 116, 98), (38, 82, 70)),
    ((253, 226, 202), (248, 190, 150), (168, 112, 110), (120, 78, 96), (78, 54, 80)),
    ((205, 228, 226), (236, 244, 230), (120, 160, 88), (84, 128, 64), (54, 92, 46)),
    ((198, 216, 240), (228, 236, 246), (104, 136, 176), (72, 104, 146), (44, 72, 110)),
)  # high sky, low sky, far hills, middle hills, near hills


def pdf(title: str, lines: tuple[str, ...]) -> bytes:
    """A one-page A4 document, valid by PDF 1.4, whose text can be selected and read aloud.

    The built-in Helvetica has no Vietnamese letters, so what is drawn has no marks; the true text stands beside it as
    ActualText (PDF 1.4, 10.8.3), which readers and extractors prefer.
    """
    rows = [(16, title), *((11, line) for text in lines for line in (*_wrapped(text), ""))]
    drawn, top = [], 790
    for size, text in rows:
        top -= size + 7
        if top < 50:
            break
        actual = text.encode("utf-16-be").hex().upper()
        plain = _unmarked(text).replace("\\", "\\\\").replace("(", "\\(").replace(")", "\\)")
        drawn.append(f"/Span <</ActualText <FEFF{actual}>>> BDC BT /F1 {size} Tf 60 {top} Td ({plain}) Tj ET EMC")
    content = zlib.compress("\n".join(drawn).encode("ascii"))
    objects = (
        b"<< /Type /Catalog /Pages 2 0 R /Lang (vi) /MarkInfo << /Marked true >> >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R "
        b"/Resources << /Font << /F1 5 0 R >> >> >>",
        b"<< /Length %d /Filter /FlateDecode >>\nstream\n%b\nendstream" % (len(content), content),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>",
    )
    body, offsets = bytearray(b"%PDF-1.4\n%\xe2\xe3\xcf\xd3\n"), []
    for number, data in enumerate(objects, 1):
        offsets.append(len(body))
        body += b"%d 0 obj\n%b\nendobj\n" % (number, data)
    start = len(body)
    body += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    body += b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    body += b"trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, start)
    return bytes(body)


def docx(title: str, lines: tuple[str, ...]) -> bytes:
    """The smallest document that word processors open (ECMA-376): a title and its paragraphs; same text, same bytes."""
    paragraphs = "".join(f"<w:p><w:r><w:t>{escape(line)}</w:t></w:r></w:p>" for line in (title, *lines))
    document = f'<w:document xmlns:w="{_WORD}"><w:body>{paragraphs}</w:body></w:document>'
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as package:
        for name, part in {**_DOCX_PARTS, "word/document.xml": document}.items():
            package.writestr(zipfile.ZipInfo(name), f'<?xml version="1.0" encoding="UTF-8"?>{part}')
    return made.getvalue()


def _wrapped(text: str, width: int = 84) -> tuple[str, ...]:
    lines = [""]
    for word in text.split():
        if len(lines[-1]) + len(word) > width:
            lines.append("")
        lines[-1] = f"{lines[-1]} {word}".lstrip()
    return tuple(lines)


def _unmarked(text: str) -> str:
    decomposed = unicodedata.normalize("NFD", text.replace("đ", "d").replace("Đ", "D"))
    return decomposed.encode("ascii", "ignore").decode("ascii")


def picture(seed: str, width: int = 960, height: int = 540) -> bytes:
    """A PNG of hills under a sky: the lead image of a story. Nobody and nowhere in it; same seed, same picture."""
    rng = Random(seed)
    high, low, *hills = rng.choice(_PALETTES)
    wide, tall = width * _FINER, height * _FINER
    sky = Image.new("RGB", (1, 2))
    sky.putpixel((0, 0), high)
    sky.putpixel((0, 1), low)
    image = sky.resize((wide, tall), Image.Resampling.BILINEAR)
    draw = ImageDraw.Draw(image)
    sun = tuple(min(255, channel + 40) for channel in low)
    centre = (rng.randint(wide // 5, wide * 4 // 5), rng.randint(tall // 6, tall // 3))
    draw.circle(centre, tall / 11, fill=sun)
    for depth, colour in enumerate(hills):
        draw.polygon([(0, tall), *_ridge(rng, wide, tall, depth), (wide, tall)], fill=colour)
    made = io.BytesIO()
    image.reduce(_FINER).save(made, "PNG")
    return made.getvalue()


def _ridge(rng: Random, width: int, height: int, depth: int) -> list[tuple[float, float]]:
    base, swell = height * (0.52 + 0.16 * depth), height * (0.12 - 0.02 * depth)
    waves = [(rng.uniform(0.6, 3.2) * (wave + 1), rng.uniform(0, math.tau), swell / (wave + 1)) for wave in range(3)]
    return [
        (x, base + sum(size * math.sin(turns * math.tau * x / width + phase) for turns, phase, size in waves))
        for x in range(0, width + _FINER, _FINER)
    ]
