"""One-time codes, recovery codes, and the tickets between two steps of a login."""

from datetime import UTC, datetime, timedelta

import pyotp
import pytest
from lxml import etree

from hub.access import codes, tickets
from hub.store.memory import Cipher

NOW = datetime(2026, 3, 2, 1, 0, 10, tzinfo=UTC)
#: RFC 6238, appendix B: the secret of its SHA-1 column.
SECRET = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"


@pytest.mark.parametrize(("at", "code"), [(59, "287082"), (1_111_111_109, "081804"), (20_000_000_000, "353130")])
def test_the_codes_are_those_of_the_standard(at: int, code: str) -> None:
    assert codes.step_of(SECRET, code, datetime.fromtimestamp(at, UTC)) == at // 30


def test_a_clock_may_be_one_step_off_and_no_more() -> None:
    made = pyotp.TOTP(SECRET)
    present = int(NOW.timestamp()) // 30
    for steps in (-1, 0, 1):
        assert codes.step_of(SECRET, made.generate_otp(present + steps), NOW) == present + steps
    for steps in (-2, 2):
        assert codes.step_of(SECRET, made.generate_otp(present + steps), NOW) is None


@pytest.mark.parametrize("typed", ["", "12345", "1234567", "abcdef", "１２３４５６", "12345\x00"])
def test_what_is_no_code_fits_never(typed: str) -> None:
    assert codes.step_of(SECRET, typed, NOW) is None


def test_the_picture_is_plain_svg_without_styles_or_scripts() -> None:
    drawn = etree.fromstring(codes.picture(codes.new_secret(), "nguyen.an", "Tỉnh Mẫu"))
    assert drawn.tag == "{http://www.w3.org/2000/svg}svg"
    assert {etree.QName(each).localname for each in drawn.iter()} <= {"svg", "g", "path"}
    assert not any("style" in each.attrib for each in drawn.iter())


def test_the_address_names_secret_person_and_province() -> None:
    told = codes.address(SECRET, "nguyen.an", "Tỉnh Mẫu")
    assert told.startswith("otpauth://totp/")
    assert pyotp.parse_uri(told).secret == SECRET
    assert pyotp.parse_uri(told).issuer == "Tỉnh Mẫu"


def test_recovery_codes_are_read_however_they_are_typed() -> None:
    made = codes.new_recovery_codes()
    assert len(set(made)) == codes.ON_PAPER
    for code in made:
        assert codes.recovery_code(code) == codes.recovery_code(code.lower().replace("-", " ")) == code
    assert codes.recovery_code("123456") is None
    assert codes.recovery_code("abcd efgh ijkl mnop") == "ABCD-EFGH-IJKL-MNOP"  # as they were given out before


def test_a_recovery_code_has_more_bits_than_a_plain_hash_wants() -> None:
    """A stolen table of hashes must be worth nothing: below 112 bits each would need salt and a slow hash."""
    for code in codes.new_recovery_codes():
        assert 5 * len(code.replace("-", "")) >= 112


def test_a_ticket_is_good_for_one_use_and_ten_minutes() -> None:
    cipher = Cipher("k" * 32)
    ticket = tickets.written(cipher, "step", {"account": 7}, NOW)
    assert tickets.read(cipher, "step", ticket, NOW + timedelta(minutes=9)) == {"account": 7}
    assert tickets.read(cipher, "other", ticket, NOW) is None
    assert tickets.read(cipher, "step", ticket, NOW + timedelta(minutes=10)) is None
    assert tickets.read(cipher, "step", ticket, NOW - timedelta(minutes=1)) is None
    assert tickets.read(Cipher("o" * 32), "step", ticket, NOW) is None
    assert tickets.read(Cipher(""), "step", ticket, NOW) is None
    for forged in ("", "x", ticket[:-4], "é" * 40, "x" * 4_000):
        assert tickets.read(cipher, "step", forged, NOW) is None
