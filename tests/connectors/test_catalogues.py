"""Catalogues of a share interface as rows of our lists: known services, unknown fields, platforms that use GET."""

import json
from collections.abc import AsyncIterator
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.base import Capture, SourceContext
from connectors.catalogues import Catalogue, Cataloguing, catalogue_rows
from connectors.errors import ConfigError, HubError, RejectedError, TransientError
from connectors.http import Http
from connectors.sources.dvcqg import Config, Connector
from schemas.item import Kind
from tests.clock import START, Clock
from tests.connectors.conftest import AGENT
from tests.fakes.dvcqg import DSTCODE, PASSWORD, USERNAME, NationalBase
from tests.fakes.site import Site

SESSION = {
    "username": USERNAME, "password": PASSWORD, "login_path": "login", "call_path": "share", "dstcode": DSTCODE,
    "unit": "H52",
}  # fmt: skip
FIELDS = [
    {"MALINHVUC": "G03-GD10", "TENLINHVUC": "Giáo dục <b>mầm non</b>", "MANGANH": "G03"},
    {"maLinhVuc": "G03-GD11", "TenLinhVuc": "Giáo dục\nphổ thông", "MaNganh": None},
]
READ = [
    {"code": "G03-GD10", "name": "Giáo dục mầm non", "ministry": "G03"},
    {"code": "G03-GD11", "name": "Giáo dục phổ thông", "ministry": ""},
]


@pytest.fixture
async def base() -> AsyncIterator[NationalBase]:
    async with NationalBase() as base:
        yield base


@pytest.fixture
async def http(base: NationalBase, site: Site, clock: Clock) -> AsyncIterator[Http]:
    async with Http(user_agent=AGENT, allow_private=base.doors | site.doors, clock=clock.now) as http:
        yield http


def source(url: str, **keys: Any) -> Connector:
    connector = Connector(SourceContext(name="dvcqg", kind=Kind.PROCEDURE, url=url), Config(**keys))
    assert isinstance(connector, Cataloguing)
    return connector


def answer(rows: Any) -> Capture:
    body = json.dumps({"error_code": "00", "result": rows}).encode()
    return Capture(url="https://a.example", content_type="application/json", body=body, fetched_at=START)


async def test_the_fields_of_the_national_base_come_in_a_session(base: NationalBase, http: Http) -> None:
    base.fixed["LayDanhMucLinhVuc"] = {"error_code": "00", "result": FIELDS}
    rows = await source(base.origin + "/adapter/", session=SESSION).catalogue(http, "fields")
    assert rows == READ
    assert base.calls == [("login", ""), ("LayDanhMucLinhVuc", "")]


async def test_a_platform_is_asked_by_get_and_may_wrap_its_answer(base: NationalBase, http: Http) -> None:
    base.fixed["DanhMuc"] = {"error_code": 0, "result": {"MA_SO": "H52", "TEN": "Tỉnh Mẫu", "CHA": "H00"}}
    settings = {"organisations": {"service": "DanhMuc", "code": "ma_so", "name": "TEN", "parent": "cha"}}
    rows = await source(base.origin + "/lgsp", catalogues=settings).catalogue(http, "organisations")
    assert rows == [{"code": "H52", "name": "Tỉnh Mẫu", "parent": "H00"}]


async def test_a_list_may_be_made_of_several_catalogues(site: Site, http: Http) -> None:
    for level in (1, 2):
        rows = [{f"MaDinhDanhCap{level}": f"H52.{level}", "TenDonVi": f"Cấp {level}"}]
        site.serve(f"/dmdc/Category/qlvanbandieuhanhcap{level}", json.dumps(rows).encode())
    services = [{"service": f"dmdc/Category/qlvanbandieuhanhcap{level}"} for level in (1, 2)]
    rows = await source(site.origin, catalogues={"organisations": services}).catalogue(http, "organisations")
    assert [one["code"] for one in rows] == ["H52.1", "H52.2"]


async def test_a_list_without_a_service_and_a_refused_call_are_told(base: NationalBase, http: Http) -> None:
    with pytest.raises(ConfigError, match="holidays") as unknown:
        await source(base.origin + "/lgsp").catalogue(http, "holidays")
    assert unknown.value.code == "no_catalogue"
    base.fixed["LayDanhMucCoQuan"] = {"error_code": "17", "result": []}
    with pytest.raises(TransientError) as refused:
        await source(base.origin + "/lgsp").catalogue(http, "organisations")
    assert (refused.value.code, "LayDanhMucCoQuan" in refused.value.sentence) == ("call_refused", True)


def test_fields_whose_names_nobody_wrote_down_are_found_where_there_is_only_one() -> None:
    plain = Catalogue(service="LayDanhMucTinhThanh")
    rows = catalogue_rows(answer([{"MATINHTHANH": "01", "TENTINHTHANH": "Hà Nội", "CAP": 1}]), plain)
    assert rows == [{"code": "01", "name": "Hà Nội"}]
    with pytest.raises(RejectedError, match="2 fields for 'MA…' among MAXA, TENXA, MATINH") as unclear:
        catalogue_rows(answer([{"MAXA": "1", "TENXA": "A", "MATINH": "01"}]), plain)
    assert unclear.value.code == "catalogue_fields"
    with pytest.raises(RejectedError, match="0 fields for 'NAME'"):
        catalogue_rows(answer([{"MAXA": "1", "TENXA": "A"}]), Catalogue(service="x", name="NAME"))


def test_an_empty_catalogue_is_refused_and_a_row_that_is_none_stays_visible() -> None:
    plain = Catalogue(service="x")
    for nothing in ([], None, ["A", "B"]):
        with pytest.raises(RejectedError) as empty:
            catalogue_rows(answer(nothing), plain)
        assert empty.value.code == "catalogue_empty"
    rows = catalogue_rows(answer([{"MA": 1, "TEN": "A"}, "lạ"]), plain)
    assert rows == [{"code": "1", "name": "A"}, {"code": "", "name": "lạ"}]


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=9),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["MA", "TEN", "X"]), inner, max_size=3),
    max_leaves=12,
)


@given(JSON)
def test_whatever_comes_is_rows_of_texts_or_a_refusal(rows: Any) -> None:
    read = []
    with suppress(HubError):
        read = catalogue_rows(answer(rows), Catalogue(service="x"))
    assert all(isinstance(cell, str) for row in read for cell in row.values())
