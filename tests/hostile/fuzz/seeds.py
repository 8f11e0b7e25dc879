"""What fuzzing begins with: an honest body of each kind, the cases of the connectors, and vectors of the tables."""

import random
from collections.abc import Iterator
from pathlib import Path

from tests.hostile import addresses, vectors

_CASES = Path(__file__).parents[2] / "cases"
_PAGES = Path(__file__).parents[2] / "parse" / "pages"
_SMALL = 4_096

_SELECTORS = (
    "li.tin > a", "//li[@class='tin']/a/@href", "./a", "ul li:nth-child(2)", "(//a)[1]", "//a[contains(., 'x')]",
    "//a[position()=last()]", "string(//a)", "count(//li)", "//*[translate(., 'a', 'b')]", "a:not(.b), i",
    "document('/etc/passwd')", "//a[re:test(., '(a+)+$')]", "//@*|//node()", "a[href^='/']::text",
)  # fmt: skip
_DATES = (
    "Mon, 02 Mar 2026 07:30:00 +0700", "2026-03-02T00:30:00Z", "02/03/2026 08:30", "Thứ hai, ngày 02 tháng 3 năm 2026",
    "Hà Nội, ngày 2 tháng 3 năm 2026", "2/3/2026 8h30", "20260302", "1772413800", "08:30 GMT+7 02-03-2026",
    "Monday, March 2, 2026", "lundi 2 mars 2026", "2026-W10-1", "2026-061",
)  # fmt: skip
_JSON = (
    b'{"items": [{"guid": "1", "title": "Tin", "content_html": "<p>x</p>", "published": "2026-03-02T08:00:00+07:00"}]}',
    b'{"withdrawn": [{"guid": "1", "at": "2026-03-02T08:00:00Z"}], "items": []}',
    b'{"why": "a", "why": "b"}', b'{"revision": NaN}', b"[" * 900, b'{"a": "\\ud800"}', b'{"a": 1e999}', b"\xff",
)  # fmt: skip
_COOKIES = (
    b"hub=abc; hub-step=x.y",
    b'__Host-hub="a\\"b"; language=vi',
    b"a=b; a=c; =; ;;",
    b"hub=\xc3\xa9",
    b"MS5hYWE",
)


def of(name: str) -> Iterator[bytes]:
    """The first inputs of a target."""
    chance = random.Random(name)
    match name:
        case "feed_bytes":
            yield from _cases("feed")
        case "inbox_json":
            yield from (*_cases("inbox"), *_JSON)
        case "page_html":
            yield from _small(sorted(_PAGES.rglob("*.html")), 40_000)
            yield b"<html><body><article><h1>Tin</h1><p>" + b"Noi dung cua tin. " * 40 + b"</p></article></body></html>"
        case "sanitiser":
            yield from (b"\x41" + each.html.encode() for each in vectors.made(200, chance))
        case "address_gate":
            yield from (b"\x41" + each.url.encode() for each in addresses.forms())
        case "dates":
            yield from (b"\x41" + each.encode() for each in _DATES)
        case "screens":
            yield from (b"\x41" + each.encode() for each in ("TỐI MẬT", "<p>M Ậ T</p>", "Số: 12/BC-UBND(M)", "mật ong"))
        case "selectors":
            yield from (b"\x41" + each.encode() for each in _SELECTORS)
        case "api_json":
            yield from _JSON
        case "cookies":
            yield from _COOKIES


def _cases(connector: str) -> Iterator[bytes]:
    folder = _CASES / connector
    yield from _small([each for each in sorted(folder.iterdir()) if ".expected." not in each.name], _SMALL)


def _small(files: list[Path], most: int) -> Iterator[bytes]:
    for file in files:
        body = file.read_bytes()
        if len(body) <= most:
            yield body


def bent(name: str, count: int, seed: int) -> Iterator[bytes]:
    """Seeds with pieces swapped, repeated, cut and flipped; the same for the same number."""
    chance = random.Random(f"{name} {seed}")
    known = list(of(name))
    for _ in range(count):
        data = bytearray(chance.choice(known))
        for _ in range(chance.randrange(1, 6)):
            at = chance.randrange(len(data) + 1)
            match chance.randrange(5):
                case 0:
                    data[at : at + chance.randrange(1, 9)] = b""
                case 1:
                    data[at:at] = chance.randbytes(chance.randrange(1, 5))
                case 2:
                    other = chance.choice(known)
                    start = chance.randrange(len(other) + 1)
                    data[at:at] = other[start : start + chance.randrange(1, 60)]
                case 3:
                    piece = bytes(data[at : at + chance.randrange(1, 20)])
                    data[at:at] = piece * chance.choice((1, 2, 50))
                case _:
                    if at < len(data):
                        data[at] ^= 1 << chance.randrange(8)
        yield bytes(data[:_SMALL])
