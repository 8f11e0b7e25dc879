"""The province's single sign-on: OpenID Connect, the code flow with PKCE (RFC 7636, RFC 9700).

    begin   the address at the provider to send a browser to, and what has to be remembered until it is back
    finish  the code that it brought, exchanged and checked -> Person

An ID token counts only with a signature (RS256 or ES256) of a key that the provider publishes, from this issuer, for
this client alone, not expired, and with the nonce of this very browser. What a provider publishes is asked again after
an hour, and when a token names a key that was not there, once a minute at most. joserfc is imported where tokens and
keys are read: a hub without single sign-on, which has pages all the same, never needs it.
"""

import asyncio
import base64
import hashlib
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote, urlencode, urlsplit

import orjson
from pydantic import SecretStr

from connectors.base import Capture
from connectors.errors import Fault, HubError
from connectors.http import Http
from hub.rules.access import Role

if TYPE_CHECKING:
    from joserfc.jwk import KeySet

ALGORITHMS: Final = ("RS256", "ES256")
#: How long what a provider publishes is believed; how soon it may be asked again for a key that is missing.
KEPT, AGAIN = timedelta(hours=1), timedelta(minutes=1)
#: Seconds by which clocks may differ, and for one call.
LEEWAY, CALL = 60, 10.0


class SingleSignOnError(HubError):
    """The single sign-on did not prove who somebody is."""

    code = "single_sign_on"
    fault = Fault.NETWORK


@dataclass(frozen=True, slots=True, kw_only=True)
class Provider:
    """What the settings say of it."""

    issuer: str
    client_id: str
    client_secret: SecretStr
    name: str = ""  #: on the button
    scopes: tuple[str, ...] = ("openid", "profile", "email")
    match_email: bool = False
    make_accounts_as: Role | None = None
    strong: frozenset[str] = frozenset()  #: values of acr or amr that mean a second factor


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Who came back from the provider."""

    subject: str
    name: str
    email: str  #: empty unless the provider verified it
    login: str  #: what the provider calls the person
    strong: bool  #: it asked for a second factor


@dataclass(frozen=True, slots=True)
class _Published:
    """What a provider says of itself."""

    at: datetime
    issuer: str
    authorise: str
    token: str
    keys: "KeySet"
    basic: bool  #: the secret goes into a header, else into the form


class SingleSignOn:
    """One provider."""

    def __init__(self, provider: Provider, http: Http, clock: Callable[[], datetime]) -> None:
        self.provider = provider
        self._http, self._clock = http, clock
        self._published: _Published | None = None
        self._alone = asyncio.Lock()

    async def begin(self, redirect_uri: str) -> tuple[str, dict[str, str]]:
        """Where to send a browser, and what to remember until it is back. Raises SingleSignOnError."""
        published = await self._known()
        kept = {name: secrets.token_urlsafe(32) for name in ("state", "nonce", "verifier")}
        challenge = base64.urlsafe_b64encode(hashlib.sha256(kept["verifier"].encode()).digest()).rstrip(b"=")
        asked = {
            "response_type": "code", "client_id": self.provider.client_id, "redirect_uri": redirect_uri,
            "scope": " ".join(self.provider.scopes), "state": kept["state"], "nonce": kept["nonce"],
            "code_challenge": challenge.decode(), "code_challenge_method": "S256",
        }  # fmt: skip
        return f"{published.authorise}{'&' if '?' in published.authorise else '?'}{urlencode(asked)}", kept

    async def finish(self, code: str, *, kept: Mapping[str, str], redirect_uri: str) -> Person:
        """Who came back with this code; `kept` is what `begin` said. Raises SingleSignOnError."""
        published = await self._known()
        form = {
            "grant_type": "authorization_code", "code": code, "redirect_uri": redirect_uri,
            "code_verifier": kept["verifier"], "client_id": self.provider.client_id,
        }  # fmt: skip
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        if secret := self.provider.client_secret.get_secret_value():
            if published.basic:
                pair = f"{quote(self.provider.client_id, safe='')}:{quote(secret, safe='')}"
                headers["Authorization"] = f"Basic {base64.b64encode(pair.encode()).decode()}"
            else:
                form["client_secret"] = secret
        answer = await self._post(published.token, urlencode(form).encode(), headers)
        return self._person(await self._claims(str(answer.get("id_token", "")), published), kept["nonce"])

    async def _claims(self, token: str, published: _Published) -> dict[str, Any]:
        """What a token says, if its signature is the provider's; a key that is new is asked for once."""
        from joserfc import jwt
        from joserfc.errors import JoseError

        try:
            return jwt.decode(token, published.keys, algorithms=ALGORITHMS).claims
        except (JoseError, ValueError, TypeError):
            if published.at + AGAIN > self._clock():
                raise _distrusted("no signature of the provider") from None
        published = await self._known(newer_than=published.at)
        try:
            return jwt.decode(token, published.keys, algorithms=ALGORITHMS).claims
        except (JoseError, ValueError, TypeError):
            raise _distrusted("no signature of the provider") from None

    def _person(self, claims: Mapping[str, Any], nonce: str) -> Person:
        from joserfc import jwt
        from joserfc.errors import JoseError

        published, client = self._published, self.provider.client_id
        assert published is not None
        rules = jwt.JWTClaimsRegistry(
            now=int(self._clock().timestamp()), leeway=LEEWAY, iss={"essential": True, "value": published.issuer},
            sub={"essential": True}, aud={"essential": True, "value": client}, exp={"essential": True},
            iat={"essential": True}, nonce={"essential": True, "value": nonce},
        )  # fmt: skip
        try:
            rules.validate(dict(claims))
        except JoseError as error:
            raise _distrusted(f"a claim does not hold: {getattr(error, 'claim', '') or error.error}") from None
        # For us alone: a token that others may hold too could be replayed by them.
        others = claims["aud"] if isinstance(claims["aud"], list) else [claims["aud"]]
        if set(others) != {client} or claims.get("azp", client) != client or not claims["sub"]:
            raise _distrusted("the token is not for us alone")
        said = {str(claims.get("acr", "")), *_words(claims.get("amr"))}
        email = str(claims.get("email", "")) if claims.get("email_verified") is True else ""
        return Person(
            subject=str(claims["sub"])[:255], name=str(claims.get("name", ""))[:200], email=email[:254],
            login=str(claims.get("preferred_username", ""))[:100], strong=bool(said & self.provider.strong),
        )  # fmt: skip

    async def _known(self, *, newer_than: datetime | None = None) -> _Published:
        async with self._alone:
            have, now = self._published, self._clock()
            fresh = have is not None and have.at + KEPT > now and (newer_than is None or have.at > newer_than)
            if not fresh:
                have = self._published = await self._ask(now)
            assert have is not None
            return have

    async def _ask(self, now: datetime) -> _Published:
        from joserfc.errors import JoseError
        from joserfc.jwk import KeySet

        issuer = self.provider.issuer.rstrip("/")
        about = await self._get(f"{issuer}/.well-known/openid-configuration")
        named = str(about.get("issuer", ""))
        places = [str(about.get(key, "")) for key in ("authorization_endpoint", "token_endpoint", "jwks_uri")]
        scheme = urlsplit(issuer).scheme
        if named.rstrip("/") != issuer or any(urlsplit(place).scheme not in (scheme, "https") for place in places):
            raise _distrusted("the provider names itself otherwise")
        keys = await self._get(places[2])
        try:
            # What is for encryption, or of a kind that we do not know, is none of ours.
            fit = [key for key in keys["keys"] if key.get("use", "sig") == "sig" and key.get("kty") in ("RSA", "EC")]
            key_set = KeySet.import_key_set({"keys": fit})
        except (JoseError, KeyError, TypeError, AttributeError, ValueError):
            raise _distrusted("the keys of the provider cannot be read") from None
        ways = about.get("token_endpoint_auth_methods_supported") or ["client_secret_basic"]
        return _Published(now, named, places[0], places[1], key_set, "client_secret_basic" in ways)

    async def _get(self, url: str) -> dict[str, Any]:
        try:
            answer = await self._http.get(url, accept="application/json")
        except HubError as error:
            raise _unreachable(error) from error
        return _json(answer.body if isinstance(answer, Capture) else b"")

    async def _post(self, url: str, form: bytes, headers: Mapping[str, str]) -> dict[str, Any]:
        """A code is good for one exchange only, so this is never repeated."""
        try:
            answer = await self._http.send(
                "POST", url, body=form, headers=headers, timeout=CALL, repeatable=False,
                accept_status=frozenset({400, 401}), any_port=True,
            )  # fmt: skip
        except HubError as error:
            raise _unreachable(error) from error
        said = _json(answer.body)
        if answer.status != 200:
            raise _distrusted(f"the provider refused the code: {str(said.get('error', ''))[:60]}")
        return said


def _json(body: bytes) -> dict[str, Any]:
    try:
        said = orjson.loads(body)
    except orjson.JSONDecodeError:
        said = None
    if not isinstance(said, dict):
        raise _distrusted("the provider answered no JSON")
    return said


def _words(value: object) -> set[str]:
    return {str(each) for each in value} if isinstance(value, list) else set()


def _distrusted(cause: str) -> SingleSignOnError:
    return SingleSignOnError(
        cause,
        sentence="Hệ thống đăng nhập một lần của tỉnh chưa xác nhận được người dùng. Hãy đăng nhập lại từ đầu; nếu vẫn"
        " lỗi, báo bộ phận kỹ thuật.",
    )


def _unreachable(error: HubError) -> SingleSignOnError:
    return SingleSignOnError(
        f"the provider cannot be asked: {error}", code="single_sign_on_unreachable",
        sentence="Không kết nối được hệ thống đăng nhập một lần của tỉnh. Hãy thử lại sau, hoặc đăng nhập bằng mật"
        " khẩu.",
    )  # fmt: skip
