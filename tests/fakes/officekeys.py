"""Keys and certificates of an office, fresh for each run, and a check of XML signatures that is none of the hub's."""

import base64
import hashlib
from datetime import UTC, datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.x509.oid import NameOID
from lxml import etree

_DS = {"ds": "http://www.w3.org/2000/09/xmldsig#"}
_FORMAT = serialization.PrivateFormat.PKCS8


def rsa_key(bits: int = 2048) -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65_537, key_size=bits)


def pem_of(key: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey, password: str = "") -> str:
    lock = serialization.BestAvailableEncryption(password.encode()) if password else serialization.NoEncryption()
    return key.private_bytes(serialization.Encoding.PEM, _FORMAT, lock).decode()


def certificate_for(key: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey, *, start: int = -1, end: int = 30) -> str:
    """A certificate that is valid between these days, counted from now."""
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Văn phòng UBND tỉnh Mẫu")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now + timedelta(days=start))
        .not_valid_after(now + timedelta(days=end))
        .sign(key, hashes.SHA256())
    )
    return made.public_bytes(serialization.Encoding.PEM).decode()


def holds(body: bytes) -> bool:
    """Whether the signature of a message fits it. Raises InvalidSignature where it is not that of its certificate."""
    root = etree.fromstring(body, etree.XMLParser(huge_tree=True))
    [signature] = root.findall(".//ds:Signature", _DS)
    said = {one: signature.findtext(f".//ds:{one}", "", _DS) for one in ("DigestValue", "SignatureValue")}
    shown = signature.findtext(".//ds:X509Certificate", "", _DS)
    info = signature.find("ds:SignedInfo", _DS)
    assert info is not None
    key = x509.load_der_x509_certificate(base64.b64decode(shown)).public_key()
    assert isinstance(key, rsa.RSAPublicKey)
    signed = etree.tostring(info, method="c14n", with_comments=False)
    key.verify(base64.b64decode(said["SignatureValue"]), signed, padding.PKCS1v15(), hashes.SHA256())
    holder, before, tail = signature.getparent(), signature.getprevious(), signature.tail or ""
    assert holder is not None
    assert before is not None
    holder.remove(signature)
    before.tail = (before.tail or "") + tail
    rest = etree.tostring(root, method="c14n", with_comments=False)
    return hashlib.sha256(rest).digest() == base64.b64decode(said["DigestValue"])
