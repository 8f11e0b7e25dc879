"""A small share of the tables of `python -m tests.hostile`, in every run of the tests."""

import random
from pathlib import Path

import pytest

from tests.conftest import do_without
from tests.hostile import archives, bodies, chromium, ssrf, xss
from tests.hostile.planting import planted
from tests.hostile.vectors import made
from tests.servers import MissingServerError, Servers

pytestmark = pytest.mark.filterwarnings("ignore::ResourceWarning")


def test_vectors_are_as_many_as_are_asked_for_and_no_two_are_alike() -> None:
    vectors = made(1_500, random.Random(3))
    assert len({each.html for each in vectors}) == 1_500
    assert made(20, random.Random(1)) == made(20, random.Random(1))


def test_nothing_active_is_left_by_the_sanitiser() -> None:
    assert xss.sanitised(made(250, random.Random(1))).faults == []


async def test_nothing_active_is_sent_to_a_destination() -> None:
    assert (await xss.payloads(made(6, random.Random(1)))).faults == []


async def test_no_page_of_a_hub_full_of_markup_acts(tmp_path: Path) -> None:
    vectors = made(30, random.Random(1))
    async with planted(tmp_path) as house:
        sinks, policies = await xss.full_database(house, vectors)
        assert sinks.faults == []
        assert policies.faults == []
        assert (await xss.items(house, vectors[:5])).faults == []


async def test_inside_addresses_are_reached_by_no_way() -> None:
    assert (await ssrf.table(seed=1, share=0.01)).faults == []


def test_public_addresses_are_refused_nowhere() -> None:
    assert ssrf.admitted().faults == []


def test_documents_bring_no_file_and_selectors_are_no_programs() -> None:
    assert bodies.documents().faults == []
    assert bodies.selectors().faults == []


def test_no_odd_package_is_written_anywhere_or_read_in_part() -> None:
    assert archives.opened(("docx", "zip")).faults == []


def test_no_name_of_a_record_leads_out_of_its_folder() -> None:
    assert archives.names().faults == []


async def test_nothing_runs_in_a_browser_even_without_the_policy(tmp_path: Path, servers: Servers) -> None:
    try:
        servers.browser()
    except MissingServerError as error:
        do_without(error)
    vectors = made(20, random.Random(1))
    async with planted(tmp_path) as house:
        table = await chromium.table(house, vectors, pages=("/", "/console/queue"), policies=(False,))
    assert table.faults == []
    assert table.tried >= 100
