"""A province's single sign-on as a real server: discovery, keys, the token endpoint with PKCE, and ways to lie."""

import base64
import hashlib
import json
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from urllib.parse import parse_qs, quote, urlsplit

from aiohttp import web
from joserfc import jwt
from joserfc.jwk import ECKey, RSAKey

from tests.fakes.server import FakeServer

CLIENT, SECRET = "hub", "a secret of the client"


@dataclass(slots=True)
class Login:
    """Somebody who signed in there, on the way back to us."""

    nonce: str
    challenge: str
    redirect_uri: str
    claims: dict[str, Any]


@dataclass(slots=True)
class Lies:
    """How the next ID token is wrong."""

    claims: dict[str, Any] = field(default_factory=dict)  #: in place of the true ones; None leaves one out
    algorithm: str = "RS256"
    foreign_key: bool = False  #: signed by somebody else under the same name


class Provider(FakeServer):
    """Signs in whoever it is told to."""

    def __init__(self, now: Callable[[], datetime]) -> None:
        super().__init__()
        self.lies = Lies()
        self.asked: list[str] = []  #: paths, in order
        self._now = now
        self._logins: dict[str, Login] = {}
        self._issuer = ""
        self.rotate()
        self.app.router.add_get("/.well-known/openid-configuration", self._about)
        self.app.router.add_get("/keys", self._keys)
        self.app.router.add_post("/token", self._token)

    @property
    def issuer(self) -> str:
        """What it calls itself."""
        return self._issuer or self.origin

    @issuer.setter
    def issuer(self, name: str) -> None:
        self._issuer = name

    def rotate(self) -> None:
        """New keys; the old ones are published no more."""
        number = secrets.token_hex(4)
        self._rsa = RSAKey.generate_key(2048, {"kid": f"rsa-{number}", "use": "sig"})
        self._ec = ECKey.generate_key("P-256", {"kid": f"ec-{number}", "use": "sig"})

    def sign_in(self, address: str, *, subject: str, **claims: Any) -> str:
        """What a person's browser does there; returns the path and query with which it comes back to us."""
        asked = {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}
        assert asked["response_type"] == "code"
        assert asked["client_id"] == CLIENT
        assert asked["code_challenge_method"] == "S256"
        assert "openid" in asked["scope"].split()
        code = secrets.token_urlsafe(16)
        self._logins[code] = Login(
            asked["nonce"], asked["code_challenge"], asked["redirect_uri"], {"sub": subject, **claims}
        )  # fmt: skip
        back = urlsplit(asked["redirect_uri"])
        return f"{back.path}?code={code}&state={asked['state']}"

    async def _about(self, request: web.Request) -> web.Response:
        self.asked.append(request.path)
        return web.json_response(
            {
                "issuer": self.issuer, "authorization_endpoint": f"{self.origin}/authorise?lang=vi",
                "token_endpoint": f"{self.origin}/token", "jwks_uri": f"{self.origin}/keys",
            }
        )  # fmt: skip

    async def _keys(self, request: web.Request) -> web.Response:
        self.asked.append(request.path)
        other = {"kty": "oct", "kid": "none-of-theirs", "k": "c2VjcmV0"}
        return web.json_response({"keys": [other, self._rsa.as_dict(), self._ec.as_dict()]})

    async def _token(self, request: web.Request) -> web.Response:
        self.asked.append(request.path)
        form = await request.post()
        login = self._logins.pop(str(form["code"]), None)  # a code is good once
        verifier = hashlib.sha256(str(form["code_verifier"]).encode()).digest()
        pair = base64.b64decode(request.headers.get("Authorization", "").removeprefix("Basic ")).decode()
        fits = (
            login is not None
            and base64.urlsafe_b64encode(verifier).rstrip(b"=").decode() == login.challenge
            and form["redirect_uri"] == login.redirect_uri
            and pair == f"{CLIENT}:{quote(SECRET)}"
        )
        if login is None or not fits:
            return web.json_response({"error": "invalid_grant"}, status=400)
        now = int(self._now().timestamp())
        claims = {
            "iss": self.issuer, "aud": CLIENT, "iat": now, "exp": now + 300, "nonce": login.nonce, **login.claims,
            **self.lies.claims,
        }  # fmt: skip
        return web.json_response({"id_token": self._signed({k: v for k, v in claims.items() if v is not None})})

    def _signed(self, claims: dict[str, Any]) -> str:
        lies, self.lies = self.lies, Lies()
        if lies.algorithm == "none":
            return f"{_part({'alg': 'none'})}.{_part(claims)}."
        key: RSAKey | ECKey = self._ec if lies.algorithm == "ES256" else self._rsa
        kid = key.kid
        if lies.foreign_key:
            key = RSAKey.generate_key(2048)
        return jwt.encode(
            {"alg": lies.algorithm, "kid": kid}, claims, key, algorithms=[lies.algorithm]
        )  # fmt: skip


def _part(said: dict[str, Any]) -> str:
    return base64.urlsafe_b64encode(json.dumps(said).encode()).rstrip(b"=").decode()
