"""A letter to one reader as the bytes that go out: the same from the same rows, at every retry and on every host."""

from dataclasses import dataclass
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from hashlib import sha256

from hub.rules.digests import Letter


@dataclass(frozen=True, slots=True)
class Sender:
    """Who writes: the address that answers go to as well, and the name beside it."""

    address: str
    name: str

    @property
    def domain(self) -> str:
        """What the names of messages and of lists end in; also how we greet a mail server."""
        return self.address.rpartition("@")[2]


@dataclass(frozen=True, slots=True, kw_only=True)
class Envelope:
    """Which letter goes to whom."""

    digest: str
    day: str
    recipient: str
    made_at: datetime  #: aware, in the zone that readers see


def message(letter: Letter, envelope: Envelope, sender: Sender) -> bytes:
    """The whole message, with CRLF. Nothing in it depends on when and where it is called."""
    name = sha256("\n".join((envelope.digest, envelope.day, envelope.recipient)).encode()).hexdigest()[:32]
    mail = EmailMessage(policy=SMTP)
    mail["From"] = Address(display_name=_line(sender.name), addr_spec=sender.address)
    mail["To"] = Address(addr_spec=envelope.recipient)
    mail["Subject"] = _line(letter.subject)
    mail["Date"] = envelope.made_at
    mail["Message-ID"] = f"<{name}@{sender.domain}>"
    mail["List-Id"] = f"<{envelope.digest}.{sender.domain}>"
    mail["List-Unsubscribe"] = f"<mailto:{sender.address}?subject=thoi-nhan-{envelope.digest}>"
    mail["Auto-Submitted"] = "auto-generated"
    # base64: a line of Vietnamese in quoted-printable is half again as long, and neither can be read on the way.
    mail.set_content(letter.text, charset="utf-8", cte="base64")
    mail.add_alternative(letter.html, subtype="html", charset="utf-8", cte="base64")
    mail["Content-Language"] = "vi"  # set_content would take it away
    mail.set_boundary(f"==={name}===")
    return mail.as_bytes()


def _line(text: str) -> str:
    """Text that cannot begin a header of its own; the email package refuses what still could."""
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())
