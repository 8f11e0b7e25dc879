"""The log as a process writes it: a line for each event, which nobody can forge, and no secret in any."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from hub.settings import load_settings
from hub.settings.hiding import HIDDEN, Hiding

SETTINGS = """
[hub]
testing = true
secret_key = "khoá thứ nhất dài hơn ba mươi hai ký tự,khoa-thu-hai-dai-hon-ba-muoi-hai-ky-tu"
[database]
url = "postgres://hub:m%40tkhau-rat-dai@127.0.0.1:5432/hub"
[mail]
host = "127.0.0.1"
password = 'quote"and\\\\slash'
[[member]]
code = "H52.12"
name = "Sở Y tế"
kind = "department"
[[source]]
name = "so-y-te"
member = "H52.12"
connector = "inbox"
secret = "khoa-hop-nhan-cua-so-y-te-0123456789"
"""
SPOKEN = (
    "khoá thứ nhất dài hơn ba mươi hai ký tự", "khoa-thu-hai-dai-hon-ba-muoi-hai-ky-tu", "m%40tkhau-rat-dai",
    "m@tkhau-rat-dai", 'quote"and\\\\slash', "khoa-hop-nhan-cua-so-y-te-0123456789",
)  # fmt: skip
#: What no code of ours does: it says every secret, in each way in which a library could.
CARELESS = """
import json, logging, sys
from pathlib import Path
import structlog
from hub.cli.opening import set_up_log
from hub.settings import load_settings

secrets = json.loads(sys.argv[3])
set_up_log(json=sys.argv[2] == "json", quiet=False, settings=load_settings(Path(sys.argv[1])))
log = structlog.get_logger()
for secret in secrets:
    log.warning(f"said {secret}", header=f"Bearer {secret}", nested={"deep": [secret]})
    try:
        raise ValueError(f"cannot reach {secret}")
    except ValueError:
        log.exception("failed")
    logging.getLogger("library").error("it was %s", secret)
log.info("asked", path="/a\\n{\\"event\\": \\"approved\\"}\\x1b[2J")
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "settings.toml"
    path.write_text(SETTINGS, "utf-8")
    return path


def written(file: Path, form: str) -> str:
    """What a process that says all secrets leaves on standard error."""
    given = [sys.executable, "-c", CARELESS, str(file), form, json.dumps(SPOKEN)]
    return subprocess.run(given, capture_output=True, text=True, timeout=60, check=True).stderr


@pytest.mark.parametrize("form", ["json", "columns"])
def test_no_line_says_a_secret_of_the_settings_whoever_writes_it(file: Path, form: str) -> None:
    told = written(file, form)
    assert told.count(HIDDEN) >= 4 * len(SPOKEN)
    for secret in SPOKEN:
        assert secret not in told, secret
        assert json.dumps(secret)[1:-1] not in told, secret


def test_a_line_for_machines_is_one_line_with_time_and_level_and_nobody_adds_another(file: Path) -> None:
    own = [line for line in written(file, "json").splitlines() if line.startswith("{")]
    told = [json.loads(line) for line in own]
    assert all({"event", "level", "timestamp"} <= set(each) for each in told)
    assert all(each["timestamp"].endswith("Z") for each in told)
    assert [each["event"] for each in told][-1] == "asked"
    assert "approved" not in {each["event"] for each in told}


def test_a_value_with_line_ends_or_escapes_stays_in_its_line_for_people_too(file: Path) -> None:
    told = written(file, "columns")
    assert "\x1b[2J" not in told
    assert not any(line.startswith('{"event"') for line in told.splitlines())


def test_short_texts_are_no_secrets_and_settings_without_any_hide_nothing(file: Path) -> None:
    assert Hiding()("a line") == "a line"
    assert Hiding(load_settings(file))("hub 127.0.0.1 so-y-te") == "hub 127.0.0.1 so-y-te"
