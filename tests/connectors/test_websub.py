"""WebSub as it is spoken: where a feed names its hub, what we ask of it, its questions, and its signatures."""

import hashlib
import hmac
import json
from datetime import UTC, datetime
from urllib.parse import parse_qs

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.parse.entry import Link
from connectors.parse.feeds.reader import read_feed
from connectors.websub import Advertised, Intent, advertised, is_signed, read_intent, request

FEED = "https://soyte.tinhmau.gov.vn/rss/tin.rss"
HUB, TOPIC = "https://day.tinhmau.gov.vn/", "https://soyte.tinhmau.gov.vn/rss/tin"
NOW = datetime(2026, 11, 20, tzinfo=UTC)
LINKS = f'<atom:link rel="hub" href="{HUB}"/><atom:link rel="self" href="{TOPIC}"/>'
RSS = f"""<rss version="2.0" xmlns:atom="http://www.w3.org/2005/Atom"><channel><title>Tin</title>{LINKS}
<item><title>Tin một</title><link>/tin/1</link></item></channel></rss>"""
ATOM = f"""<feed xmlns="http://www.w3.org/2005/Atom"><title>Tin</title><link rel="hub" href="{HUB}"/>
<link rel="self" href="/rss/tin"/><entry><id>1</id><title>Tin một</title></entry></feed>"""
JSON = json.dumps({
    "version": "https://jsonfeed.org/version/1.1", "title": "Tin", "feed_url": TOPIC,
    "hubs": [{"type": "rssCloud", "url": "https://khac.example.vn/"}, 7, {"type": "WebSub", "url": HUB}],
    "items": [{"id": "1", "title": "Tin một"}],
})  # fmt: skip
BROKEN = RSS.replace("<title>Tin một</title>", "<title>Tin một")


@pytest.mark.parametrize("body", [RSS, ATOM, JSON, BROKEN], ids=["rss", "atom", "json", "broken"])
def test_a_feed_of_any_format_names_its_hub_and_its_topic(body: str) -> None:
    split = read_feed(body.encode(), url=FEED, now=NOW).split
    assert (split.hub, split.topic) == (HUB, TOPIC)


def test_a_feed_that_names_no_hub_has_none() -> None:
    split = read_feed(RSS.replace(LINKS, "").encode(), url=FEED, now=NOW).split
    assert (split.hub, split.topic) == ("", "")


def test_the_header_of_the_answer_wins_over_the_feed() -> None:
    header = '<https://moi.example.vn/hub>; rel="hub", <https://moi.example.vn/tin>; title="a, b; c" ; rel=SELF'
    split = read_feed(RSS.encode(), url=FEED, now=NOW, headers={"link": header}).split
    assert (split.hub, split.topic) == ("https://moi.example.vn/hub", "https://moi.example.vn/tin")


@pytest.mark.parametrize(
    ("header", "found"),
    [
        (f'<{HUB}>; rel="hub preload", <{TOPIC}>; rel="self"', Advertised(HUB, TOPIC)),
        ('</hub>; rel=hub, <>; rel="self"', Advertised("https://soyte.tinhmau.gov.vn/hub", "")),
        (f'<javascript:x()>; rel=hub, <{HUB}>; rel=hub, <{HUB}2>; rel=hub', Advertised(HUB, "")),
        (f'<{HUB}>; rel="next"; rel="hub"', Advertised()),
        ("rel=hub", Advertised()),
        (f"<{HUB}", Advertised()),
        (f"<{TOPIC}>;rel=self", Advertised()),
        (f"<{HUB}>;rel=hub,<{TOPIC}#x>;rel=self", Advertised(HUB, TOPIC)),
    ],
)  # fmt: skip
def test_a_link_header_is_read_as_its_rfc_says(header: str, found: Advertised) -> None:
    assert advertised(header, [], FEED) == found


@given(st.text(alphabet="<>;,=\"rel hubself/:\\' \t", max_size=300))
def test_no_header_is_too_odd(header: str) -> None:
    found = advertised(header, [Link(HUB, "hub")], FEED)
    assert all(address.startswith(("http://", "https://")) for address in (found.hub, found.topic) if address)


def test_a_request_says_who_wants_what_and_for_how_long() -> None:
    asked = {"topic": TOPIC + "?a=1&b=ơ", "callback": "https://tin.vn/websub/t", "secret": "bí mật", "lease": 864_000}
    form = parse_qs(request("subscribe", **asked).decode())  # type: ignore[arg-type]
    assert form == {
        "hub.mode": ["subscribe"], "hub.topic": [TOPIC + "?a=1&b=ơ"], "hub.callback": ["https://tin.vn/websub/t"],
        "hub.secret": ["bí mật"], "hub.lease_seconds": ["864000"],
    }  # fmt: skip
    assert "hub.secret" not in parse_qs(request("unsubscribe", **asked).decode())  # type: ignore[arg-type]


def query(**values: str) -> dict[str, str]:
    return {f"hub.{key}": value for key, value in values.items()}


def test_the_questions_of_a_hub_are_understood() -> None:
    asked = query(mode="subscribe", topic=TOPIC, challenge="abc", lease_seconds="60")
    assert read_intent(asked) == Intent(mode="subscribe", topic=TOPIC, challenge="abc", lease=60)
    assert read_intent(query(mode="unsubscribe", topic=TOPIC, challenge="x")) == Intent(
        mode="unsubscribe", topic=TOPIC, challenge="x", lease=None
    )
    assert read_intent(query(mode="denied", topic=TOPIC)) == Intent(
        mode="denied", topic=TOPIC, challenge="", lease=None
    )


@pytest.mark.parametrize(
    "asked",
    [
        {}, query(mode="publish", topic=TOPIC, challenge="x"), query(mode="subscribe", topic=TOPIC),
        *(query(mode="subscribe", topic=TOPIC, challenge="x", lease_seconds=odd)
          for odd in ("-5", "0", "1e9", "٣", "9" * 13, "60 ")),
    ],
)  # fmt: skip
def test_what_is_no_question_of_a_hub_is_told_apart(asked: dict[str, str]) -> None:
    assert read_intent(asked) is None


@pytest.mark.parametrize("method", ["sha1", "sha256", "sha384", "sha512"])
@given(body=st.binary(max_size=200), secret=st.text(min_size=1, max_size=40, alphabet=st.characters(codec="utf-8")))
def test_a_signature_under_the_secret_is_known_whatever_its_method_and_case(
    method: str, body: bytes, secret: str
) -> None:
    digest = hmac.new(secret.encode(), body, method).hexdigest()
    for written in (f"{method}={digest}", f"{method.upper()}={digest.upper()}", f" {method}={digest} "):
        assert is_signed(secret, body, written)
    for wrong in (f"{method}={digest[:-2]}", f"{method}={digest}00", f"{method}=", digest, "", f"{method} {digest}"):
        assert not is_signed(secret, body, wrong)
    assert not is_signed(secret + "x", body, f"{method}={digest}")
    assert not is_signed(secret, body + b"x", f"{method}={digest}")


@pytest.mark.parametrize("method", ["md5", "sha224", "none", "blake2b", "sha3_256", "__class__"])
def test_a_method_that_the_recommendation_does_not_name_proves_nothing(method: str) -> None:
    digest = hashlib.new(method, b"").hexdigest() if method in hashlib.algorithms_available else ""
    assert not is_signed("k", b"", f"{method}={digest}")
