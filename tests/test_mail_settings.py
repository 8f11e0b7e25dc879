"""[mail] and [[digest]] in settings.toml: what is understood, and which faults are told."""

from datetime import time
from pathlib import Path

import pytest

from connectors.mail import Tls
from hub.rules.digests import Weekday
from hub.settings import ConfigErrors, load_settings

MAIL = """
[hub]
testing = true
[[member]]
code = "H52.12"
name = "Sở Y tế"
[mail]
host = "thu.tinhmau.gov.vn"
sender = "hub@TinhMau.gov.vn"
password = "mat-khau"
"""
DIGEST = """
[[digest]]
name = "tin"
title = "Điểm tin"
to = ["toa-soan@baomau.vn"]
"""


def write(folder: Path, text: str) -> Path:
    path = folder / "settings.toml"
    path.write_text(text, encoding="utf-8")
    return path


def faults(folder: Path, text: str) -> list[str]:
    with pytest.raises(ConfigErrors) as errors:
        load_settings(write(folder, text))
    return [f"{fault.key}: {fault.allowed}" for fault in errors.value.faults]


def test_what_is_left_out_is_what_most_want(tmp_path: Path) -> None:
    settings = load_settings(write(tmp_path, MAIL + DIGEST))
    assert (settings.mail.port, settings.mail.tls, settings.mail.timeout) == (587, Tls.STARTTLS, 30.0)
    assert settings.mail.sender == "hub@tinhmau.gov.vn"
    [digest] = settings.digests
    assert (digest.at, digest.at_most, digest.only_major) == (time(7), 50, True)
    assert digest.in_force.days == frozenset(Weekday)
    assert "mat-khau" not in repr(settings)


@pytest.mark.parametrize(
    ("days", "wanted"),
    [
        ('"daily"', set(Weekday)),
        ('"weekly"', {Weekday.MON}),
        ('["fri", "mon"]', {Weekday.MON, Weekday.FRI}),
    ],
)
def test_days_are_words_or_a_list(tmp_path: Path, days: str, wanted: set[Weekday]) -> None:
    [digest] = load_settings(write(tmp_path, f"{MAIL}{DIGEST}days = {days}\n")).digests
    assert set(digest.days) == wanted


@pytest.mark.parametrize(
    ("line", "key"),
    [
        ('days = "monthly"', "digest[0].days"),
        ("days = []", "digest[0].days"),
        ('days = ["mo"]', "digest[0].days"),
        ('at = "07:00+07:00"', "digest[0].at"),
        ("at_most = 0", "digest[0].at_most"),
        ('members = ["H52.99"]', "digest[0].members[0]"),
        ('kinds = ["tin"]', "digest[0].kinds[0]"),
        ('too = ["a@b.vn"]', "digest[0].too"),
    ],
)
def test_a_fault_in_a_digest_names_its_key(tmp_path: Path, line: str, key: str) -> None:
    [fault] = faults(tmp_path, f"{MAIL}{DIGEST}{line}\n")
    assert fault.startswith(f"{key}: ")


@pytest.mark.parametrize(
    "address",
    ["toa-soan", "a b@c.vn", "a@b.vn\\r\\nBcc: x@y.vn", "<a@b.vn>", "toà-soạn@báo.vn", "a@b..vn", "@b.vn", "a@-b.vn"],
)
def test_what_is_no_address_is_a_fault(tmp_path: Path, address: str) -> None:
    assert faults(tmp_path, MAIL + DIGEST.replace("toa-soan@baomau.vn", address))


def test_a_reader_is_named_once(tmp_path: Path) -> None:
    twice = DIGEST.replace('["toa-soan@baomau.vn"]', '["a@b.vn", "A@B.vn"]')
    assert faults(tmp_path, MAIL + twice) == ["digest[0].to: each address once"]


def test_a_title_is_one_line(tmp_path: Path) -> None:
    [fault] = faults(tmp_path, MAIL + DIGEST.replace("Điểm tin", "Tin\\nBcc: a@b.vn"))
    assert fault == "digest[0].title: text of one line"


def test_a_digest_wants_a_server_and_a_sender_unless_it_is_switched_off(tmp_path: Path) -> None:
    assert [fault.partition(":")[0] for fault in faults(tmp_path, DIGEST)] == ["mail.host", "mail.sender"]
    assert load_settings(write(tmp_path, DIGEST + "enabled = false\n")).digests


@pytest.mark.parametrize("host", ["203.113.1.1", "2001:4860::1"])
def test_a_public_address_is_not_written_to_in_the_open(tmp_path: Path, host: str) -> None:
    open_line = MAIL.replace("thu.tinhmau.gov.vn", host) + 'tls = "none"\n'
    [fault] = faults(tmp_path, open_line)
    assert fault.startswith("mail.tls: starttls or implicit")


@pytest.mark.parametrize("host", ["127.0.0.1", "10.1.2.3", "localhost", "thu.noi-bo"])
def test_a_near_one_may_be_and_of_a_name_dialling_tells(tmp_path: Path, host: str) -> None:
    open_line = MAIL.replace("thu.tinhmau.gov.vn", host) + 'tls = "none"\n'
    assert load_settings(write(tmp_path, open_line)).mail.tls is Tls.NONE


def test_two_digests_have_two_names(tmp_path: Path) -> None:
    [fault] = faults(tmp_path, MAIL + DIGEST + DIGEST)
    assert fault == "digest[1].name: a name that no other digest has"


def test_the_password_stands_outside_of_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MAT_KHAU_THU", "tu-bien")
    text = MAIL.replace('"mat-khau"', '{ env = "MAT_KHAU_THU" }').replace("testing = true", "")
    assert load_settings(write(tmp_path, text)).mail.password.get_secret_value() == "tu-bien"
    [fault] = faults(tmp_path, MAIL.replace("testing = true", ""))
    assert fault.startswith("mail.password: ")
