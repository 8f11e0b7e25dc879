"""settings.toml: the form people write, what is refused and in which words, and what wins over what."""

import re
from datetime import time
from ipaddress import ip_network
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.addresses import Allowance
from hub.rules.review import Review
from hub.settings import ConfigErrors, Settings, load_settings
from hub.settings.describe import masked, slot_of
from hub.settings.values import per_second, seconds
from schemas.item import Kind

WHOLE = """
[hub]
name = "Tỉnh Mẫu"
timezone = "Asia/Ho_Chi_Minh"
data_dir = "var"
[database]
url = "sqlite://var/hub.db"            # or postgres://user:password@host:5432/hub
[broker]
url = ""                               # or amqp://user:password@host:5672/
[web]
host = "127.0.0.1"
port = 8080
[fetch]
allow_private = ["127.0.0.1:9100"]
per_host = 1
[[member]]
code = "H52.12"
name = "Sở Y tế"
kind = "department"
[[source]]
name = "so-y-te-tin"
member = "H52.12"
connector = "feed"
kind = "news"
url = "http://127.0.0.1:9100/s/0/feed/0"
every = "15m"                          # seconds are allowed too: "2s"
review = "auto"                        # auto | hold
[[destination]]
name = "portal"
connector = "portal"
base_url = "http://127.0.0.1:9200/portal"
token = { env = "HUB_PORTAL_TOKEN" }   # also { file = "..." }
rate = "20/s"
timeout = "30s"
allow_private = ["127.0.0.1:9200"]
[[route]]
to = ["portal"]
when = { kind = ["news"] }
"""


@pytest.fixture(autouse=True)
def surroundings(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """One secret, and nothing else of the machine that runs the test."""
    monkeypatch.setenv("HUB_PORTAL_TOKEN", "cong-tinh-mau")
    (tmp_path / "secrets").mkdir()
    monkeypatch.setenv("HUB_SECRETS_DIR", str(tmp_path / "secrets"))


def load(folder: Path, text: str) -> Settings:
    """The settings that a file with this text means."""
    (folder / "settings.toml").write_text(text, encoding="utf-8")
    return load_settings(folder / "settings.toml")


def faults(folder: Path, text: str) -> list[str]:
    """The lines that `hub check` prints for this text."""
    with pytest.raises(ConfigErrors) as caught:
        load(folder, text)
    return str(caught.value).splitlines()


# ------------------------------------------------------------------------------------------------ what is right


def test_the_form_people_write_means_what_it_says(tmp_path: Path) -> None:
    settings = load(tmp_path, WHOLE)
    assert settings.hub.name == "Tỉnh Mẫu"
    assert settings.data_dir == tmp_path / "var"
    assert settings.database_url == f"sqlite://{tmp_path}/var/hub.db"
    assert settings.broker_url == ""
    assert settings.public_url == "http://127.0.0.1:8080"
    assert settings.fetch.allow_private == {Allowance(ip_network("127.0.0.1"), 9100)}
    [source], [destination], [route] = settings.sources, settings.destinations, settings.routes
    assert (source.kind, source.every, source.review) == (Kind.NEWS, 900.0, Review.AUTO)
    assert (destination.rate, destination.timeout) == (20.0, 30.0)
    assert destination.connector_config.token.get_secret_value() == "cong-tinh-mau"
    assert destination.connector_config.allow_private == destination.allow_private
    assert (route.to, route.when.kind) == (("portal",), (Kind.NEWS,))


def test_a_source_hands_its_connector_what_it_must_know(tmp_path: Path) -> None:
    text = WHOLE.replace('"Asia/Ho_Chi_Minh"', '"Asia/Bangkok"').replace('kind = "news"', 'tags = ["y tế"]', 1)
    settings = load(tmp_path, text)
    context = settings.context(settings.sources[0])
    assert (context.name, context.timezone, context.language) == ("so-y-te-tin", "Asia/Bangkok", "vi")
    assert context.tags == ("y tế",)


@pytest.mark.parametrize("place", ["a secret file", "the environment"])
def test_a_secret_of_a_section_may_come_from_outside(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, place: str
) -> None:  # fmt: skip
    key = "a key of more than thirty-two characters"
    if place == "the environment":
        monkeypatch.setenv("HUB_HUB__SECRET_KEY", key)
    else:
        (tmp_path / "secrets" / "hub_hub__secret_key").write_text(key)
    assert load(tmp_path, WHOLE).hub.secret_key.get_secret_value() == key
    monkeypatch.delenv("HUB_HUB__SECRET_KEY", raising=False)
    (tmp_path / "secrets" / "hub_hub__secret_key").unlink(missing_ok=True)
    # In the file itself it stays refused.
    [line] = faults(tmp_path, WHOLE.replace("[hub]", f'[hub]\nsecret_key = "{key}"'))
    assert "hub.secret_key" in line
    assert key not in line


@pytest.mark.parametrize("place", ["a secret file", "the environment", "settings.toml", "settings.toml, by reference"])
@pytest.mark.parametrize("key", ["a short key", "a short key, a key of more than thirty-two characters",
                                 ", a key of more than thirty-two characters",
                                 "a key of more than thirty-two characters,"])  # fmt: skip
def test_a_key_that_is_too_short_is_told_wherever_it_stands(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, place: str, key: str
) -> None:
    text, name = WHOLE, "settings.toml:3: hub.secret_key"
    if place == "the environment":
        monkeypatch.setenv("HUB_HUB__SECRET_KEY", key)
        name = "HUB_HUB__SECRET_KEY: hub.secret_key"
    elif place == "a secret file":
        (tmp_path / "secrets" / "hub_hub__secret_key").write_text(key)
        name = f"{tmp_path / 'secrets'}: hub.secret_key"
    elif place == "settings.toml":
        text = WHOLE.replace("[hub]", f'[hub]\nsecret_key = "{key}"\ntesting = true')
    else:
        (tmp_path / "key").write_text(key)
        text = WHOLE.replace("[hub]", '[hub]\nsecret_key = { file = "key" }')
    [line] = faults(tmp_path, text)
    assert line.startswith(name)
    assert "the first must have at least 32 characters, and none may be empty" in line
    assert key not in line


def test_an_old_key_may_be_short_behind_a_new_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for keys in ("a key of more than thirty-two characters, short", "k" * 32, " "):
        monkeypatch.setenv("HUB_HUB__SECRET_KEY", keys)
        assert load(tmp_path, WHOLE).hub.secret_key.get_secret_value() == keys


def test_settings_cannot_be_changed_and_show_no_secret(tmp_path: Path) -> None:
    settings = load(tmp_path, WHOLE.replace("sqlite://var/hub.db", "postgres://hub:mat-khau@db/hub"))
    with pytest.raises(ValueError, match="frozen"):
        settings.web.port = 1
    assert settings.database_url == "postgres://hub:mat-khau@db/hub"
    assert "mat-khau" not in repr(settings)
    assert "cong-tinh-mau" not in repr(settings)


def test_a_route_takes_patterns_and_hours(tmp_path: Path) -> None:
    when = 'member = ["H52.*"], title = ["bão số \\\\d+"], window = { from = "22:00", until = 06:00:00 }'
    settings = load(tmp_path, WHOLE.replace('when = { kind = ["news"] }', f"when = {{ {when} }}"))
    [route] = settings.routes
    assert route.when.title[0].search("Công điện về Bão số 3")
    assert route.when.window is not None
    assert (route.when.window.from_, route.when.window.until) == (time(22), time(6))


def test_a_key_shared_with_the_connector_is_written_one_way(tmp_path: Path) -> None:
    [destination] = load(tmp_path, WHOLE.replace('timeout = "30s"', 'timeout = "1m30s"')).destinations
    assert destination.timeout == destination.connector_config.timeout == 90.0


@pytest.mark.parametrize(
    ("text", "expected"),
    [("2s", 2), ("15m", 900), ("1h30m", 5_400), ("1d", 86_400), ("0.5s", 0.5), ("250ms", 0.25), ("90", 90), (7, 7)],
)
def test_durations_are_seconds(text: object, expected: float) -> None:
    assert seconds(text) == expected


@given(st.one_of(st.text(), st.integers(), st.floats(), st.booleans(), st.none(), st.lists(st.text())))
def test_whatever_stands_for_a_duration_or_rate_is_read_as_positive_or_refused(value: object) -> None:
    for read in (seconds, per_second):
        try:
            assert read(value) > 0
        except ValueError:
            continue


def test_rates_are_calls_per_second() -> None:
    assert [per_second(text) for text in ("20/s", "30/m", "360/h")] == [20.0, 0.5, 0.1]


# ---------------------------------------------------------------------------------------------- what wins


def test_the_environment_wins_over_a_secret_file_and_that_over_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "secrets" / "hub_database__url").write_text("postgres://hub:tep@db/hub\n")
    (tmp_path / "secrets" / "hub_web__port").write_text("8001")
    monkeypatch.setenv("HUB_WEB__PORT", "9001")
    settings = load(tmp_path, WHOLE)
    assert settings.database_url == "postgres://hub:tep@db/hub"
    assert settings.web.port == 9001
    assert load_settings(tmp_path / "settings.toml", web={"port": 9002}).web.port == 9002


def test_a_fault_from_outside_names_the_variable_and_hides_the_password(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HUB_WEBB__PORT", "1")
    monkeypatch.setenv("HUB_WEB__PORTT", "1")
    monkeypatch.setenv("HUB_BROKER__URL", "http://hub:mat-khau@rabbit")
    found = faults(tmp_path, WHOLE)
    assert [line.partition(": ")[0] for line in found] == ["HUB_BROKER__URL", "HUB_WEBB__PORT", "HUB_WEB__PORTT"]
    assert "mat-khau" not in "".join(found)
    assert "did you mean port?" in found[2]


def test_secrets_come_from_files_beside_the_settings(tmp_path: Path) -> None:
    (tmp_path / "token").write_text("tu-tep\n")
    settings = load(tmp_path, WHOLE.replace('{ env = "HUB_PORTAL_TOKEN" }', '{ file = "token" }'))
    assert settings.destinations[0].connector_config.token.get_secret_value() == "tu-tep"


def test_a_plain_secret_is_allowed_in_tests_only(tmp_path: Path) -> None:
    plain = WHOLE.replace('{ env = "HUB_PORTAL_TOKEN" }', '"viet-thang"')
    [line] = faults(tmp_path, plain)
    assert "destination[0].token = ***" in line
    assert "viet-thang" not in line
    settings = load(tmp_path, plain.replace("[hub]", "[hub]\ntesting = true"))
    assert settings.destinations[0].connector_config.token.get_secret_value() == "viet-thang"


def test_a_destination_that_is_switched_off_may_lack_its_secret_and_nothing_else(tmp_path: Path) -> None:
    off = WHOLE.replace('"HUB_PORTAL_TOKEN" }', '"HUB_NOT_THERE" }\nenabled = false')
    assert load(tmp_path, off).destinations[0].connector_config is None
    [line] = faults(tmp_path, off.replace("http://127.0.0.1:9200/portal", "portal"))
    assert "destination[0].base_url" in line


# ---------------------------------------------------------------------------------------------- what is refused

#: what is written wrongly, and what the one line says
MISTAKES = [
    ('name = "Tỉnh Mẫu"', 'nme = "Tỉnh Mẫu"', r"settings.toml:3: hub.nme: unknown key; did you mean name\? known:"),
    ('"Asia/Ho_Chi_Minh"', '"Asia/Hanoi"', r'hub.timezone = "Asia/Hanoi": the name of a time zone'),
    ("sqlite://var/hub.db", "mysql://hub:mat@db/hub", r"database.url = mysql://\*\*\*@db/hub: .sqlite://PATH. or"),
    ("sqlite://var/hub.db", "postgres://hub:m/a@b:mat@/", r"database.url = postgres://\*\*\*@/: "),
    ("sqlite://var/hub.db", "sqlite://:memory:", "database.url"),
    ('url = ""', 'url = "amqp://"', r'broker.url = amqp://: "" or "amqp://'),
    ("port = 8080", "port = 80800", "web.port = 80800: a whole number from 0 to 65535"),
    ("port = 8080", 'port = "tám"', "web.port = .tám.: a whole number from 0 to 65535"),
    ('"127.0.0.1:9100"', '"127.0.0.1"', r"fetch.allow_private\[0\] = .127.0.0.1.: .*ADDRESS:PORT"),
    ('"127.0.0.1:9100"', '"0.0.0.0/0:80"', r"fetch.allow_private\[0\].*would switch the guard off"),
    ("per_host = 1", "per_host = 0", "fetch.per_host = 0: a whole number from 1 to 16"),
    ("[fetch]", "[fetchh]", "fetchh: unknown key; did you mean fetch"),
    ('"department"', '"ministry"', 'member.0..kind = "ministry": one of: "department", "commune"'),
    ('kind = "department"', 'parent = "H52"', 'member.0..parent = "H52": the code of a .*did you mean H52.12'),
    ('kind = "department"', 'parent = ["H52.12"]', "member.0..parent = .*: a code of letters"),
    ('kind = "department"', 'parent = "H52.12"', "member.0..parent .* does not stand below this one"),
    ('kind = "department"', "valid_from = 2025-07-01\nvalid_until = 2025-06-30", "valid_until = 2025-06-30: a day"),
    ('name = "so-y-te-tin"', 'name = "Sở Y tế"', "source.0..name = .Sở Y tế.: a name of lower-case letters"),
    ('name = "so-y-te-tin"\n', "", "source.0..name: missing; a name of"),
    ('member = "H52.12"', 'member = "H52.21"', "source.0..member = .H52.21.: .*did you mean H52.12"),
    ('connector = "feed"', 'connector = "fed"', "source.0..connector = .fed.: no source connector is called 'fed'"),
    ('kind = "news"', 'kind = "tin"', 'source.0..kind = "tin": one of: "news", "notice"'),
    ("http://127.0.0.1:9100/s/0/feed/0", "file:///etc/passwd", "source.0..url = .*: an http or https address"),
    ("http://127.0.0.1:9100/s/0/feed/0", "http://u:mat@x.vn/", r"source.0..url = .http://\*\*\*@x.vn/"),
    ('"15m"', '"15 phút"', "source.0..every = .15 phút.: seconds, or a duration like"),
    ('"15m"', "0", "source.0..every = 0: seconds"),
    ('"auto"', '"maybe"', 'source.0..review = "maybe": one of: "auto", "hold"'),
    ('every = "15m"', 'evry = "15m"', "source.0..evry: unknown key; did you mean every"),
    ("{ env =", "{ envv =", r"destination.0..token = \*\*\*: { env = .NAME. } or"),
    ('"HUB_PORTAL_TOKEN"', '"HUB_NOT_THERE"', "token = .*: set the environment variable HUB_NOT_THERE"),
    ('{ env = "HUB_PORTAL_TOKEN" }', '{ file = "gone" }', "token = .*: the file gone must be readable: No such file"),
    ("http://127.0.0.1:9200/portal", "portal", "destination.0..base_url = .portal.: an http or https address"),
    ('rate = "20/s"', 'rate = "20"', "destination.0..rate = .20.: a rate like"),
    ('rate = "20/s"', 'version_feild = "v"', "destination.0..version_feild: unknown key; did you mean version_field"),
    ('to = ["portal"]', 'to = ["portl"]', r"route.0..to.0. = .portl.: .*did you mean portal"),
    ('to = ["portal"]', "to = []", "route.0..to = .*: a list; each a name"),
    ('kind = ["news"]', 'kind = ["tin"]', "route.0..when.kind.0. = .tin.: one of"),
    ('kind = ["news"]', 'title = ["("]', "route.0..when.title.0. = .*: the pattern does not compile"),
    ('kind = ["news"]', 'source = ["so-y-te-tn", "so-*"]', "route.0..when.source.0. = .*did you mean so-y-te-tin"),
    ('kind = ["news"]', 'window = { from = "6h", until = "22:00" }', "when.window.from = .6h.: a time of day"),
    ("[hub]", "[hub", "not TOML: .*line 2"),
]  # fmt: skip


@pytest.mark.parametrize(("right", "wrong", "line"), MISTAKES)
def test_a_mistake_is_one_line_with_key_value_and_what_is_allowed(
    right: str, wrong: str, line: str, tmp_path: Path
) -> None:
    assert right in WHOLE
    [found] = faults(tmp_path, WHOLE.replace(right, wrong, 1))
    assert found.startswith("settings.toml:")
    assert re.search(line, found), found
    assert "mat@" not in found


def test_all_mistakes_of_a_file_are_reported_at_once_in_its_order(tmp_path: Path) -> None:
    text = WHOLE
    for right, wrong in (
        ("per_host = 1", "per_host = 0"), ('"department"', '"ministry"'), ('"15m"', '"soon"'),
        ('member = "H52.12"', 'member = "H1"'), ('rate = "20/s"', 'rate = "fast"\nbase = 1'),
        ('["portal"]', '["cong"]'),
    ):  # fmt: skip
        text = text.replace(right, wrong, 1)
    found = faults(tmp_path, text)
    keys = [line.split(": ")[1].split(" = ")[0] for line in found]
    assert keys == [
        "fetch.per_host", "member[0].kind", "source[0].member", "source[0].every", "destination[0].rate",
        "destination[0].base", "route[0].to[0]",
    ]  # fmt: skip
    assert [int(line.split(":")[1]) for line in found] == sorted(int(line.split(":")[1]) for line in found)


def test_names_given_twice_are_refused(tmp_path: Path) -> None:
    member = '[[member]]\ncode = "H52.12"\nname = "Sở Y tế"\n'
    [line] = faults(tmp_path, WHOLE + member)
    assert 'member[1].code = "H52.12": a code that no other member has' in line


def test_the_name_of_the_hubs_own_exchange_is_taken(tmp_path: Path) -> None:
    text = WHOLE.replace('name = "portal"', 'name = "events"').replace('to = ["portal"]', 'to = ["events"]')
    [line] = faults(tmp_path, text)
    assert 'destination[0].name = "events": a name other than events' in line


def test_members_that_stand_above_each_other_are_refused(tmp_path: Path) -> None:
    text = (
        WHOLE.replace('kind = "department"', 'parent = "B"') + '[[member]]\ncode = "B"\nname = "B"\nparent = "H52.12"\n'
    )
    assert [line.split(": ")[1].split(" = ")[0] for line in faults(tmp_path, text)] == [
        "member[0].parent", "member[1].parent",
    ]  # fmt: skip


def test_a_file_that_is_missing_or_in_another_encoding_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigErrors, match=r"settings\.toml: there is no such file in") as caught:
        load_settings(tmp_path / "settings.toml")
    assert "--settings" in caught.value.sentence
    (tmp_path / "settings.toml").write_bytes(WHOLE.encode("utf-16"))
    with pytest.raises(ConfigErrors, match="saved as UTF-8"):
        load_settings(tmp_path / "settings.toml")


def test_a_byte_order_mark_is_no_fault(tmp_path: Path) -> None:
    (tmp_path / "settings.toml").write_bytes(b"\xef\xbb\xbf" + WHOLE.encode())
    assert load_settings(tmp_path / "settings.toml").hub.name == "Tỉnh Mẫu"


def test_the_message_for_the_clerk_counts_the_faults(tmp_path: Path) -> None:
    with pytest.raises(ConfigErrors) as caught:
        load(tmp_path, WHOLE.replace("per_host = 1", "per_host = 0"))
    assert "1 lỗi" in caught.value.sentence


def test_a_table_that_cannot_be_right_is_told_by_its_keys_and_never_by_its_secrets() -> None:
    slot = slot_of(Settings.model_fields["destinations"])
    assert masked(slot, ("destination", 0), {"axis": {"secret": "chuoi-bi-mat"}}) == "{ axis = … }"
