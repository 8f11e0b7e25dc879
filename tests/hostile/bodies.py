"""Documents that ask their reader for a file, formulas in what is opened as a sheet, selectors that are programs."""

import itertools
import tempfile
from collections.abc import Iterator
from pathlib import Path
from time import process_time
from typing import Final

from connectors.base import Capture
from connectors.errors import HubError
from connectors.parse.feeds.opml import read_opml
from connectors.parse.files.file import read_file
from connectors.parse.pages.sitemaps import read_sitemap
from connectors.parse.selectors import compiled
from tests.contract.subjects import NOW, Subject
from tests.hostile import xss
from tests.hostile.counts import Table
from tests.hostile.planting import House

CANARY: Final = "chimhoangyentronghamvang"
_SECONDS: Final = 1.0


def asking(path: Path) -> Iterator[tuple[str, str]]:
    """Declarations that would bring the file at `path` into the document, or blow it up; by kind."""
    for system in (f"file://{path}", str(path), f"file://localhost{path}", f"netdoc://{path}", "http://127.0.0.1:9/x"):
        yield "external entity", f'<!DOCTYPE r [<!ENTITY x SYSTEM "{system}">]>'
        yield "external entity", f'<!DOCTYPE r [<!ENTITY x PUBLIC "-//a" "{system}">]>'
        yield "parameter entity", f'<!DOCTYPE r [<!ENTITY % p SYSTEM "{system}"> %p; <!ENTITY x "y">]>'
        yield "external DTD", f'<!DOCTYPE r SYSTEM "{system}" [<!ENTITY x "y">]>'
        yield "inclusion", f'<?xml-stylesheet href="{system}"?><!--&x;--><!DOCTYPE r [<!ENTITY x SYSTEM "{system}">]>'
    for times in (10, 100, 1_000):
        names = ["a", *(f"b{number}" for number in range(9)), "x"]
        declared = [f"<!ENTITY {name} '{f'&{before};' * times}'>" for before, name in itertools.pairwise(names)]
        yield "entities in entities", f"<!DOCTYPE r [<!ENTITY a 'ha'>{''.join(declared)}]>"
    yield "entity of itself", "<!DOCTYPE r [<!ENTITY x '&x;'>]>"
    yield "one long entity", f"<!DOCTYPE r [<!ENTITY x '{'y' * 50_000}'>]>"
    yield "default of an attribute", f"<!DOCTYPE r [<!ATTLIST item a CDATA '{'y' * 100}'><!ENTITY x SYSTEM '{path}'>]>"


def documents() -> Table:
    """Each declaration in front of one document of each XML format."""
    table = Table("XXE and entity bombs")
    with tempfile.TemporaryDirectory() as name:
        path = Path(name) / "canary.txt"
        path.write_text(CANARY)
        for form, body, read in _formats():
            for kind, declared in asking(path):
                text = body.replace("?>", f"?>{declared}", 1).replace("TEXT", "&x;" * 20)
                began = process_time()
                try:
                    made = read(text.encode())
                except HubError:
                    made = ""
                took = process_time() - began
                faults = [f"{form} read the file"] if CANARY in made else []
                faults += [f"{form} took {took:.1f} s"] if took > _SECONDS else []
                faults += [f"{form} made {len(made):,} characters"] if len(made) > 1_000_000 else []
                table.count(f"{form}, {kind}", *faults)
    return table


def _formats():  # type: ignore[no-untyped-def]
    for name in ("feed", "xml", "oai_pmh", "vbpl", "edxml"):
        subject = Subject.of(name)
        case = next((each for each in subject.read if each.body.lstrip().startswith(b"<?xml")), None)
        if case is None:
            continue
        text = case.body.decode()
        at = text.rfind("</")
        if at < 0:
            continue
        yield name, text[:at] + "TEXT" + text[at:], lambda body, case=case, subject=subject: _read(case, subject, body)
    head = '<?xml version="1.0"?>'
    yield (
        "OPML",
        f'{head}<opml version="2.0"><body><outline text="TEXT" xmlUrl="http://a.vn/"/></body></opml>',
        (lambda body: str(read_opml(body))),
    )
    space = "http://www.sitemaps.org/schemas/sitemap/0.9"
    yield (
        "sitemap",
        f'{head}<urlset xmlns="{space}"><url><loc>http://a.vn/TEXT</loc></url></urlset>',
        (lambda body: str(read_sitemap(body, url="http://a.vn/sitemap.xml"))),
    )
    yield "file of XML", f"{head}<r>TEXT</r>", lambda body: str(read_file(body, name="a.xml"))


def _read(case, subject, body: bytes) -> str:  # type: ignore[no-untyped-def]
    source = case.connector(subject)
    capture = Capture(url=case.expected["url"], content_type=case.expected["content_type"], body=body, fetched_at=NOW)
    cut = source.split(capture, frozenset(), NOW)
    return str([source.normalise(record, capture).item for record in cut.records])


#: What would read a file, run code or never end, in the languages that people take selectors for.
_PROGRAMS: Final = (
    "document('/etc/passwd')", "unparsed-text('/etc/passwd')", "//a[doc('file:///etc/passwd')]", "fn:doc('x')",
    "system-property('x')",
    "//a[re:test(., '(a+)+$')]", "exslt:node-set(/)", "str:tokenize(., 'x')", "dyn:evaluate('//a')", "func:x()",
    "php:function('system')",
    "//a[current()]", "key('a', 'b')", "generate-id(/)", "format-number(1, '0')", "$x", "//a[$secret]", "xslt:x(/)",
    "java:x()",
    "//" * 20 + "a", "//a" * 10, "'" + "a" * 2_000 + "'", "a:contains('x'):has(b" , "a{color:red}", "@import 'x'",
    "a::after;b",
    "{{ 7*7 }}", "{% for x in y %}", "${7*7}", "<%= 7 %>", "`id`", "$(id)", "; DROP TABLE item; --",
    "//a[. = '' or '1'='1']/..//",
    "//a | document('x')", "id(document('x'))", "//a[substring(document('x'),1,1)='r']", "ancestor::*/document('x')",
    "saxon:parse('x')",
    "evaluate('x')", "sql:query('x')", "import('x')", "a[onclick=", "]]>", "(" * 500, "not(" * 300,
    "//a[" * 200,
)  # fmt: skip


def selectors() -> Table:
    """Programs in place of selectors: each is refused when it is saved."""
    table = Table("Selectors that are programs", what="taken")
    for text in _PROGRAMS:
        began = process_time()
        try:
            compiled(text)
            taken = [text[:60]] if text not in _HARMLESS else []
        except ValueError:
            taken = []
        took = process_time() - began
        table.count("typed as a selector", *taken, *([f"{took:.1f} s: {text[:40]}"] if took > _SECONDS else []))
    return table


#: XPath 1.0 or CSS without any power: a condition that is always true finds what the page has, and nothing else.
_HARMLESS: Final = frozenset({"//a[. = '' or '1'='1']/..//", "'" + "a" * 2_000 + "'"})

_FORMULAS: Final = (
    "=1+1", "=cmd|' /C calc'!A0", "+1+1", "-1+1", "@SUM(1)", "\t=1+1", "\r=1+1", "\n=1+1",
    "=HYPERLINK(\"http://evil.example\")",
    "=IMPORTXML(\"http://evil.example\",\"//a\")", "=DDE(\"cmd\";\"/C calc\";\"x\")", "\uff1d1+1", "\uff0b1",
    "\uff0d1", "\uff201",
    "\"=1+1\"", "';=1+1", ",=1+1", ";=1+1", "\"\n=1+1", "%0A=1+1", " =1+1", "\u00a0=1+1", "\ufeff=1+1", "=\"a\"&\"b\"",
)  # fmt: skip


async def formulas(house: House) -> Table:
    """A formula in every text of the database, then every file that a spreadsheet opens."""
    table = Table("Formulas in files for spreadsheets")
    files = ("/console/audit.csv", "/console/ledger.csv", "/console/ledger.xlsx", *(
        f"/console/reports/1/file.{form}" for form in ("xlsx", "docx")))  # fmt: skip
    for formula in _FORMULAS:
        await house.plant(lambda column, formula=formula: formula)  # type: ignore[misc]
        for path in files:
            page = await house.ask(path)
            table.count(path.removeprefix("/console/"), *(f"{each} of {formula!r}" for each in xss.active(page)),
                        *([f"{page.status}"] if page.status >= 500 else []))  # fmt: skip
    return table
