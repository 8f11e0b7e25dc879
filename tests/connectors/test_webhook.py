"""The signature of a webhook: what a receiver may trust, and what it must refuse."""

from collections.abc import AsyncIterator
from datetime import timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from connectors.destinations.webhook import Config, Connector, sign, verify
from connectors.errors import UnconfirmedError
from connectors.http import Http
from schemas.edition import Withdrawal
from tests.clock import START
from tests.fakes.server import Fault
from tests.fakes.webhook import Subscriber

SECRET = "mot-chuoi-du-dai-de-thu"
BODY = '{"event":"published","tiêu đề":"Thông báo"}'.encode()


@pytest.fixture
async def subscriber() -> AsyncIterator[Subscriber]:
    async with Subscriber(SECRET, lambda: START) as subscriber:
        yield subscriber


async def test_a_page_in_place_of_an_answer_is_no_answer(subscriber: Subscriber) -> None:
    config = Config.model_validate({"url": subscriber.url, "secret": SECRET, "allow_private": subscriber.doors})
    webhook = Connector("so-nganh", config)
    content_id = UUID("5f0c8a54-6a3c-5d0b-9f0e-3a4b5c6d7e8f")
    payload = webhook.present(Withdrawal(content_id=content_id, revision=2, at=START))
    subscriber.fail_next(Fault(html=True))
    async with Http(user_agent="provincial-hub/0.1 (+mailto:a@b.vn)", clock=lambda: START) as http:
        with pytest.raises(UnconfirmedError) as caught:
            await webhook.withdraw(http, payload, key="k")
        assert caught.value.sentence
        assert subscriber.told == []
        assert (await webhook.withdraw(http, payload, key="k")).status == 204


def headers(signature: str) -> dict[str, str]:
    return {"Content-Type": "application/json", "hub-signature": signature}


def test_the_signature_is_an_hmac_over_time_and_body() -> None:
    # openssl: printf '%s' '1772413200.{}' | openssl dgst -sha256 -hmac mot-chuoi-du-dai-de-thu
    digest = "8b02505a7649cfe0bb106144bedb8cbeb5728ce1d71d4d4528265a469f8bc5ac"
    assert sign(SECRET, b"{}", START) == f"t=1772413200,v1={digest}"


def test_a_call_of_the_hub_is_recognised() -> None:
    assert verify(SECRET, headers(sign(SECRET, BODY, START)), BODY, START)


@pytest.mark.parametrize(("seconds", "good"), [(0, True), (300, True), (-300, True), (301, False), (-301, False)])
def test_a_call_is_good_within_the_window_only(seconds: int, good: bool) -> None:
    signed = headers(sign(SECRET, BODY, START))
    assert verify(SECRET, signed, BODY, START + timedelta(seconds=seconds)) is good


def test_a_changed_body_secret_or_time_is_refused() -> None:
    signature = sign(SECRET, BODY, START)
    assert not verify(SECRET, headers(signature), BODY + b" ", START)
    assert not verify(SECRET + "x", headers(signature), BODY, START)
    assert not verify(SECRET, headers(signature.replace("t=1772413200", "t=1772413201")), BODY, START)


@pytest.mark.parametrize(
    "signature",
    [
        "",
        "t=",
        "v1=00",
        "t=1772413200",
        "t=1772413200,v1=",
        "t=1772413200,t=1,v1=00",
        "t=-1,v1=00",
        "t=１,v1=00",
        "t=x,v1=é",
    ],
)
def test_a_header_that_is_none_is_refused(signature: str) -> None:
    assert not verify(SECRET, headers(signature), BODY, START)
    assert not verify(SECRET, {}, BODY, START)


@given(st.text(max_size=80))
def test_any_header_is_refused_without_an_error(signature: str) -> None:
    assert not verify(SECRET, headers(signature), BODY, START)


def test_a_second_signature_is_accepted_while_a_secret_is_changed() -> None:
    new = sign("mot-chuoi-khac-cung-du-dai", BODY, START)
    both = sign(SECRET, BODY, START) + "," + new.partition(",")[2]
    assert verify(SECRET, headers(both), BODY, START)
    assert verify("mot-chuoi-khac-cung-du-dai", headers(both), BODY, START)


@pytest.mark.parametrize("secret", ["", "ngan", "co khoang trang o trong chuoi", "có-dấu-tiếng-việt-ở-trong"])
def test_a_secret_that_protects_nothing_is_refused_without_being_quoted(secret: str) -> None:
    with pytest.raises(ValidationError) as caught:
        Config.model_validate({"url": "https://nhan.vn/hook", "secret": secret})
    assert not secret or secret not in str(caught.value)
