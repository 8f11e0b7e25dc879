"""The image and the compose files: nothing unpinned gets in, nothing is more open than it has to be, names exist."""

import re
import shlex
from pathlib import Path
from typing import Any

import pytest
import yaml

from hub.app import ROLES
from hub.cli import main
from hub.settings.sections import Sections
from tests.deploy.unitfiles import DEPLOY

CONTAINER = DEPLOY / "container"
ROOT = DEPLOY.parent
COMPOSE = {
    name: yaml.safe_load((CONTAINER / name).read_text(encoding="utf-8"))
    for name in ("compose.yaml", "compose.roles.yaml")
}
OURS = [
    (file, name)
    for file, compose in COMPOSE.items()
    for name, each in compose["services"].items()
    if each["image"] == "provincial-hub"
]


def instructions() -> list[tuple[str, str]]:
    """Each instruction of the Dockerfile with its words, continuation lines joined."""
    text = re.sub(r"\\\n", " ", (CONTAINER / "Dockerfile").read_text(encoding="utf-8"))
    lines = [line for line in text.splitlines() if line.strip() and not line.startswith("#")]
    return [(line.split()[0], line.split(maxsplit=1)[1]) for line in lines]


def last_stage() -> list[tuple[str, str]]:
    found = instructions()
    return found[max(place for place, (word, _) in enumerate(found) if word == "FROM") :]


def test_every_package_of_the_image_has_a_hash_of_the_lock() -> None:
    installs = [words for word, words in instructions() if word == "RUN" and "pip install" in words]
    assert len(installs) == 2
    assert "--require-hashes -r requirements.lock" in installs[0]
    assert {"--no-deps", "--no-build-isolation", "--no-index"} <= set(installs[1].split()), (
        "nothing is fetched for our own package"
    )
    addresses = re.findall(
        r"https?://(?!127\.0\.0\.1)|index-url", (CONTAINER / "Dockerfile").read_text(encoding="utf-8")
    )
    assert addresses == []


def test_the_image_runs_as_nobody_special_and_without_the_tools_of_the_build() -> None:
    words = dict(last_stage())
    assert re.fullmatch(r"[1-9]\d{3,}:[1-9]\d{3,}", words["USER"])
    assert words["HEALTHCHECK"]
    assert words["ENTRYPOINT"] == '["hub"]'
    assert "apt-get" not in str(instructions())
    assert [words.split()[0] for word, words in instructions() if word == "FROM" and ":latest" in words] == []


def test_what_the_image_copies_exists_and_passes_the_ignore_file() -> None:
    let_in = re.findall(r"^!(.+)$", (ROOT / ".dockerignore").read_text(encoding="utf-8"), flags=re.M)
    for word, words in instructions():
        if word == "COPY" and "--from" not in words:
            for name in words.split()[:-1]:
                assert (ROOT / name).exists(), name
                assert name.removeprefix("./") in let_in, name


@pytest.mark.parametrize(("file", "name"), OURS)
def test_a_container_of_ours_is_closed(file: str, name: str) -> None:
    service = COMPOSE[file]["services"][name]
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert service["mem_limit"]
    assert service["pids_limit"]
    assert service["restart"] == "unless-stopped"
    assert all(port.startswith("127.0.0.1:") for port in service.get("ports", [])), "nginx stands before it"


@pytest.mark.parametrize("file", COMPOSE)
def test_a_compose_file_names_only_what_it_declares(file: str) -> None:
    compose = COMPOSE[file]
    for service in compose["services"].values():
        assert set(service.get("secrets", ())) <= set(compose["secrets"])
        assert set(service.get("depends_on", ())) <= set(compose["services"])
        for volume in service.get("volumes", ()):
            source = volume.split(":")[0]
            known = source in compose["volumes"] or source.startswith(("./secrets/", "./settings.toml"))
            assert known or (CONTAINER / source).exists(), source
        if isinstance(build := service.get("build"), dict):
            assert (CONTAINER / build["context"] / build["dockerfile"]).exists()


def settings_named(compose: dict[str, Any]) -> set[tuple[str, str]]:
    """Section and key of every setting that environment and secrets set."""
    names = {
        name
        for service in compose["services"].values()
        for name in service.get("environment", {})
        if name.startswith("HUB_")
    }
    names |= {name.upper() for name in compose["secrets"] if name.startswith("hub_") and "__" in name}
    return {(section, key) for section, key in (name.removeprefix("HUB_").lower().split("__") for name in names)}


@pytest.mark.parametrize("file", COMPOSE)
def test_settings_that_a_compose_file_sets_exist(file: str) -> None:
    found = settings_named(COMPOSE[file])
    assert found
    for section, key in found:
        annotation: Any = Sections.model_fields[section].annotation
        assert key in annotation.model_fields, f"{section}.{key}"


def test_the_roles_of_the_compose_file_are_all_roles_once() -> None:
    services = COMPOSE["compose.roles.yaml"]["services"].values()
    commands = [shlex.join(service["command"]) for service in services if service["image"] == "provincial-hub"]
    assert sorted(commands) == sorted(f"run --roles {role}" for role in ROLES)


@pytest.mark.parametrize("file", COMPOSE)
def test_the_example_of_settings_works_with_the_secrets_of_the_compose_file(
    file: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    addresses = {"hub_database__url": "postgres://hub:p@postgres/hub", "hub_broker__url": "amqp://hub:p@rabbitmq/hub"}
    for name in COMPOSE[file]["secrets"]:
        (tmp_path / name).write_text(
            addresses.get(name, "a-secret-of-more-than-thirty-two-characters"), encoding="utf-8"
        )
    text = (CONTAINER / "settings.example.toml").read_text(encoding="utf-8").replace("/run/secrets", str(tmp_path))
    (tmp_path / "settings.toml").write_text(text, encoding="utf-8")
    monkeypatch.setenv("HUB_SECRETS_DIR", str(tmp_path))
    monkeypatch.setenv("HUB_WEB__HOST", "0.0.0.0")
    with pytest.raises(SystemExit) as end:
        main(["check", "--settings", str(tmp_path / "settings.toml")])
    assert not end.value.code


def test_the_ports_of_image_health_check_and_compose_file_are_one() -> None:
    words = dict(last_stage())
    assert words["EXPOSE"] == "8080"
    assert "127.0.0.1:8080/healthz" in words["HEALTHCHECK"]
    assert COMPOSE["compose.yaml"]["services"]["hub"]["ports"] == ["127.0.0.1:8080:8080"]
