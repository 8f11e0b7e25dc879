"""The second factor: one-time codes of a telephone (RFC 6238), and codes on paper for the day when it is lost."""

import base64
import hmac
import io
import re
import secrets
from datetime import datetime
from typing import Final

import pyotp

#: Seconds for which a code is shown; one step before and after is taken too, for clocks that differ.
STEP: Final = 30
DRIFT: Final = 1
#: How many codes on paper somebody gets.
ON_PAPER: Final = 8


def new_secret() -> str:
    """160 random bits, as telephones take them."""
    return pyotp.random_base32(32)


def address(secret: str, login: str, issuer: str) -> str:
    """What the picture says: the secret, whose it is, and where."""
    return pyotp.TOTP(secret).provisioning_uri(name=login, issuer_name=issuer)


def picture(secret: str, login: str, issuer: str) -> bytes:
    """The address as a QR code in SVG."""
    import segno  # hardly any process draws one

    body = io.BytesIO()
    segno.make(address(secret, login, issuer), error="m", micro=False).save(
        body, kind="svg", scale=5, border=4, light="#ffffff", xmldecl=False, svgclass=None, lineclass=None
    )
    return body.getvalue()


def step_of(secret: str, code: str, now: datetime) -> int | None:
    """The step in which this code is shown, if that is now or one step away; None for any other code."""
    digits = re.sub(r"\s", "", code)
    if re.fullmatch(r"[0-9]{6}", digits) is None:
        return None
    made, present = pyotp.TOTP(secret), int(now.timestamp()) // STEP
    steps = range(present - DRIFT, present + DRIFT + 1)
    # All are compared, so that the time does not tell which one it was.
    fitting = [step for step in steps if hmac.compare_digest(made.generate_otp(step), digits)]
    return fitting[-1] if fitting else None


def new_recovery_codes() -> list[str]:
    """Codes of 120 random bits each, in groups for people: a plain hash is enough to keep them."""
    return [_grouped(base64.b32encode(secrets.token_bytes(15)).decode()) for _ in range(ON_PAPER)]


def recovery_code(typed: str) -> str | None:
    """The code on paper that somebody typed, as it was given out; None for what is none."""
    letters = re.sub(r"[\s-]", "", typed).upper()
    return _grouped(letters) if re.fullmatch(r"[A-Z2-7]{16}|[A-Z2-7]{24}", letters) else None


def _grouped(letters: str) -> str:
    return "-".join(letters[at : at + 4] for at in range(0, len(letters), 4))
