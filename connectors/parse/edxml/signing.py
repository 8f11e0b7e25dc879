"""Signs a message of the axis: one enveloped XML signature over the whole of it, files included.

RSA-SHA256, digest SHA-256, canonical XML of 2001 with comments left out, the chain of certificates in KeyInfo. The
signature stands in edXMLHeader behind TraceHeaderList. The same message has the same signature, whenever it is made:
that is why no other kind of key is taken (an ECDSA signature made here would differ each time).
"""

from datetime import datetime
from typing import Final, Self

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from lxml import etree
from signxml.algorithms import CanonicalizationMethod, DigestAlgorithm, SignatureConstructionMethod, SignatureMethod
from signxml.signer import XMLSigner

from connectors.parse.edxml.message import NAMESPACE

XMLDSIG: Final = "http://www.w3.org/2000/09/xmldsig#"
#: Bits of the shortest key that is taken.
_BITS: Final = 2048
_CERTIFICATES_LIMIT: Final = 10


class Signer:
    """A private key with its certificate, and those that lead from it to a root."""

    def __init__(self, key: rsa.RSAPrivateKey, chain: tuple[x509.Certificate, ...]) -> None:
        self._key = key
        self._chain = chain

    @classmethod
    def of(cls, key: str, certificate: str, password: str = "") -> Self:
        """Read both from PEM, the key's own certificate first. Raises ValueError, which quotes neither."""
        private = key_of(key, password)
        chain = _chain(certificate)
        if chain[0].public_key() != private.public_key():
            raise ValueError("key and certificate do not belong together; the key's own certificate must come first")
        return cls(private, chain)

    def unfit_at(self, moment: datetime) -> str:
        """Why nothing may be signed at this moment; empty: it may be."""
        own = self._chain[0]
        if moment > own.not_valid_after_utc:
            return f"the certificate expired on {own.not_valid_after_utc:%Y-%m-%d}; put the renewed one in its place"
        if moment < own.not_valid_before_utc:
            return f"the certificate is valid only from {own.not_valid_before_utc:%Y-%m-%d}"
        return ""

    def signed(self, root: etree._Element) -> etree._Element:
        """A copy of the message with its signature. It must be written as it is: each blank is covered."""
        header = root.find(f".//{{{NAMESPACE}}}edXMLHeader")
        assert header is not None  # every message has one
        etree.SubElement(header, f"{{{XMLDSIG}}}Signature", {"Id": "placeholder"}, nsmap={"ds": XMLDSIG})
        signer = _OfLargeMessages(
            method=SignatureConstructionMethod.enveloped, signature_algorithm=SignatureMethod.RSA_SHA256,
            digest_algorithm=DigestAlgorithm.SHA256, c14n_algorithm=CanonicalizationMethod.CANONICAL_XML_1_0,
        )  # fmt: skip
        return signer.sign(root, key=self._key, cert=list(self._chain))


class _OfLargeMessages(XMLSigner):
    """The library reads what it signs anew, and would stop at a file of 10 MB. What comes here is our own."""

    @property
    def parser(self) -> etree.XMLParser[etree._Element]:
        return etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=True)


def key_of(pem: str, password: str = "") -> rsa.RSAPrivateKey:
    """The private key in a PEM. Raises ValueError, which quotes nothing of it."""
    try:
        key = load_pem_private_key(pem.encode(), password.encode() or None)
    except (ValueError, TypeError) as error:  # TypeError: a password is missing, or is there for nothing
        raise ValueError("key must be a private key in PEM, and password what opens it, if anything does") from error
    except Exception as error:  # of the library: a kind of key that it does not know, a cipher it does not have
        raise ValueError("key must be an RSA key in PEM") from error
    if not isinstance(key, rsa.RSAPrivateKey) or key.key_size < _BITS:
        raise ValueError(f"key must be an RSA key of {_BITS} bits at least; no other kind signs the same each time")
    return key


def _chain(pem: str) -> tuple[x509.Certificate, ...]:
    try:
        chain = tuple(x509.load_pem_x509_certificates(pem.encode()))
        for one in chain:
            one.public_key()
    except Exception as error:  # the library has kinds of its own beside ValueError
        raise ValueError("certificate must be one certificate in PEM, or a chain that begins with it") from error
    if len(chain) > _CERTIFICATES_LIMIT:
        raise ValueError(f"certificate must be a chain of {_CERTIFICATES_LIMIT} at most")
    return chain
