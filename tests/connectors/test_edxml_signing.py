"""Signed messages for the axis: what is covered, that a message has one signature, and which keys are refused."""

from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from lxml import etree
from pydantic import ValidationError

from connectors.destinations.edxml import Config
from connectors.errors import BlockedError, Fault
from connectors.http import Http
from connectors.parse import edxml
from connectors.parse.edxml import Attachment, Message, Status
from connectors.parse.edxml.signing import Signer
from hub.settings import load_settings
from hub.settings.faults import ConfigErrors
from schemas.item import Attachment as File
from tests.clock import Clock
from tests.connectors.office import OFFICES, PDF, XSD, edition, folder, lying, message_in, sends, straight, withdrawal
from tests.fakes.axis import FakeAxis
from tests.fakes.officekeys import certificate_for, holds, pem_of, rsa_key
from tests.fakes.site import Site

DS = "{http://www.w3.org/2000/09/xmldsig#}"


@pytest.fixture(scope="module")
def key() -> rsa.RSAPrivateKey:
    return rsa_key()


@pytest.fixture(scope="module")
def signing(key: rsa.RSAPrivateKey) -> dict[str, str]:
    return {
        "key": pem_of(key),
        "certificate": certificate_for(key, start=-3_650, end=3_650),
    }  # at the time of the tests too


def refusal(sign: dict[str, str]) -> tuple[str, str]:
    """The key of the settings that is refused, and why."""
    with pytest.raises(ValidationError) as refused:
        Config.model_validate({**OFFICES, "folder": "/srv/di", "sign": sign})
    [error] = refused.value.errors()
    return str(error["loc"][-1]), str(error["ctx"]["error"])


# ------------------------------------------------------------------------------------------------- the signature


async def test_a_message_in_the_folder_is_signed_with_its_files(
    outbox: Path, http: Http, site: Site, signing: dict[str, str]
) -> None:
    url = site.serve("/575.pdf", PDF, content_type="application/pdf")
    await sends(folder(outbox, sign=signing), http, edition(1, attachments=(File(url=url, title="575.pdf"),)))
    [file] = lying(outbox)
    body = file.read_bytes()
    assert holds(body)
    encoded = b"JVBERi0xLjQKJSVFT0Y="
    assert encoded in body
    assert not holds(body.replace(encoded, b"JVBERi0xLjUKJSVFT0Y="))
    assert not holds(body.replace("giao đất".encode(), "thu hồi đất".encode()))


async def test_a_message_sent_to_the_axis_is_signed_also_when_it_updates_and_takes_back(
    axis: FakeAxis, http: Http, signing: dict[str, str]
) -> None:
    connector = straight(axis, sign=signing)
    remote_id = await sends(connector, http, edition(1))
    remote_id = await sends(connector, http, edition(2), remote_id)
    await sends(connector, http, withdrawal(3), remote_id)
    assert [one.business.type for one in axis.messages()] == ["0", "2", "1"]
    assert all(holds(one.body) for one in axis.sent.values())


def test_a_signed_message_is_read_as_the_unsigned_one_and_is_what_the_schema_says(
    outbox: Path, signing: dict[str, str]
) -> None:
    message = message_in(folder(outbox).present(edition(1)))
    body = edxml.build(message, Signer.of(**signing))
    root = etree.fromstring(body)
    etree.XMLSchema(etree.parse(XSD)).assertValid(root)
    header = root.find(".//{*}edXMLHeader")
    assert header is not None
    assert [etree.QName(one).localname for one in header] == ["MessageHeader", "TraceHeaderList", "Signature"]
    said = [one.get("Algorithm", "").rpartition("/")[2] for one in root.iter() if one.get("Algorithm")]
    assert said == [
        "REC-xml-c14n-20010315", "xmldsig-more#rsa-sha256", "xmldsig#enveloped-signature", "REC-xml-c14n-20010315",
        "xmlenc#sha256",
    ]  # fmt: skip
    read = edxml.parse(body)
    assert read == message
    assert not read.remarks


def test_the_same_message_has_the_same_signature(outbox: Path, signing: dict[str, str]) -> None:
    message = message_in(folder(outbox).present(edition(1)))
    assert edxml.build(message, Signer.of(**signing)) == edxml.build(message, Signer.of(**signing))
    assert folder(outbox, sign=signing).present(edition(1)) == folder(outbox).present(edition(1))


def test_a_large_file_is_signed_whole(signing: dict[str, str]) -> None:
    message = Message(attachments=(Attachment(content_id="1", name="a.bin", body=bytes(8 * 1024 * 1024)),))
    assert holds(edxml.build(message, Signer.of(**signing)))


def test_the_whole_chain_is_shown_and_a_report_of_status_is_not_signed(signing: dict[str, str]) -> None:
    above = certificate_for(rsa_key())
    signer = Signer.of(signing["key"], signing["certificate"] + above)
    shown = etree.fromstring(edxml.build(Message(), signer)).iter(f"{DS}X509Certificate")
    assert ["".join((one.text or "").split()) for one in shown] == [
        "".join(pem.splitlines()[1:-1]) for pem in (signing["certificate"], above)
    ]
    assert edxml.build(Status(code="03"), signer) == edxml.build(Status(code="03"))


async def test_nothing_goes_out_under_a_certificate_that_expired_while_the_hub_ran(
    outbox: Path, http: Http, clock: Clock, signing: dict[str, str]
) -> None:
    connector = folder(outbox, sign=signing)
    await sends(connector, http, edition(1))
    clock.advance(days=8_000)
    with pytest.raises(BlockedError, match="expired on") as refused:
        await sends(connector, http, edition(2))
    assert (refused.value.code, refused.value.fault) == ("certificate_unfit", Fault.HUB)
    assert len(lying(outbox)) == 1


# ------------------------------------------------------------------------------------------ keys that are refused


def test_a_locked_key_is_opened_by_its_password_alone(key: rsa.RSAPrivateKey) -> None:
    sign = {"key": pem_of(key, "mật khẩu"), "certificate": certificate_for(key)}
    assert Config.model_validate({**OFFICES, "folder": "/srv/di", "sign": {**sign, "password": "mật khẩu"}}).sign
    for wrong in ({}, {"password": "khác"}):
        assert refusal({**sign, **wrong}) == (
            "key", "key must be a private key in PEM, and password what opens it, if anything does",
        )  # fmt: skip


@pytest.mark.parametrize("other", [ec.generate_private_key(ec.SECP256R1()), rsa_key(1024)], ids=["ecdsa", "short"])
def test_only_rsa_keys_of_some_length_are_taken(other: Any) -> None:
    place, why = refusal({"key": pem_of(other), "certificate": certificate_for(other)})
    assert (place, why.partition(";")[0]) == ("key", "key must be an RSA key of 2048 bits at least")


def test_key_and_certificate_must_belong_together(signing: dict[str, str]) -> None:
    place, why = refusal({**signing, "certificate": certificate_for(rsa_key()) + signing["certificate"]})
    assert (place, why.partition(";")[0]) == ("certificate", "key and certificate do not belong together")


@pytest.mark.parametrize(
    ("days", "why"),
    [({"start": -30, "end": -2}, "the certificate expired on"), ({"start": 2}, "the certificate is valid only from")],
    ids=["expired", "not yet valid"],
)
def test_a_certificate_must_be_valid_today(key: rsa.RSAPrivateKey, days: dict[str, int], why: str) -> None:
    place, said = refusal({"key": pem_of(key), "certificate": certificate_for(key, **days)})
    assert place == "certificate"
    assert said.startswith(why)


@pytest.mark.parametrize(
    "text", ["", "không phải chứng thư", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----"]
)
def test_what_is_no_certificate_is_refused(signing: dict[str, str], text: str) -> None:
    assert refusal({**signing, "certificate": text})[0] == "certificate"
    assert refusal({**signing, "key": text})[0] == "key"


def test_the_check_of_the_settings_names_the_fault_and_shows_no_key(tmp_path: Path, signing: dict[str, str]) -> None:
    (tmp_path / "khoa.pem").write_text(signing["key"], encoding="utf-8")
    (tmp_path / "chung-thu.pem").write_text(certificate_for(rsa_key()), encoding="utf-8")
    settings = tmp_path / "settings.toml"
    settings.write_text(
        '[[destination]]\nname = "truc"\nconnector = "edxml"\nfolder = "/srv/di"\nplace = "Tỉnh Mẫu"\n'
        'sender = { id = "H52", name = "Tỉnh Mẫu" }\nreceivers = [{ id = "H52.12", name = "Sở Y tế" }]\n'
        'sign = { key = { file = "khoa.pem" }, certificate = { file = "chung-thu.pem" } }\n',
        encoding="utf-8",
    )
    with pytest.raises(ConfigErrors) as refused:
        load_settings(settings)
    [fault] = refused.value.faults
    assert fault.key == "destination[0].sign.certificate"
    assert "do not belong together" in str(refused.value)
    assert "BEGIN" not in str(refused.value)
