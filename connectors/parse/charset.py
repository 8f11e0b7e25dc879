"""Bytes to text: what the bytes show counts more than what the sender declared.

byte order mark -> valid UTF-8 -> Vietnamese by its syllables -> what was declared -> charset-normalizer -> windows-1252
"""

import codecs
import re
from itertools import chain

from connectors.parse import legacy

_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
#: How a document begins whose characters are two or four bytes: an ASCII character among zeros.
_WIDE = (
    (re.compile(rb"[\t\n\r -~]\0\0\0"), "utf-32-le"),
    (re.compile(rb"\0\0\0[\t\n\r -~]"), "utf-32-be"),
    (re.compile(rb"[\t\n\r -~]\0[^\0]"), "utf-16-le"),
    (re.compile(rb"\0[\t\n\r -~]\0"), "utf-16-be"),
)
#: Encodings whose bytes are all ASCII and that switch character sets by escapes.
_ESCAPES = ((b"\x1b$B", "iso2022_jp"), (b"\x1b$@", "iso2022_jp"), (b"\x1b$)C", "iso2022_kr"))
_EBCDIC = b"\x4c\x6f\xa7\x94"  # `<?xm`

_IN_HEADER = re.compile(r"charset\s*=\s*[\"']?\s*([\w.:-]+)", re.IGNORECASE)
_IN_XML = re.compile(rb"^[^<]{0,64}<\?xml[^<>]{0,200}?encoding\s*=\s*[\"']\s*([\w.:-]+)")
_IN_META = re.compile(rb"<meta\s[^<>]{0,300}?charset\s*=\s*[\"']?\s*([\w.:-]+)", re.IGNORECASE)
#: bytes at the beginning of a document in which a declaration may stand
_DECLARATION_WITHIN = 4_096

#: What browsers and servers mean by names that say less (WHATWG Encoding), and names Python does not know.
_MEANT = {
    "ascii": "windows-1252", "us-ascii": "windows-1252", "iso-8859-1": "windows-1252", "latin1": "windows-1252",
    "latin-1": "windows-1252", "iso8859-1": "windows-1252", "iso_8859-1": "windows-1252", "l1": "windows-1252",
    "iso-8859-9": "windows-1254", "iso-8859-11": "cp874", "tis-620": "cp874", "windows-874": "cp874",
    "gb2312": "gb18030", "gb_2312-80": "gb18030", "gbk": "gb18030", "x-gbk": "gb18030", "big5": "big5hkscs",
    "shift_jis": "cp932", "shift-jis": "cp932", "sjis": "cp932", "x-sjis": "cp932", "euc-kr": "cp949",
    "ks_c_5601-1987": "cp949", "ksc5601": "cp949", "windows-949": "cp949", "unicode": "utf-16", "utf8": "utf-8",
    "x-mac-cyrillic": "mac-cyrillic", "x-mac-roman": "mac-roman", "macintosh": "mac-roman", "x-euc-tw": "big5hkscs",
}  # fmt: skip
#: Codecs that are no character encodings, or with which ASCII bytes can hide markup.
_NO_CHARSETS = frozenset({"idna", "punycode", "raw-unicode-escape", "unicode-escape", "utf-7", "rot13", "undefined"})
#: Encodings in which two or three characters of real text may happen to be valid UTF-8.
_WESTERN = frozenset({"", "utf-8", "windows-1252", *legacy.ENCODINGS})

#: A share of Vietnamese syllables, among words beyond ASCII, that no other language reaches.
_VIETNAMESE_SHARE = 0.8
_SAMPLE = 65_536  #: bytes that are looked at for evidence


def decode(body: bytes, content_type: str = "") -> tuple[str, str]:
    """The text of `body` and the name of the encoding it was read in. Never fails; what has no meaning is U+FFFD.

    `content_type` is the HTTP header. A declared encoding is believed when the bytes do not speak against it. Text in
    Vietnamese encodings from before Unicode comes out as NFC, UTF-8 that was encoded twice is mended
    (`utf-8-double`).
    """
    for mark, encoding in _MARKS:
        if body.startswith(mark):
            text = body[len(mark) :].decode(encoding, "replace")
            return _mended(text, encoding) if encoding == "utf-8" else (text, encoding)
    for start, encoding in _WIDE:
        if start.match(body):
            return body.decode(encoding, "replace"), encoding
    if body.startswith(_EBCDIC):
        return body.decode("cp037"), "cp037"
    declared = declared_encoding(body, content_type)
    try:
        text = body.decode()
    except UnicodeDecodeError as error:
        return _by_evidence(body, declared, error.start)
    if body.isascii():
        for escape, encoding in _ESCAPES:
            if escape in body:
                return body.decode(encoding, "replace"), encoding
        return text, "utf-8"
    if declared not in _WESTERN and len(body) - len(text) <= 6:
        try:
            return body.decode(declared), declared
        except UnicodeDecodeError:
            pass
    return _mended(text, "utf-8")


def declared_encoding(body: bytes, content_type: str = "") -> str:
    """What HTTP header, XML declaration or meta element call the encoding, as a name `bytes.decode` knows; or `""`."""
    head = body[:_DECLARATION_WITHIN]
    found = (m[1].decode("ascii", "replace") for p in (_IN_XML, _IN_META) if (m := p.search(head)))
    header = (m[1] for m in [_IN_HEADER.search(content_type)] if m)
    for name in chain(header, found):
        name = name.lower()
        if name in legacy.NAMES:
            return legacy.NAMES[name]
        name = _MEANT.get(name, name)
        try:
            codec = codecs.lookup(name).name
        except (LookupError, ValueError):
            continue
        # A document whose declaration could be read as ASCII is not UTF-16.
        if codec not in _NO_CHARSETS and not codec.startswith(("utf-16", "utf-32")) and _is_text(codec):
            return name
    return ""


def _is_text(codec: str) -> bool:
    try:
        b"a".decode(codec)  # an empty text would not ask the codec
    except (LookupError, UnicodeError):
        return False
    return True


def _by_evidence(body: bytes, declared: str, first_fault: int) -> tuple[str, str]:
    """Bytes that are not valid UTF-8."""
    text = body.decode("utf-8", "replace")
    faults = text.count("\ufffd")
    characters = sum(c > "\x7f" for c in text[:_SAMPLE])
    if characters > 10 * min(faults, characters) or (faults == 1 and first_fault >= len(body) - 3):
        return _mended(text, "utf-8")  # UTF-8 with a few broken or cut characters

    sample = body[:_SAMPLE]
    readings = {name: legacy.decode_legacy(sample, name) for name in legacy.ENCODINGS}
    shares = {name: legacy.vietnamese_share(reading) for name, reading in readings.items()}
    # Possible words speak for a reading, impossible ones twice as loud against it: a reading that makes signs of half
    # the letters has few words, all of them possible.
    best = max(shares, key=lambda name: (shares[name][1] * (3 * shares[name][0] - 2), name == declared))
    share, seen = shares[best]
    if share >= _VIETNAMESE_SHARE and (seen >= 5 or best == declared):
        return legacy.decode_legacy(body, best), best
    if declared in legacy.ENCODINGS:
        return legacy.decode_legacy(body, declared), declared
    if declared and declared != "utf-8":
        try:
            return body.decode(declared), declared
        except UnicodeDecodeError:
            pass
    return _guessed(body, declared)


def _guessed(body: bytes, declared: str) -> tuple[str, str]:
    """Neither valid nor Vietnamese nor as declared: by statistics, else by whatever reads all bytes."""
    from charset_normalizer import from_bytes  # 0.1 s to import, and hardly ever needed

    found = from_bytes(body[:_SAMPLE]).best()
    if found is not None:
        return body.decode(found.encoding, "replace"), found.encoding
    encoding = declared if declared not in ("", "utf-8") else "windows-1252"
    return body.decode(encoding, "replace"), encoding


# ------------------------------------------------------------------------------------------- UTF-8 encoded twice

_CP1252 = {ord(bytes([b]).decode("cp1252", "ignore") or chr(b)): bytes([b]) for b in range(0x80, 0x100)} | {
    b: bytes([b]) for b in range(0x80, 0xA0)
}
_RUN = re.compile("[" + re.escape("".join(map(chr, _CP1252))) + "]{2,}")
_TWICE = re.compile("[ÃÄÅÆÂ][\u0080-\u00bf\u0192-\u2122]|á[º»\u00ba\u00bb]|â[\u0080€]")


def _mended(text: str, encoding: str) -> tuple[str, str]:
    """UTF-8 whose bytes were taken for Latin-1 or windows-1252 and encoded again: "Viá»‡t" is "Việt"."""
    if not _TWICE.search(text):
        return text, encoding
    mended = 0

    def once(run: re.Match[str]) -> str:
        nonlocal mended
        try:
            better = b"".join(_CP1252[ord(c)] for c in run[0]).decode()
        except UnicodeDecodeError:
            return run[0]
        mended += 1
        return better

    better = _RUN.sub(once, text)
    runs = sum(1 for _ in _RUN.finditer(text))
    return (better, f"{encoding}-double") if mended >= 3 and mended >= 0.8 * runs else (text, encoding)
