"""A watched folder: every file once, whenever it comes and whatever its times say; nothing outside it, nothing half."""

import asyncio
import hashlib
import os
import stat
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from connectors.base import Capture, SourceContext, Unchanged
from connectors.errors import Fault, RejectedError, TransientError
from connectors.folderscan import MARK_SIZE, packed, unpacked
from connectors.http import Http
from connectors.parse import edxml
from connectors.parse.files.dropped import DroppedFile, LeftOut, encoded, pack, time_of, unpack
from connectors.sources.folder import SEEN, Config, Connector
from schemas.document import Document
from schemas.item import Kind
from tests.clock import Clock
from tests.fakes import documents as made

BASE = "https://tep.xabinhminh.tinhmau.gov.vn/cong-khai/"
#: What a file that was written in the past looks like.
OLD = datetime(2019, 5, 4, 3, 2, 1, tzinfo=UTC).timestamp()


@pytest.fixture
def clock() -> Clock:
    """The real time, five minutes on: files written just now have rested."""
    return Clock(datetime.now(UTC) + timedelta(minutes=5))


@pytest.fixture
def http(clock: Clock) -> Http:
    return Http(user_agent="provincial-hub/0.1", clock=clock.now)


def folder(path: Path, **keys: Any) -> Connector:
    config = Config.model_validate({"path": str(path), "reads": "documents", "base_url": BASE} | keys)
    return Connector(SourceContext(name="xa-binh-minh", kind=Kind.DOCUMENT, url=""), config)


def drop(path: Path, body: bytes = b"", *, at: float = 0) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(body or path.name.encode())
    if at:
        os.utime(path, (at, at))
    return path


async def read_all(source: Connector, http: Http, cursor: Mapping[str, str]) -> tuple[list[str], Mapping[str, str]]:
    """Poll as the harvest does until nothing is left; the paths that came, and the cursor."""
    names: list[str] = []
    for _ in range(100):
        answer = await source.fetch(http, cursor)
        if isinstance(answer, Unchanged):
            return names, cursor
        names.append(unpack(answer.body).name)
        cursor = answer.cursor
        if not answer.hints.more:
            return names, cursor
    raise AssertionError("a folder that never ends")


async def one(source: Connector, http: Http, cursor: Mapping[str, str] | None = None) -> Capture:
    answer = await source.fetch(http, cursor or {})
    assert isinstance(answer, Capture)
    return answer


# ------------------------------------------------------------------------------------------------ what is read when


async def test_every_file_comes_once_the_oldest_first_and_then_nothing_does(tmp_path: Path, http: Http) -> None:
    for name, at in (("b.pdf", OLD + 2), ("c.pdf", OLD + 1), ("a.pdf", OLD + 2)):
        drop(tmp_path / name, at=at)
    names, cursor = await read_all(folder(tmp_path), http, {})
    assert names == ["c.pdf", "a.pdf", "b.pdf"]
    assert await folder(tmp_path).fetch(http, cursor) == Unchanged()


async def test_more_is_said_as_long_as_files_wait(tmp_path: Path, http: Http) -> None:
    drop(tmp_path / "a.pdf")
    assert not (await one(folder(tmp_path), http)).hints.more
    drop(tmp_path / "b.pdf")
    assert (await one(folder(tmp_path), http)).hints.more


async def test_a_file_that_comes_late_with_an_old_time_is_not_lost(tmp_path: Path, http: Http) -> None:
    drop(tmp_path / "moi.pdf")
    _, cursor = await read_all(folder(tmp_path), http, {})
    drop(tmp_path / "cu.pdf", at=OLD)
    assert (await read_all(folder(tmp_path), http, cursor))[0] == ["cu.pdf"]


async def test_a_folder_of_old_files_that_is_moved_here_is_read(tmp_path: Path, http: Http) -> None:
    drop(tmp_path / "elsewhere" / "2019" / "cu.pdf", at=OLD)
    drop(tmp_path / "watched" / "moi.pdf")
    source = folder(tmp_path / "watched", subfolders=True)
    _, cursor = await read_all(source, http, {})
    (tmp_path / "elsewhere" / "2019").rename(tmp_path / "watched" / "2019")
    assert (await read_all(source, http, cursor))[0] == ["2019/cu.pdf"]


async def test_a_changed_file_comes_again_even_with_its_old_time_and_size(tmp_path: Path, http: Http) -> None:
    drop(tmp_path / "a.pdf", b"mot", at=OLD)
    first = await one(folder(tmp_path), http)
    drop(tmp_path / "a.pdf", b"hai", at=OLD)
    again = await one(folder(tmp_path), http, first.cursor)
    assert unpack(again.body).body == b"hai"
    before, after = (folder(tmp_path).split(c, frozenset(), c.fetched_at).fingerprints for c in (first, again))
    assert before != after


async def test_two_files_with_the_same_bytes_are_two_captures(tmp_path: Path, http: Http) -> None:
    drop(tmp_path / "a.pdf", b"nhu nhau", at=OLD)
    drop(tmp_path / "b.pdf", b"nhu nhau", at=OLD)
    first = await one(folder(tmp_path), http)
    second = await one(folder(tmp_path), http, first.cursor)
    assert first.body != second.body


async def test_a_file_with_other_rights_is_another_capture_and_the_same_document(tmp_path: Path, http: Http) -> None:
    path = drop(tmp_path / "a.pdf")
    first = await one(folder(tmp_path), http)
    path.chmod(0o600)
    again = await one(folder(tmp_path), http, first.cursor)
    assert again.body != first.body, "the same bytes twice would leave the cursor where it is"
    assert (
        not folder(tmp_path)
        .split(
            again,
            frozenset(folder(tmp_path).split(first, frozenset(), first.fetched_at).fingerprints),
            again.fetched_at,
        )
        .records
    )


async def test_a_file_that_is_gone_is_forgotten_and_nothing_else_happens(tmp_path: Path, http: Http) -> None:
    for name in ("a.pdf", "b.pdf"):
        drop(tmp_path / name)
    _, cursor = await read_all(folder(tmp_path), http, {})
    (tmp_path / "a.pdf").unlink()
    assert await folder(tmp_path).fetch(http, cursor) == Unchanged()
    drop(tmp_path / "c.pdf")
    _, cursor = await read_all(folder(tmp_path), http, cursor)
    assert len(unpacked(cursor[SEEN])) == 2


async def test_a_stick_that_is_pulled_out_and_put_back_is_not_read_again(tmp_path: Path, http: Http) -> None:
    drop(tmp_path / "usb" / "a.pdf")
    source = folder(tmp_path / "usb")
    _, cursor = await read_all(source, http, {})
    (tmp_path / "usb").rename(tmp_path / "out")
    (tmp_path / "usb").mkdir()
    assert await source.fetch(http, cursor) == Unchanged()
    (tmp_path / "usb").rmdir()
    (tmp_path / "out").rename(tmp_path / "usb")
    assert await source.fetch(http, cursor) == Unchanged()


async def test_what_was_remembered_is_eight_characters_a_file(tmp_path: Path, http: Http) -> None:
    for number in range(20):
        drop(tmp_path / f"{number}.pdf")
    _, cursor = await read_all(folder(tmp_path), http, {})
    assert (list(cursor), len(cursor[SEEN])) == ([SEEN], 160)


@pytest.mark.parametrize("seen", ["", "?", "á", "AAAA", "A" * 9])
async def test_a_memory_that_is_damaged_reads_everything_again(tmp_path: Path, http: Http, seen: str) -> None:
    drop(tmp_path / "a.pdf")
    assert (await read_all(folder(tmp_path), http, {SEEN: seen}))[0] == ["a.pdf"]


@given(st.sets(st.binary(min_size=MARK_SIZE, max_size=MARK_SIZE)))
def test_marks_are_remembered_as_they_are(marks: set[bytes]) -> None:
    assert unpacked(packed(marks)) == marks


# ----------------------------------------------------------------------------------------- files that are being written


async def test_a_file_is_left_alone_until_it_has_rested(tmp_path: Path, http: Http, clock: Clock) -> None:
    source = folder(tmp_path, settle="10m")
    drop(tmp_path / "a.pdf")
    assert await source.fetch(http, {}) == Unchanged()
    clock.advance(minutes=6)
    assert unpack((await one(source, http)).body).name == "a.pdf"


async def test_an_old_time_does_not_hide_that_a_file_came_just_now(tmp_path: Path, http: Http) -> None:
    drop(tmp_path / "a.pdf", at=OLD)
    assert await folder(tmp_path, settle="10m").fetch(http, {}) == Unchanged()


async def test_a_time_in_the_future_holds_up_nothing(tmp_path: Path, http: Http, clock: Clock) -> None:
    drop(tmp_path / "a.pdf", at=datetime(2099, 1, 1, tzinfo=UTC).timestamp())
    capture = await one(folder(tmp_path), http)
    [record] = folder(tmp_path).split(capture, frozenset(), clock.now()).records
    made = folder(tmp_path).normalise(record, capture)
    assert (made.item.updated, made.remarks) == (None, ("date_refused",))


@pytest.mark.parametrize(
    "name",
    [".an.pdf", "a.pdf.part", "A.TMP", "~$qd.docx", "a.docx~", "a.filepart", "Thumbs.db", "desktop.ini", ".~lock#"],
)  # fmt: skip
async def test_hidden_and_temporary_files_are_left_alone(tmp_path: Path, http: Http, name: str) -> None:
    drop(tmp_path / name)
    assert await folder(tmp_path).fetch(http, {}) == Unchanged()


async def test_a_file_that_grows_while_it_is_read_is_never_kept_in_part(tmp_path: Path, http: Http) -> None:
    path, source = drop(tmp_path / "a.xml", b"x" * 1_000), folder(tmp_path, reads="feed", settle=0)
    stop = asyncio.Event()

    async def write() -> None:
        with path.open("ab") as file:
            while not stop.is_set():
                file.write(b"x" * 10)
                file.flush()
                await asyncio.sleep(0)

    writer = asyncio.create_task(write())
    for _ in range(30):
        answer = await source.fetch(http, {})
        if isinstance(answer, Capture):
            file = unpack(answer.body)  # checks size and checksum
            assert len(file.body) == file.size
    stop.set()
    await writer
    assert unpack((await one(source, http)).body).size == path.stat().st_size


# ---------------------------------------------------------------------------------- what lies outside, and strangers


async def test_no_link_leads_out_of_the_folder(tmp_path: Path, http: Http) -> None:
    drop(tmp_path / "secret" / "mat.pdf")
    watched = tmp_path / "watched"
    watched.mkdir()
    (watched / "file.pdf").symlink_to(tmp_path / "secret" / "mat.pdf")
    (watched / "folder").symlink_to(tmp_path / "secret")
    (watched / "circle").symlink_to(watched)
    assert await folder(watched, subfolders=True).fetch(http, {}) == Unchanged()


async def test_pipes_sockets_and_folders_are_no_files(tmp_path: Path, http: Http) -> None:
    os.mkfifo(tmp_path / "a.pdf")
    (tmp_path / "b.pdf").mkdir()
    assert stat.S_ISFIFO((tmp_path / "a.pdf").stat().st_mode)
    assert await folder(tmp_path).fetch(http, {}) == Unchanged()


async def test_folders_inside_are_read_only_where_that_is_meant(tmp_path: Path, http: Http) -> None:
    drop(tmp_path / "2026" / "11" / "a.pdf")
    drop(tmp_path / ".an" / "b.pdf")
    assert await folder(tmp_path).fetch(http, {}) == Unchanged()
    assert (await read_all(folder(tmp_path, subfolders=True), http, {}))[0] == ["2026/11/a.pdf"]


async def test_folders_deeper_than_anybody_nests_are_not_entered(tmp_path: Path, http: Http) -> None:
    drop(tmp_path.joinpath(*"123456789") / "a.pdf")
    drop(tmp_path.joinpath(*"12345678") / "b.pdf")
    assert (await read_all(folder(tmp_path, subfolders=True), http, {}))[0] == ["1/2/3/4/5/6/7/8/b.pdf"]


async def test_only_names_that_fit_the_pattern_are_read_in_any_case_and_any_form(tmp_path: Path, http: Http) -> None:
    for name in ("Danh sách.CSV", "ghi chú.txt", "Danh sa\u0301ch 2.csv"):
        drop(tmp_path / name)
    names, _ = await read_all(folder(tmp_path, pattern="danh sách*.csv"), http, {})
    assert sorted(names) == ["Danh sách 2.csv", "Danh sách.CSV"]


async def test_a_name_in_an_encoding_that_nobody_knows_is_a_name(tmp_path: Path, http: Http, clock: Clock) -> None:
    (tmp_path / os.fsdecode(b"quy\xd5t \xae\xdenh.pdf")).write_bytes(b"%PDF-1.7")
    capture = await one(folder(tmp_path), http)
    [record] = folder(tmp_path).split(capture, frozenset(), clock.now()).records
    item = folder(tmp_path).normalise(record, capture).item
    assert item.guid == "quy%D5t%20%AE%DEnh.pdf"
    assert item.attachments[0].url.startswith(f"{BASE}quy%D5t%20%AE%DEnh.pdf?v=")


# ------------------------------------------------------------------------------------------------------- named results


async def test_a_folder_that_is_not_there_is_ours_to_mend(tmp_path: Path, http: Http) -> None:
    with pytest.raises(TransientError) as missing:
        await folder(tmp_path / "usb").fetch(http, {})
    assert (missing.value.code, missing.value.fault) == ("folder_missing", Fault.HUB)
    assert str(tmp_path / "usb") in missing.value.sentence


async def test_too_many_files_are_refused_by_name_and_read_once_some_are_gone(tmp_path: Path, http: Http) -> None:
    for number in range(4):
        drop(tmp_path / f"{number}.pdf")
    source = folder(tmp_path, max_files=3)
    with pytest.raises(RejectedError) as refused:
        await source.fetch(http, {})
    assert refused.value.code == "too_many_files"
    assert "max_files" in refused.value.sentence
    (tmp_path / "3.pdf").unlink()
    assert len((await read_all(source, http, {}))[0]) == 3


async def test_a_crowd_of_strangers_is_counted_too(tmp_path: Path, http: Http) -> None:
    for number in range(25):
        drop(tmp_path / f".{number}")
    with pytest.raises(RejectedError, match="2 files"):
        await folder(tmp_path, max_files=2).fetch(http, {})


async def test_a_huge_file_is_refused_by_name_and_holds_up_no_other(tmp_path: Path, http: Http, clock: Clock) -> None:
    with drop(tmp_path / "lon.csv").open("wb") as file:
        file.truncate(9 * 1024**2)
    drop(tmp_path / "nho.csv", "Số;Tên\n1;Một\n".encode())
    source = folder(tmp_path, reads="csv", **{"with": {"fields": {"id": "Số", "title": "Tên"}}})
    assert sorted((await read_all(source, http, {}))[0]) == ["lon.csv", "nho.csv"]
    (tmp_path / "nho.csv").unlink()
    capture = await one(source, http)
    assert len(capture.body) < 1_000
    with pytest.raises(RejectedError) as refused:
        source.split(capture, frozenset(), clock.now())
    assert (refused.value.code, refused.value.pointer) == ("file_too_large", "lon.csv")
    assert "«lon.csv»" in refused.value.sentence


def test_a_file_without_the_right_to_read_it_is_named() -> None:
    file = DroppedFile(path="a.pdf", size=9, modified=time_of(0), noticed=1, left_out=LeftOut.UNREADABLE)
    capture = Capture(url=BASE, content_type="", body=pack(file), fetched_at=datetime.now(UTC))
    with pytest.raises(RejectedError) as refused:
        folder(Path("/srv/tep")).split(capture, frozenset(), capture.fetched_at)
    assert (refused.value.code, refused.value.fault) == ("file_unreadable", Fault.HUB)


async def test_a_file_that_is_no_data_is_refused_with_its_name(tmp_path: Path, http: Http, clock: Clock) -> None:
    drop(tmp_path / "ban-tin.xml", b"<!DOCTYPE html><html><head><title>Loi</title></head></html>")
    source = folder(tmp_path, reads="feed")
    capture = await one(source, http)
    with pytest.raises(RejectedError) as refused:
        source.split(capture, frozenset(), clock.now())
    assert (refused.value.code, refused.value.pointer) == ("html_page", "ban-tin.xml")
    assert refused.value.sentence.startswith("Tệp «ban-tin.xml»")


# --------------------------------------------------------------------------------------------------------- documents


@pytest.mark.parametrize(
    ("name", "body", "title"),
    [
        ("12_QĐ-UBND về việc thu hồi đất.pdf", b"%PDF", "12 QĐ-UBND về việc thu hồi đất"),
        ("Thông báo.tuyển dụng.docx", b"PK", "Thông báo.tuyển dụng"),
        ("scan_0012.pdf", made.pdf(made.shown("UBND XA BINH MINH", "V/v cap nuoc sach dip Tet Nguyen dan")),
         "V/v cap nuoc sach dip Tet Nguyen dan"),
        ("IMG 20261120.jpg", b"\xff\xd8\xff\xe0", "IMG 20261120"),
        ("Document (1).docx", made.docx(made.paragraph("Kế hoạch tổ chức Tết trồng cây năm 2027")),
         "Kế hoạch tổ chức Tết trồng cây năm 2027"),
        ("2026-11.txt", "Lịch làm việc của Chủ tịch\n".encode(), "Lịch làm việc của Chủ tịch"),
    ],
    ids=["name", "dot", "scan", "picture", "editor", "number"],
)  # fmt: skip
async def test_a_document_is_called_as_its_file_or_as_its_text_says(
    tmp_path: Path, http: Http, clock: Clock, name: str, body: bytes, title: str
) -> None:
    drop(tmp_path / name, body)
    capture = await one(folder(tmp_path), http)
    [record] = folder(tmp_path).split(capture, frozenset(), clock.now()).records
    assert folder(tmp_path).normalise(record, capture).item.title == title


async def test_a_document_of_many_bytes_is_pointed_to_and_not_kept(tmp_path: Path, http: Http, clock: Clock) -> None:
    drop(tmp_path / "a.pdf", b"%PDF-1.7" + b"\0" * 2_000_000)
    capture = await one(folder(tmp_path), http)
    assert len(capture.body) < 1_000
    [record] = folder(tmp_path).split(capture, frozenset(), clock.now()).records
    [attachment] = folder(tmp_path).normalise(record, capture).item.attachments
    assert (attachment.type, attachment.length) == ("application/pdf", 2_000_008)


async def test_a_changed_document_has_another_address_for_its_file_and_the_same_identity(
    tmp_path: Path, http: Http, clock: Clock
) -> None:
    items = []
    for body in (b"ban mot", b"ban hai"):
        drop(tmp_path / "a.txt", body)
        capture = await one(folder(tmp_path), http)
        [record] = folder(tmp_path).split(capture, frozenset(), clock.now()).records
        items.append(folder(tmp_path).normalise(record, capture).item)
    assert items[0].guid == items[1].guid == "a.txt"
    assert items[0].attachments != items[1].attachments


# ------------------------------------------------------------------------------------------------------------ data


async def test_a_workbook_is_read_as_a_table(tmp_path: Path, http: Http, clock: Clock) -> None:
    cells = {"A1": "Số ký hiệu", "B1": "Trích yếu", "A2": "12/QĐ-UBND", "B2": "Phê duyệt quy hoạch"}
    drop(tmp_path / "ds.xlsx", made.xlsx(cells))
    source = folder(tmp_path, reads="csv", **{"with": {"fields": {"id": "Số ký hiệu", "title": "Trích yếu"}}})
    capture = await one(source, http)
    split = source.split(capture, frozenset(), clock.now())
    assert split.incremental, "what one file does not show may stand in another"
    [item] = [source.normalise(record, capture).item for record in split.records]
    assert (item.guid, item.title) == ("12/QĐ-UBND", "Phê duyệt quy hoạch")


async def test_messages_of_the_axis_are_read_and_one_that_is_none_is_named(
    tmp_path: Path, http: Http, clock: Clock
) -> None:
    document = Document(guid="x", title="Công văn", number="12/STC", issued=clock.now().date())
    sender = edxml.Organ(organ_id="000.00.05.H52", name="Sở Tài chính")
    message = edxml.message_of(document, sender=sender, receivers=[sender], place="Tỉnh Mẫu", now=clock.now())
    drop(tmp_path / "a.edxml", edxml.build(message))
    drop(tmp_path / "b.edxml", edxml.build(edxml.Status(sender=sender, code="03")))
    drop(tmp_path / "c.edxml", b"<khong/>")
    source, cursor = folder(tmp_path, reads="edxml", base_url=None), {}
    read: dict[str, str] = {}
    for _ in range(3):
        answer = await source.fetch(http, cursor)
        assert isinstance(answer, Capture)
        cursor = dict(answer.cursor)
        name = unpack(answer.body).name
        try:
            split = source.split(answer, frozenset(), clock.now())
        except RejectedError as refused:
            read[name] = refused.code
        else:
            made = [source.normalise(record, answer).item.guid for record in split.records]
            read[name] = ", ".join(made)
    issued = f"{clock.now():%Y/%m/%d}"
    assert read == {"a.edxml": f"000.00.05.H52,{issued},12/STC", "b.edxml": "", "c.edxml": "not_edxml"}


async def test_without_a_base_address_relative_links_are_left_out(tmp_path: Path, http: Http, clock: Clock) -> None:
    feed = b"<rss><channel><item><guid>1</guid><title>Tin</title><link>tin/1.html</link></item></channel></rss>"
    drop(tmp_path / "a.xml", feed)
    source = folder(tmp_path, reads="feed", base_url=None)
    capture = await one(source, http)
    [record] = source.split(capture, frozenset(), clock.now()).records
    assert (capture.url, source.normalise(record, capture).item.url) == ("", "")


# ---------------------------------------------------------------------------------------------------------- settings


@pytest.mark.parametrize(
    ("keys", "said"),
    [
        ({"path": "tep"}, "absolute"),
        ({"path": "/"}, "absolute"),
        ({"path": "/srv/../etc"}, "absolute"),
        ({"path": "/srv/tep", "reads": "documents"}, "address"),
        ({"path": "/srv/tep", "reads": "documents", "base_url": f"{BASE}?dir=a"}, "query"),
        ({"path": "/srv/tep", "reads": "documents", "base_url": BASE, "with": {"a": 1}}, "no keys"),
        ({"path": "/srv/tep", "reads": "feed", "with": {"max_itms": 1}}, "max_itms"),
        ({"path": "/srv/tep", "reads": "feed", "with": {"max_items": 0}}, "max_items"),
        ({"path": "/srv/tep", "reads": "csv"}, "fields"),
        ({"path": "/srv/tep", "reads": "webhook"}, "reads"),
        ({"path": "/srv/tep", "reads": "feed", "pattern": "../*"}, "pattern"),
        ({"path": "/srv/tep", "reads": "feed", "max_files": 100_000}, "max_files"),
    ],
)
def test_settings_that_cannot_work_are_refused_at_load(keys: Mapping[str, Any], said: str) -> None:
    with pytest.raises(ValidationError, match=said):
        Config.model_validate({"reads": "feed"} | dict(keys))


# ---------------------------------------------------------------------------------------------- the file as it is kept


@given(
    st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), min_size=1, max_size=80),
    st.binary(max_size=200),
    st.integers(0, 2**63),
)
def test_what_was_packed_is_unpacked(path: str, body: bytes, at: int) -> None:
    file = DroppedFile(
        path=encoded(path), size=len(body), modified=time_of(at), noticed=at, body=body,
        sha256=hashlib.sha256(body).hexdigest(),
    )  # fmt: skip
    assert unpack(pack(file)) == file
    assert "\n" not in file.name
    assert file.identity


@given(st.binary(max_size=300))
def test_anything_else_is_refused_by_name(body: bytes) -> None:
    for each in (body, b"HUB-FILE/1\n" + body):
        with pytest.raises(RejectedError) as refused:
            unpack(each)
        assert refused.value.code == "not_a_dropped_file"
