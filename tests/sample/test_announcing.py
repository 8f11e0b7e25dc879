"""Each way of announcing, read by the connector that the sample connects it with: typed procedures come out."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import aiohttp
import pytest

from connectors.base import Capture
from connectors.errors import RejectedError
from connectors.http import Http
from hub.sample.procedures import Entry
from hub.sample.run import SampleWorld, sample_world
from hub.settings import Settings, load_settings
from hub.sources import source_in_force
from schemas.procedure import Channel, FeeKind, Procedure, Status, TimeUnit


class Clerk:
    """Reads the sample's sources as the hub would, without a hub."""

    def __init__(self, world: SampleWorld, settings: Settings, http: Http, session: aiohttp.ClientSession) -> None:
        self.world, self.settings, self.http, self.session = world, settings, http, session
        assert world.register is not None
        self.register = world.register

    async def read(self, slug: str) -> tuple[dict[str, Procedure], list[str]]:
        """Procedures by code, and what was withdrawn."""
        settings = next(one for one in self.settings.sources if one.name == f"{slug}-thu-tuc")
        source = source_in_force(settings, self.settings, self.http)
        capture = await source.source.fetch(source.http, {})
        assert isinstance(capture, Capture)
        split = source.source.split(capture, frozenset(), datetime.now(UTC))
        assert not split.fallen
        found: dict[str, Procedure] = {}
        for record in split.records:
            read = source.source.normalise(record, capture)
            assert isinstance(read.item, Procedure)
            assert read.remarks == (), read.remarks
            found[read.item.code] = read.item
        return found, [stone.guid for stone in split.tombstones]

    def announced(self, slug: str) -> dict[str, Entry]:
        """What stands in the register."""
        assert self.world.world is not None
        member = next(one for one in self.world.world.province.members if one.slug == slug)
        return {entry.code: entry for entry in self.register.announced(member)}

    async def page(self, url: str) -> tuple[int, str]:
        async with self.session.get(url) as answer:
            return answer.status, await answer.text()


@pytest.fixture
async def clerk(tmp_path: Path) -> AsyncIterator[Clerk]:
    async with sample_world(tmp_path) as world, aiohttp.ClientSession() as session:
        settings = load_settings(world.settings)
        async with Http(user_agent="sample/1.0", allow_private=settings.fetch.allow_private) as http:
            yield Clerk(world, settings, http, session)


@pytest.mark.parametrize("slug", ["so-y-te", "so-tu-phap", "trung-tam-kiem-soat-benh-tat", "chi-cuc-kiem-lam"])
async def test_what_is_announced_is_read_as_it_was_meant(clerk: Clerk, slug: str) -> None:
    found, gone = await clerk.read(slug)
    announced = clerk.announced(slug)
    assert (found.keys(), gone) == (announced.keys(), [])
    for code, entry in announced.items():
        item = found[code]
        assert (item.title, item.decision, item.levels) == (entry.name, entry.decision, (entry.level,))
        assert [one.name for one in item.sectors] == [entry.field]
        [limit] = item.ways[0].time_limits
        assert (limit.value, limit.unit) == (entry.days, TimeUnit.WORKING_DAY)
        fees = {fee.kind: fee.amount for fee in limit.fees}
        assert fees.get(FeeKind.FEE, 0) == entry.fee
        assert fees.get(FeeKind.CHARGE, 0) == entry.charge
        assert (await clerk.page(item.url))[0] == 200


@pytest.mark.parametrize("slug", ["so-y-te", "so-tu-phap"])
async def test_a_whole_record_has_steps_papers_ways_and_laws(clerk: Clerk, slug: str) -> None:
    found, _ = await clerk.read(slug)
    for code, entry in clerk.announced(slug).items():
        item = found[code]
        assert [step for case in item.steps for step in case.steps] == list(entry.steps)
        [dossier] = item.dossiers
        assert [(one.name, one.originals, one.copies) for one in dossier.papers] == [
            (one.name, one.originals, one.copies) for one in entry.papers
        ]
        assert [way.channel for way in item.ways] == [Channel.IN_PERSON, Channel.ONLINE, Channel.POST]
        assert [(law.number, law.issued) for law in item.legal_basis] == [
            (law.number, law.issued) for law in entry.laws
        ]
        assert (item.status, item.announced_by) == (Status.IN_FORCE, "000.00.00.H52")
        assert all(one in item.conditions_html for one in entry.conditions)


async def test_papers_of_a_spreadsheet_are_several(clerk: Clerk) -> None:
    found, _ = await clerk.read("quy-dau-tu-phat-trien")
    for code, entry in clerk.announced("quy-dau-tu-phat-trien").items():
        assert [paper.name for paper in found[code].dossiers[0].papers] == [paper.name for paper in entry.papers]


@pytest.mark.parametrize("slug", ["so-y-te", "so-tu-phap", "xa-suoi-trang", "xa-bai-ngo"])
async def test_what_was_withdrawn_is_said_or_gone(clerk: Clerk, slug: str) -> None:
    before, _ = await clerk.read(slug)
    while len(clerk.announced(slug)) == len(before):
        clerk.world.let_time_pass()
    left = clerk.announced(slug)
    found, gone = await clerk.read(slug)
    assert found.keys() == left.keys()
    assert set(gone) == (set() if slug == "xa-bai-ngo" else before.keys() - left.keys())
    for code in before.keys() - left.keys():
        assert (await clerk.page(before[code].url))[0] == 410


async def test_the_locked_account_gets_a_login_page_that_is_refused_with_its_reason(clerk: Clerk) -> None:
    with pytest.raises(RejectedError) as caught:
        await clerk.read("so-xay-dung")
    assert "đăng nhập" in caught.value.sentence


async def test_the_one_stop_system_shows_people_what_machines_read(clerk: Clerk) -> None:
    home = clerk.world.addresses["Hệ thống một cửa"]
    status, page = await clerk.page(home)
    code, entry = next(iter(clerk.announced("so-y-te").items()))
    assert (status, code in page, entry.name in page) == (200, True, True)
    for wrong in ("thu-tuc-hanh-chinh/1.999999", "so-y-te", "khong-co/LayDanhSachTTHC"):
        assert (await clerk.page(home + wrong))[0] == 404


async def test_the_forms_of_a_procedure_can_be_had(clerk: Clerk) -> None:
    found, _ = await clerk.read("so-y-te")
    forms = [paper.form_url for item in found.values() for paper in item.dossiers[0].papers if paper.form_name]
    assert len(forms) > 3
    async with clerk.session.get(forms[0]) as answer:
        assert (answer.status, (await answer.read())[:2]) == (200, b"PK")
    assert (await clerk.page(forms[0].replace(".docx", "9.docx")))[0] == 404
