"""The province's single sign-on: who is let in, and every token that proves nobody."""

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from hub.app import open_hub
from hub.rules.access import Role
from hub.settings import load_settings
from tests.clock import Clock
from tests.fakes.provider import CLIENT, SECRET, Lies, Provider
from tests.web.conftest import BASE, SETTINGS
from tests.web.console.people import Browser, add
from tests.web.desk import Answer, Desk

SIGN_ON = """
[console.single_sign_on]
issuer = "{issuer}"
client_id = "{client}"
client_secret = "{secret}"
name = "Đăng nhập SSO Tỉnh Mẫu"
allow_private = ["127.0.0.1:{port}"]
strong = ["mfa"]
"""


@pytest.fixture
async def provider(clock: Clock) -> AsyncIterator[Provider]:
    async with Provider(clock.now) as provider:
        yield provider


@pytest.fixture
async def province_desk(tmp_path: Path, clock: Clock, provider: Provider) -> AsyncIterator[Desk]:
    text = SETTINGS.format(base=BASE) + SIGN_ON.format(
        issuer=provider.origin, client=CLIENT, secret=SECRET, port=provider.port
    )
    (tmp_path / "settings.toml").write_text(text, "utf-8")
    settings = load_settings(tmp_path / "settings.toml", database={"url": f"sqlite://{tmp_path / 'hub.db'}"})
    async with open_hub(settings, clock=clock) as hub, Desk(hub) as desk:
        yield desk


def change(desk: Desk, **terms: Any) -> None:
    """Other settings of the provider."""
    single = desk.hub.engine.single_sign_on
    assert single is not None
    single.provider = replace(single.provider, **terms)


async def come(desk: Desk, provider: Provider, browser: Browser, subject: str = "gov-1", **claims: Any) -> Answer:
    """Sign in there and come back."""
    away = await browser.get("/login/single-sign-on?next=/console/account")
    assert away.status == 303
    return await browser.get(provider.sign_in(away.location, subject=subject, **claims))


async def test_an_account_opens_by_the_number_that_it_is_linked_with(province_desk: Desk, provider: Provider) -> None:
    await add(province_desk, "an", subject="gov-1")
    browser = Browser(province_desk)
    assert "Đăng nhập SSO Tỉnh Mẫu" in (await browser.get("/login")).words
    answer = await come(province_desk, provider, browser)
    assert (answer.status, answer.location) == (303, "/console/account")
    assert "đăng nhập một lần" in (await browser.get("/account")).words
    stranger = await come(province_desk, provider, Browser(province_desk), subject="gov-2")
    assert stranger.status == 422
    assert "chưa có tài khoản" in stranger.words


WRONG: dict[str, Lies] = {
    "of another issuer": Lies({"iss": "https://other.example"}),
    "for another client": Lies({"aud": "other"}),
    "for another client too": Lies({"aud": [CLIENT, "other"]}),
    "handed on by another": Lies({"azp": "other"}),
    "of another browser": Lies({"nonce": "another"}),
    "without a nonce": Lies({"nonce": None}),
    "expired": Lies({"exp": 1_700_000_000}),
    "without an end": Lies({"exp": None}),
    "from tomorrow": Lies({"iat": 4_000_000_000}),
    "of nobody": Lies({"sub": ""}),
    "without a signature": Lies(algorithm="none"),
    "of a forged key": Lies(foreign_key=True),
    "with a weak algorithm": Lies(algorithm="RS384"),
}


async def test_a_token_that_proves_nobody_lets_nobody_in(province_desk: Desk, provider: Provider) -> None:
    await add(province_desk, "an", subject="gov-1")
    for name, lies in WRONG.items():
        provider.lies = lies
        browser = Browser(province_desk)
        answer = await come(province_desk, provider, browser)
        assert (answer.status, browser.session) == (422, ""), name
        assert "Traceback" not in answer.text
    assert (await come(province_desk, provider, Browser(province_desk))).status == 303
    provider.lies = Lies(algorithm="ES256")
    assert (await come(province_desk, provider, Browser(province_desk))).status == 303


async def test_what_comes_back_belongs_to_the_browser_that_went(province_desk: Desk, provider: Provider) -> None:
    await add(province_desk, "an", subject="gov-1")
    browser, other = Browser(province_desk), Browser(province_desk)
    away = await browser.get("/login/single-sign-on")
    back = provider.sign_in(away.location, subject="gov-1")
    assert (await other.get(back)).status == 422  # no ticket: another's login is forced on nobody
    assert (await browser.get(back.replace("state=", "state=x"))).status == 422
    away = await browser.get("/login/single-sign-on")
    back = provider.sign_in(away.location, subject="gov-1")
    kept = dict(browser.cookies)
    assert (await browser.get(back)).status == 303
    assert (await Browser(province_desk, cookies=kept).get(back)).status == 422  # a code is good once
    assert (await browser.get("/oidc?error=access_denied&state=x")).status == 422


@pytest.mark.parametrize("site", ["cross-site", "same-site"])
async def test_a_link_of_another_site_signs_nobody_in(province_desk: Desk, provider: Provider, site: str) -> None:
    await add(province_desk, "an", subject="gov-1")
    visitor = province_desk.stranger()
    led = await visitor.get("/login/single-sign-on?next=/console/account", **{"Sec-Fetch-Site": site})
    assert (led.status, led.location) == (303, "/console/login?next=%2Fconsole%2Faccount")
    assert "Set-Cookie" not in led.headers
    for own in ({"Sec-Fetch-Site": "same-origin"}, {"Sec-Fetch-Site": "none"}, {}):
        away = await visitor.get("/login/single-sign-on", **own)
        assert away.location.startswith(provider.origin), own


async def test_new_keys_are_fetched_when_a_token_names_one(
    province_desk: Desk, provider: Provider, clock: Clock
) -> None:
    await add(province_desk, "an", subject="gov-1")
    assert (await come(province_desk, provider, Browser(province_desk))).status == 303
    provider.rotate()
    assert (await come(province_desk, provider, Browser(province_desk))).status == 422  # asked a moment ago
    clock.advance(minutes=2)
    assert (await come(province_desk, provider, Browser(province_desk))).status == 303
    assert provider.asked.count("/keys") == 2


async def test_a_mail_address_opens_an_account_once_and_only_a_verified_one(
    province_desk: Desk, provider: Provider
) -> None:
    await add(province_desk, "an", email="an@tinhmau.gov.vn")
    claims = {"email": "An@tinhmau.gov.vn", "email_verified": True}
    assert (await come(province_desk, provider, Browser(province_desk), **claims)).status == 422
    change(province_desk, match_email=True)
    unverified = claims | {"email_verified": False}
    assert (await come(province_desk, provider, Browser(province_desk), **unverified)).status == 422
    assert (await come(province_desk, provider, Browser(province_desk), **claims)).status == 303
    assert (await come(province_desk, provider, Browser(province_desk), subject="gov-9", **claims)).status == 422
    assert (await come(province_desk, provider, Browser(province_desk))).status == 303
    await add(province_desk, "ba", email="hai@tinhmau.gov.vn")
    await add(province_desk, "bon", email="hai@tinhmau.gov.vn")
    two = {"email": "hai@tinhmau.gov.vn", "email_verified": True}
    assert (await come(province_desk, provider, Browser(province_desk), subject="gov-3", **two)).status == 422


async def test_an_account_is_made_only_where_the_settings_say_so_and_reads_only(
    province_desk: Desk, provider: Provider
) -> None:
    change(province_desk, make_accounts_as=Role.VIEWER)
    browser = Browser(province_desk)
    given = {"preferred_username": "Moi.Den", "name": "Người Mới"}
    assert (await come(province_desk, provider, browser, subject="gov-5", **given)).status == 303
    assert "Người xem" in (await browser.get("/account")).words
    assert (await browser.get("/accounts")).status == 403
    await add(province_desk, "chu", Role.ADMINISTRATOR)
    taken = await come(province_desk, provider, Browser(province_desk), subject="gov-6", preferred_username="chu")
    assert taken.status == 422  # a name proves nothing


async def test_our_second_factor_is_due_unless_the_provider_asked_for_one(
    province_desk: Desk, provider: Provider
) -> None:
    await add(province_desk, "chu", Role.ADMINISTRATOR, subject="gov-1")
    plain = Browser(province_desk)
    await come(province_desk, provider, plain)
    assert (await plain.get("/accounts")).location == "/console/account/second-factor"
    strong = Browser(province_desk)
    await come(province_desk, provider, strong, amr=["pwd", "mfa"])
    assert (await strong.get("/accounts")).status == 200
    async with province_desk.hub.engine.store.unit() as unit:
        secret = province_desk.hub.engine.cipher.encrypt("GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ")
        await unit.tx.execute("UPDATE account SET totp_secret = ? WHERE login = 'chu'", secret)
    second = await come(province_desk, provider, Browser(province_desk))
    assert second.location.startswith("/console/login/code")
    assert (await come(province_desk, provider, Browser(province_desk), amr=["mfa"])).location == "/console/account"


async def test_an_ended_account_stays_ended(province_desk: Desk, provider: Provider) -> None:
    await add(province_desk, "an", subject="gov-1")
    async with province_desk.hub.engine.store.unit() as unit:
        await unit.tx.execute("UPDATE account SET state = 'ended' WHERE login = 'an'")
    assert (await come(province_desk, provider, Browser(province_desk))).status == 422


async def test_a_provider_that_is_away_or_is_another_one_lets_nobody_in(
    province_desk: Desk, provider: Provider
) -> None:
    provider.issuer = "https://other.example"
    answer = await Browser(province_desk).get("/login/single-sign-on")
    assert (answer.status, answer.location) == (422, "")
    await provider.close()
    answer = await Browser(province_desk).get("/login/single-sign-on")
    assert answer.status == 422
    assert "Không kết nối được" in answer.words


async def test_without_a_single_sign_on_there_is_no_button(desk_on_sqlite: Desk) -> None:
    page = await Browser(desk_on_sqlite).get("/login")
    assert "single-sign-on" not in page.text
    assert (await Browser(desk_on_sqlite).get("/login/single-sign-on")).status == 422
