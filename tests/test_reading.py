"""The reading child: what it reads, what it may cost, and that it never outlives or harms its parent."""

import asyncio
import gzip
import os
import resource
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from connectors.base import Capture, SourceContext
from connectors.errors import Fault, RejectedError, TransientError
from connectors.registry import source_connector
from hub.reader import REST, Reader
from hub.reading import Index, Job, ReadingTooHardError, read
from schemas.item import Kind
from tests.province import rss, story
from tests.traps import NAP

NOW = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
CONTEXT = SourceContext(name="tin", kind=Kind.NEWS, url="http://syt.gov.vn/rss")


def job(body: bytes, **changes: Any) -> Job:
    capture = Capture(url=CONTEXT.url, content_type="application/rss+xml", body=body, fetched_at=NOW)
    config = source_connector("feed").Config()
    return replace(
        Job(connector="feed", context=CONTEXT, config=config, capture=capture, known=frozenset()), **changes
    )  # fmt: skip


@pytest.fixture
async def reader() -> AsyncIterator[Reader]:
    reader = Reader(1)
    yield reader
    await reader.close()


@pytest.fixture
def traps(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An installed package that offers the connector `trap`, for the child that is started."""
    package = tmp_path / "traps"
    (package / "traps-1.dist-info").mkdir(parents=True)
    (package / "traps-1.dist-info" / "METADATA").write_text("Metadata-Version: 2.1\nName: traps\nVersion: 1\n")
    (package / "traps-1.dist-info" / "entry_points.txt").write_text("[hub.connectors]\nsource.trap = tests.traps\n")
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(package), str(Path(__file__).parents[1])]))


def trap(what: str) -> Job:
    return job(b"x", connector="trap", context=replace(CONTEXT, name=what), config=None)


async def quiet(reader: Reader) -> None:
    """The next job is read as if nothing had happened."""
    assert (await reader.read(trap("quiet"))).format == "quiet"


async def test_a_capture_becomes_items_with_digests_and_keys(reader: Reader) -> None:
    reading = await reader.read(job(rss(story(1), story(2))))
    assert reading == read(job(rss(story(1), story(2)))), "the child says what we would say"
    assert [(each.pointer, each.item.guid) for each in reading.read] == [("item 1", "tin-1"), ("item 2", "tin-2")]
    assert all(each.digest and each.keys for each in reading.read)


@pytest.mark.parametrize("kind", [Kind.NEWS, Kind.DOCUMENT])
def test_an_item_that_gets_an_entry_comes_as_it_is_kept(kind: Kind) -> None:
    body = rss(story(1, text='Số "15" \\ <b>ngày\t1</b>\x7f\U0001f600', tags=("Y tế",)))
    context = replace(CONTEXT, kind=kind)
    [read_with_entry] = read(job(body, context=context, index=Index(member="H01", name="Sở Y tế"))).read
    assert read_with_entry.body == read_with_entry.item.model_dump_json()
    [read_alone] = read(job(body, context=context)).read
    assert not read_alone.body


def test_tags_of_the_source_are_given_to_each_item() -> None:
    tagged = replace(CONTEXT, tags=("Y tế",))
    reading = read(job(rss(story(1), story(2, tags=("Y tế", "Xã"))), context=tagged))
    assert [each.item.tags for each in reading.read] == [("Y tế",), ("Y tế", "Xã")]


def test_known_pieces_are_not_read() -> None:
    first = read(job(rss(story(1), story(2))))
    again = read(job(rss(story(1), story(2), story(3)), known=frozenset(first.fingerprints)))
    assert [each.item.guid for each in again.read] == ["tin-3"]
    assert len(again.fingerprints) == 3


@pytest.mark.usefixtures("traps")
class TestTraps:
    async def test_a_job_that_takes_too_long_is_ended_and_the_next_one_read(self) -> None:
        reader = Reader(1, cpu_seconds=1.0)
        with pytest.raises(ReadingTooHardError, match="longer than") as ended:
            await reader.read(trap("hang"))
        assert ended.value.fault is Fault.MEMBER
        await quiet(reader)
        await reader.close()

    async def test_a_job_that_only_waits_is_ended_too(self) -> None:
        reader = Reader(1, cpu_seconds=0.1)
        with pytest.raises(ReadingTooHardError, match=r"longer than 0\.3 s"):
            await reader.read(trap("sleep"))
        await reader.close()

    async def test_a_child_that_does_not_start_is_our_own_fault(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("PYTHONHOME", "/nowhere")
        with pytest.raises(TransientError) as failed:
            await Reader(1).read(trap("quiet"))
        assert failed.value.fault is Fault.HUB

    async def test_without_descriptors_for_a_child_the_reading_is_put_off(self) -> None:
        """It was taken for a defect: after five of them the capture was given up."""
        reader = Reader(1)
        few, most = resource.getrlimit(resource.RLIMIT_NOFILE)
        resource.setrlimit(resource.RLIMIT_NOFILE, (3, most))
        try:
            with pytest.raises(TransientError) as failed:
                await reader.read(trap("quiet"))
        finally:
            resource.setrlimit(resource.RLIMIT_NOFILE, (few, most))
        assert failed.value.fault is Fault.HUB
        await quiet(reader)
        await reader.close()

    @pytest.mark.parametrize(("what", "told"), [("bomb", "MemoryError"), ("die", "died"), ("deep", "RecursionError")])
    async def test_a_job_that_breaks_its_process_breaks_nothing_else(
        self, reader: Reader, what: str, told: str
    ) -> None:
        with pytest.raises(ReadingTooHardError, match=told):
            await reader.read(trap(what))
        assert not reader._free
        await quiet(reader)

    async def test_talk_refusals_and_defects_leave_the_answers_in_order(self, reader: Reader) -> None:
        for _ in range(2):
            assert (await reader.read(trap("talk"))).format == "quiet"
        with pytest.raises(RejectedError) as refused:
            await reader.read(trap("refuse"))
        assert (refused.value.code, refused.value.pointer) == ("not_a_feed", "line 1")
        assert len(reader._free) == 1, "a refusal is an answer like any other"
        with pytest.raises(RuntimeError) as defect:
            await reader.read(trap("defect"))
        assert str(defect.value) == "ZeroDivisionError while reading", "it quotes no text"

    async def test_cutting_a_reading_off_ends_its_child(self, reader: Reader) -> None:
        await quiet(reader)
        [child] = reader._free
        task = asyncio.create_task(reader.read(trap("hang")))
        await asyncio.sleep(0.05)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert child._process.returncode == -signal.SIGKILL
        await quiet(reader)

    async def test_a_child_without_work_ends_and_the_next_job_starts_another(self) -> None:
        """Two children held 136 MB of a hub with nothing to do."""
        reader = Reader(1, rest=0.05)
        await quiet(reader)
        [child] = reader._free
        assert await child._process.wait() == -signal.SIGKILL
        await quiet(reader)
        assert reader._free != [child]
        await reader.close()

    async def test_a_child_rests_from_its_last_job_on_and_none_ends_at_work(self) -> None:
        reader = Reader(1, rest=NAP / 3)
        await quiet(reader)
        [child] = reader._free
        began = asyncio.get_running_loop().time()
        await reader.read(trap("nap"))
        assert reader._free == [child]
        assert child.free_since >= began + NAP
        assert await child._process.wait() == -signal.SIGKILL, "it has rested now"
        await reader.close()

    async def test_who_is_needed_goes_on_while_the_other_ends(self) -> None:
        reader = Reader(2)
        await asyncio.gather(quiet(reader), quiet(reader))
        idle, busy = reader._free
        idle.free_since -= REST
        await quiet(reader)
        reader._end_rested()
        assert reader._free == [busy]
        assert await idle._process.wait() == -signal.SIGKILL
        assert reader._look is not None
        assert reader._look.when() == busy.free_since + REST, "its own turn comes"
        await reader.close()

    async def test_closing_waits_for_children_that_are_ending(self) -> None:
        reader = Reader(1, rest=0.0)
        await quiet(reader)
        [child] = reader._free
        reader._end_rested()
        assert not reader._free
        await reader.close()
        assert child._process.returncode == -signal.SIGKILL

    async def test_a_child_at_work_when_the_reader_closes_ends_with_its_job(self) -> None:
        reader = Reader(1)
        await quiet(reader)
        [child] = reader._free
        reading = asyncio.create_task(reader.read(trap("nap")))
        await asyncio.sleep(0)
        await reader.close()
        assert (await reading).format == "quiet"
        assert child._process.returncode == -signal.SIGKILL

    def test_children_end_when_their_parent_is_killed(self) -> None:
        """At rest by the end of the pipe; in the middle of a job, which may never end, by their own alarm."""
        with parent() as (process, children):
            os.kill(process.pid, signal.SIGKILL)
            process.wait()
            for child in children:
                wait_for_end(child)


@contextmanager
def parent() -> Iterator[tuple[subprocess.Popen[str], list[int]]]:
    """A process with two reading children, one at rest and one in an endless job; their ids."""
    code = (
        "import asyncio\nfrom hub.reader import Reader\nfrom tests.test_reading import trap\n"
        "async def main():\n"
        "    reader = Reader(2, cpu_seconds=1.0)\n"
        "    await asyncio.gather(*(reader.read(trap('quiet')) for _ in range(2)))\n"
        "    print(*(child._process.pid for child in reader._free), flush=True)\n"
        "    await reader.read(trap('hang'))\n"
        "asyncio.run(main())\n"
    )
    process = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        yield process, [int(pid) for pid in process.stdout.readline().split()]
    finally:
        process.kill()
        process.wait()
        assert process.stdout is not None
        process.stdout.close()


def wait_for_end(pid: int) -> None:
    """Until this process, which is not our child, is gone; at most ten seconds."""
    end = os.pidfd_open(pid) if alive(pid) else None
    if end is not None:
        import select

        try:
            assert select.select([end], [], [], 10)[0], "the child lives on"
        finally:
            os.close(end)


def alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


# ------------------------------------------------------------------------------------------ bad input

HTML = b"<!doctype html><html><head><title>Loi</title></head><body><h1>502</h1></body></html>"
CAPTCHA = b"<html><head><title>Xac minh</title></head><body><form id='captcha'><input></form></body></html>"
ENTITIES = (
    b'<?xml version="1.0"?><!DOCTYPE r [<!ENTITY a "aaaaaaaaaa">'
    + b"".join(b'<!ENTITY %c "%s">' % (98 + n, b"&%c;" % (97 + n) * 10) for n in range(9))
    + b"]><rss><channel><item><title>&j;</title><guid>1</guid></item></channel></rss>"
)
NESTED = (
    b"<rss version='2.0'><channel><item><guid>1</guid><title>Tin</title><description><![CDATA["
    + b"<div>" * 200_000
    + b"]]></description></item></channel></rss>"
)
DEEP = b"<rss version='2.0'><channel><item>" + b"<a>" * 200_000


@pytest.mark.parametrize(
    "body",
    [
        HTML,
        CAPTCHA,
        ENTITIES,
        b"",
        b"\0" * 1_000,
        b"not a feed at all",
        gzip.compress(rss(story(1)), mtime=0)[:40],
        DEEP,
    ],
    ids=["page", "captcha", "entities", "nothing", "zeros", "text", "half a gzip", "depth"],
)
def test_what_is_no_feed_is_refused_with_a_fault_or_read_with_reasons(body: bytes) -> None:
    refused = None
    try:
        reading = read(job(body))
    except RejectedError as error:
        refused = error
    if refused is not None:
        assert refused.code
        assert refused.sentence, "a clerk is told whose fault it is"
    else:
        assert reading.read == []
        assert reading.fallen or reading.truncated or not reading.fingerprints


@pytest.mark.parametrize(
    ("body", "kept"),
    [
        (NESTED, 1),
        (rss(story(1), story(2, published="Mon, 01 Jan 0001 00:00:00 GMT"), story(3)), 3),
        (rss(story(1), story(2, published="Thu, 01 Jan 2999 00:00:00 GMT"), story(3)), 3),
        (rss(story(1), story(2, published="hôm nào đó"), story(3)), 3),
        (rss(story(1), story(2, title="Ă" * 1_000_000), story(3)), 3),
        (rss(story(1), story(2, title="", text=""), story(3)), 2),
        (rss(story(1), story(2, guid="", link=""), story(3)), 2),
        (rss(story(1), story(2), story(3))[:-40], 2),
        (rss(story(1), story(2)).replace(b"utf-8", b"us-ascii"), 2),
    ],
    ids=["nested", "year 1", "year 2999", "no date", "long title", "no text", "no identity", "cut", "wrong charset"],
)
def test_one_hostile_entry_costs_no_neighbour(body: bytes, kept: int) -> None:
    reading = read(job(body))
    assert len(reading.read) >= kept
    assert len(reading.read) + len(reading.fallen) >= min(kept, 3) or reading.truncated
    assert all(fallen.pointer and fallen.code for fallen in reading.fallen)
    assert all(each.item.published is None or 1990 < each.item.published.year < 2027 for each in reading.read)
