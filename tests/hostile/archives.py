"""Packages that would leave the place where they are opened, and names that would: in every reader of such a file.

Office files, zipped messages and tables are opened in memory, so nothing may be written at all while one is read: an
audit hook sees every file, folder and link that this process makes. Two members of one name are read by one program in
the one and by another in the other, so such a file must not count as read.
"""

import io
import stat
import sys
import tempfile
import tracemalloc
import zipfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from time import process_time
from typing import Any, Final
from warnings import catch_warnings, simplefilter
from zoneinfo import ZoneInfo

import xlsxwriter  # type: ignore[import-untyped]

from connectors.errors import HubError
from connectors.parse.edxml.message import Attachment
from connectors.parse.edxml.reading import unpacked
from connectors.parse.files.file import read_file
from connectors.parse.files.workbook import read_workbook
from hub.sheets.downloads import stem
from hub.sheets.folder import write
from hub.sheets.package import package
from schemas.edition import PublishedItem
from tests.contract.receivers import procedure
from tests.hostile.counts import Table

CANARY: Final = "chimhoangyentronghamvang"
_SECONDS, _MEMORY = 2.0, 64 << 20
_OFFICE: Final = "http://schemas.openxmlformats.org"
_WORD: Final = f"{_OFFICE}/wordprocessingml/2006/main"
_SHEET: Final = f"{_OFFICE}/spreadsheetml/2006/main"
#: The member that holds the text, and one whole text, of each kind.
_KINDS: Final = {
    "docx": ("word/document.xml", f'<w:document xmlns:w="{_WORD}"><w:body><w:p><w:r><w:t>TEXT</w:t></w:r></w:p>'
             "</w:body></w:document>"),
    "pptx": ("ppt/slides/slide1.xml", '<p:sld xmlns:p="p" xmlns:a="a"><a:p><a:t>TEXT</a:t></a:p></p:sld>'),
    "odt": ("content.xml", '<o:document xmlns:o="o" xmlns:text="t"><text:p>TEXT</text:p></o:document>'),
    "xlsx": ("xl/sharedStrings.xml", f'<sst xmlns="{_SHEET}" count="1" uniqueCount="1"><si><t>TEXT</t></si></sst>'),
    "zip": ("ke-hoach.txt", "TEXT"),
}  # fmt: skip
#: Names that lead out of a folder on some system, or that some system takes for a device or for another name.
CLIMBING: Final = (
    "../ra.txt", "../../../../../../../../tmp/ra.txt", "a/../../ra.txt", "/tmp/ra.txt", "//server/share/ra.txt",
    "..\\ra.txt", "..\\..\\..\\windows\\ra.txt", "C:\\ra.txt", "C:ra.txt", "\\\\server\\share\\ra.txt",
    "\\\\?\\C:\\ra.txt", "..%2fra.txt", "%2e%2e/ra.txt", "....//ra.txt", "..;/ra.txt", "CON", "aux.txt",
    "nul.docx", "lpt1", "ra.txt:stream", "ra.txt\x00.docx", "ra\r\nX: y", "~/ra.txt", "$HOME/ra.txt", ".", "..",
    "./", "...", "ra.txt.", "ra.txt ", "\u2025/ra.txt", "\uff0e\uff0e/ra.txt", "\u202ecod.exe", "a" * 300 + ".txt",
    "ư" * 200 + ".txt", ".ssh/authorized_keys", ".htaccess", "word/../../ra.xml", "/etc/passwd",
    "file:///etc/passwd", "-rf", "`id`", "$(id)",
)  # fmt: skip
#: Signs that stand in no name of a file on some system.
_NO_NAME: Final = frozenset('/\\:*?"<>|\r\n\x00')
_written: list[str] = []
_hooks: list[object] = []
_MAKING: Final = frozenset({"os.mkdir", "os.symlink", "os.link", "os.rename", "os.remove", "os.rmdir", "os.truncate"})


def watch_writes() -> None:
    """See whatever this process writes to a file system; from now on, for a hook cannot be taken back."""

    def seen(event: str, args: tuple[Any, ...]) -> None:
        if event in _MAKING or (event == "open" and isinstance(args[2], int) and args[2] & 0o103):
            name = str(args[0])
            if "__pycache__" not in name and name != "/dev/null":
                _written.append(f"{event} {name[:80]}")

    if not _hooks:
        _hooks.append(seen)
        sys.addaudithook(seen)


@contextmanager
def writes() -> Iterator[list[str]]:
    """What was written meanwhile."""
    watch_writes()
    _written.clear()
    found: list[str] = []
    yield found
    found += _written


def packages() -> Iterator[tuple[str, str, bytes]]:
    """Kind of the package, what is odd about it, and its bytes."""
    for kind, (member, text) in _KINDS.items():
        for name in CLIMBING:
            yield kind, "member that climbs", _packed(kind, [(zipfile.ZipInfo(name), b"x")])
            yield kind, "text that climbs", _packed(kind, [(zipfile.ZipInfo(name), text.encode())], without=member)
        for target in ("/etc/passwd", "../../../../etc/passwd", "word/document.xml", "."):
            link = zipfile.ZipInfo("word/media/image1.png")
            link.create_system, link.external_attr = 3, (stat.S_IFLNK | 0o777) << 16
            yield kind, "symbolic link", _packed(kind, [(link, target.encode())])
            link = zipfile.ZipInfo(member)
            link.create_system, link.external_attr = 3, (stat.S_IFLNK | 0o777) << 16
            yield kind, "symbolic link for the text", _packed(kind, [(link, target.encode())], without=member)
        for twin in (member, member.upper(), member.replace("/", "\\"), f"/{member}", f"./{member}"):
            for first in (True, False):
                other = [(zipfile.ZipInfo(twin), text.replace("TEXT", CANARY).encode())]
                yield kind, "two members of one name", _packed(kind, other, first=first)
        yield kind, "bomb", _packed(kind, [(zipfile.ZipInfo("b.xml"), bytes(100 << 20))])
        yield (
            kind,
            "bomb in the text",
            _packed(kind, [(zipfile.ZipInfo(member), text.replace("TEXT", "a" * (66 << 20)).encode())], without=member),
        )
        yield kind, "many members", _packed(kind, [(zipfile.ZipInfo(f"m{number}"), b"") for number in range(6_000)])
        whole = _packed(kind, [])
        yield kind, "package in a package", _packed(kind, [(zipfile.ZipInfo(f"{n}.zip"), whole) for n in range(200)])
        for at in range(0, len(whole), max(1, len(whole) // 20)):
            yield kind, "a byte turned", whole[:at] + bytes([whole[at] ^ 0xFF]) + whole[at + 1 :]
            yield kind, "cut off", whole[:at]
        yield kind, "lies about sizes", whole.replace(_size(whole, member), b"\xff\xff\xff\x7f")


def _size(whole: bytes, member: str) -> bytes:
    with zipfile.ZipFile(io.BytesIO(whole)) as archive:
        return archive.getinfo(member).file_size.to_bytes(4, "little")


def _packed(
    kind: str, more: Sequence[tuple[zipfile.ZipInfo, bytes]], *, without: str = "", first: bool = False
) -> bytes:
    """A whole package of a kind, with further members before or behind its own."""
    member, text = _KINDS[kind]
    own = [(zipfile.ZipInfo(member), text.encode())]
    own += [(zipfile.ZipInfo(name), each) for name, each in _workbook() if kind == "xlsx" and name != member]
    if kind == "odt":
        own.insert(0, (zipfile.ZipInfo("mimetype"), b"application/vnd.oasis.opendocument.text"))
    own = [each for each in own if each[0].filename != without]
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        for info, body in [*more, *own] if first else [*own, *more]:
            info.compress_type = zipfile.ZIP_STORED if info.filename == "mimetype" else zipfile.ZIP_DEFLATED
            info.flag_bits |= 0x800
            with _quiet():
                archive.writestr(info, body)
    return made.getvalue()


@cache
def _workbook() -> Sequence[tuple[str, bytes]]:
    """The members of a workbook of one text."""
    made = io.BytesIO()
    book = xlsxwriter.Workbook(made, {"in_memory": True})
    book.add_worksheet("a").write_string(0, 0, "TEXT")
    book.close()
    with zipfile.ZipFile(made) as archive:
        return [(name, archive.read(name)) for name in archive.namelist()]


@contextmanager
def _quiet() -> Iterator[None]:
    with catch_warnings():
        simplefilter("ignore")  # of a name that is there already: that is what is made here
        yield


def _files_of_a_message(body: bytes) -> str:
    """The files of a message, as the screens are given them: a name is a name, and leads nowhere."""
    found = unpacked(Attachment(content_id="1", name="goi", description="", type="", body=body))
    led = [name for name, _ in found if "/" in name or "\\" in name]
    return (
        f"LEADS {led}" if led else " ".join(each.decode("utf-8", "replace") for _, each in found if len(each) < 1_000)
    )


def _rows(body: bytes) -> str:
    return str(list(read_workbook(body, 1)))[:10_000_000]


def _text(body: bytes) -> str:
    facts = read_file(body, name="tep.docx")
    return facts.text if facts.readable else ""


#: Who opens packages.
READERS: Final[Sequence[tuple[str, Callable[[bytes], str]]]] = (
    ("file of an item", _text), ("table of a source", _rows), ("file of a message", _files_of_a_message),
)  # fmt: skip


def opened(kinds: Sequence[str] = tuple(_KINDS)) -> Table:
    """Every odd package in every reader."""
    table = Table("Packages: archives and Office files")
    for kind, odd, body in packages():
        if kind not in kinds:
            continue
        for name, read in READERS:
            table.count(f"{name}, {odd}", *(f"{kind} {each}" for each in _faults(read, odd, body)))
    return table


def _faults(read: Callable[[bytes], str], odd: str, body: bytes) -> Iterator[str]:
    big = "bomb" in odd or "many" in odd
    if big:
        tracemalloc.start()
    began, said = process_time(), ""
    with writes() as found:
        try:
            said = read(body)
        except HubError:
            pass
        except Exception as error:
            yield f"ended in {error!r}"[:200]
    took = process_time() - began
    if big:
        grown = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        if grown > _MEMORY + 2 * len(body):
            yield f"took {grown >> 20} MB"
    elif took > _SECONDS:
        yield f"took {took:.1f} s"
    yield from found
    if "root:x:" in said or said.startswith("LEADS"):
        yield said[:100]
    if odd == "two members of one name" and ("TEXT" in said) != (CANARY in said):
        yield "one of the two was read, and the other not"


# ----------------------------------------------------------------------------------- names that become names of files


def names() -> Table:
    """What is written under a name that somebody else chose: it stays inside its folder, whatever it is called."""
    table = Table("Names that become names of files")
    with tempfile.TemporaryDirectory() as outside:
        inside = Path(outside) / "trong"
        inside.mkdir()
        for name in CLIMBING:
            item = procedure(1)
            named: PublishedItem = item.model_copy(update={"title": name, "details": {**item.details, "code": name}})
            with writes():
                try:
                    write(inside, package(named, {}, ZoneInfo("Asia/Ho_Chi_Minh")))
                    faults = []
                except HubError as error:
                    faults = [] if "folder_refused" in error.code else [repr(error)]
            table.count("package of a record", *faults, *(f"{name!r} left {each}" for each in _outside(outside)))
            one = stem(named)
            table.count(
                "name of a download",
                *([repr(one)] if set(one) & set('/\\:*?"<>|\r\n\x00') or one.startswith(".") else []),
            )
    return table


def _outside(folder: str) -> list[str]:
    return [str(each) for each in Path(folder).iterdir() if each.name != "trong"]
