"""The settings.toml of the sample province: it loads as written, and hostile names stay names."""

import stat
import tomllib
from datetime import date
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from hub.reports.categories import categories
from hub.reports.duties import duties
from hub.rules.duties import Every
from hub.rules.review import Review
from hub.sample.run import DUTIES
from hub.sample.settings import (
    BASE,
    FANPAGE,
    SampleBaseRow,
    SampleFanpageRow,
    SampleMemberRow,
    SampleSourceRow,
    kept_secret,
    write_settings,
)
from hub.settings import MemberKind, load_settings
from hub.settings.writing import toml_value
from schemas.item import Kind


def write(folder: Path, **changes: object) -> Path:
    kept_secret(folder / "portal.token")
    rows = {
        "name": "Tỉnh Mẫu",
        "members": [
            SampleMemberRow("H52.12", "Sở Y tế", "department"), SampleMemberRow("H52.3", "Xã Ao Chàm", "commune"),
        ],
        "sources": [
            SampleSourceRow("so-y-te-tin", "H52.12", "news", "http://127.0.0.1:9100/s/0", "5s"),
            SampleSourceRow("ao-cham-van-ban", "H52.3", "document", "http://127.0.0.2:9100/s/1", "2s", "hold"),
        ],
        "doors": ["127.0.0.1:9100", "127.0.0.2:9100"],
        "portal_url": "http://127.0.0.1:9200/portal",
        "token_file": folder / "portal.token",
    }  # fmt: skip
    return write_settings(folder, **(rows | changes))  # type: ignore[arg-type]


def test_what_is_written_loads_as_it_was_meant(tmp_path: Path) -> None:
    path = write(tmp_path)
    settings = load_settings(path)
    assert settings.hub.name == "Tỉnh Mẫu"
    assert settings.database_url == f"sqlite://{tmp_path / 'hub.db'}"
    assert settings.data_dir == tmp_path
    assert settings.web.port == 0
    assert [(member.code, member.kind) for member in settings.members] == [
        ("H52.12", MemberKind.DEPARTMENT), ("H52.3", MemberKind.COMMUNE)
    ]  # fmt: skip
    assert [(source.every, source.review) for source in settings.sources] == [(5.0, Review.AUTO), (2.0, Review.HOLD)]
    assert {str(door) for door in settings.fetch.allow_private} == {"127.0.0.1:9100", "127.0.0.2:9100"}
    [portal] = settings.destinations
    assert portal.rate == 200.0
    assert {str(door) for door in portal.allow_private} == {"127.0.0.1:9200"}
    assert portal.connector_config.base_url == "http://127.0.0.1:9200/portal"
    assert portal.connector_config.token.get_secret_value() == kept_secret(tmp_path / "portal.token")
    [route] = settings.routes
    assert (route.to, route.when.kind) == (("portal",), ())


def test_duties_are_written_as_a_board_would(tmp_path: Path) -> None:
    settings = load_settings(write(tmp_path, duties=DUTIES))
    found = duties(settings, categories(settings.categories))
    assert [duty.name for duty in found] == ["tin-bai", "tin-bai-so-nganh", "tiep-cong-dan", "ngan-sach"]
    assert [duty.confirmed for duty in found] == [True, False, False, False]
    assert (found[0].every, found[1].at_least, found[2].kinds) == (Every.WEEK, 8, {"department"})
    assert all(duty.since == date(2026, 1, 1) and duty.rule for duty in found)


def test_the_base_gets_the_procedures_and_its_password_stands_in_a_file(tmp_path: Path) -> None:
    password = tmp_path / "csdl.password"
    row = SampleBaseRow(
        url="http://127.0.0.1:9300", username="tinhmau", password_file=password, login_path="adapter/login",
        call_path="adapter/g", dstcode="VN:GOV:csdl", unit="H52", publish="CapNhat", withdraw="Go", not_found="05",
    )  # fmt: skip
    secret = kept_secret(password)
    path = write(tmp_path, base=row)
    assert secret not in path.read_text("utf-8")
    settings = load_settings(path)
    base = settings.destinations[1]
    assert (base.name, base.connector, base.connector_config.push.publish) == (BASE, "procedures", "CapNhat")
    assert base.connector_config.session.password.get_secret_value() == secret
    assert [(route.to, route.when.kind) for route in settings.routes] == [
        (("portal",), ()), ((BASE,), (Kind.PROCEDURE,))
    ]  # fmt: skip


def test_the_fanpage_gets_what_touches_peoples_days_and_has_a_brake(tmp_path: Path) -> None:
    row = SampleFanpageRow(
        url="http://127.0.0.1:9400", version="v25.0", page_id="520", token_file=tmp_path / "trang.token",
        link="http://127.0.0.1:9200/tin/{content_id}", rate="2/s",
    )  # fmt: skip
    secret = kept_secret(row.token_file)
    path = write(tmp_path, fanpage=row)
    assert secret not in path.read_text("utf-8")
    settings = load_settings(path)
    page = settings.destinations[1]
    assert (page.name, page.connector, page.rate, page.brake) == (FANPAGE, "facebook", 2.0, 250)
    assert page.connector_config.token.get_secret_value() == secret
    assert (page.connector_config.link, page.connector_config.one_per_story) == (row.link, True)
    assert {str(door) for door in page.allow_private} == {"127.0.0.1:9400"}
    assert page.reconcile.at is not None
    [_, route] = settings.routes
    assert (route.to, route.when.kind) == ((FANPAGE,), (Kind.NEWS, Kind.NOTICE))
    assert "Giáo dục" in route.when.tag


def test_duties_are_written_where_there_are_any(tmp_path: Path) -> None:
    members = [
        SampleMemberRow("H52.12", "Sở Y tế", "department", ("procedure",)),
        SampleMemberRow("H52.3", "Xã Ao Chàm", "commune"),
    ]
    settings = load_settings(write(tmp_path, members=members))
    assert [member.duties for member in settings.members] == [(Kind.PROCEDURE,), ()]


def test_the_token_stands_in_a_file_of_its_own_that_only_its_owner_reads(tmp_path: Path) -> None:
    path = write(tmp_path)
    token = tmp_path / "portal.token"
    assert stat.S_IMODE(token.stat().st_mode) == 0o600
    assert token.read_text().strip() not in path.read_text("utf-8")
    assert 'token = { file = "portal.token" }' in path.read_text("utf-8")


def test_the_token_stays_the_same_over_starts(tmp_path: Path) -> None:
    file = tmp_path / "secrets" / "portal.token"
    assert kept_secret(file) == kept_secret(file) != kept_secret(tmp_path / "other.token")


def test_a_token_elsewhere_is_named_with_its_whole_path(tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere.token"
    token = kept_secret(elsewhere)
    path = write(tmp_path / "hub", token_file=elsewhere)
    assert load_settings(path).destinations[0].connector_config.token.get_secret_value() == token


def test_names_with_quotes_and_breaks_stay_names(tmp_path: Path) -> None:
    name = 'Sở "Y tế"\n[web]\nport = 1\\ \x7f'
    path = write(tmp_path, name=name, web_port=8080)
    settings = load_settings(path)
    assert (settings.hub.name, settings.web.port) == (name, 8080)


def test_a_second_start_replaces_the_file(tmp_path: Path) -> None:
    write(tmp_path, web_port=8080)
    assert load_settings(write(tmp_path, web_port=8081)).web.port == 8081
    assert {path.name for path in tmp_path.iterdir()} == {"settings.toml", "portal.token"}


@given(st.text())
def test_any_text_comes_back_from_toml(text: str) -> None:
    assert tomllib.loads(f"key = {toml_value(text)}") == {"key": text}
