"""Read the settings: init values > environment > secret files > settings.toml, then check everything at once."""

import os
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pydantic import ValidationError
from pydantic_settings import (
    BaseSettings,
    EnvSettingsSource,
    NestedSecretsSettingsSource,
    SecretsSettingsSource,
    SettingsConfigDict,
    SettingsError,
)

from hub.settings.faults import NO_FILE, ConfigErrors, SettingsFault, Wrong, explain, key_path
from hub.settings.links import broken_links
from hub.settings.model import Settings
from hub.settings.positions import line_of, lines_of
from hub.settings.secrets import Surroundings
from hub.settings.sections import Sections

#: Where containers put secrets; HUB_SECRETS_DIR names another folder.
SECRETS_DIR = "/run/secrets"
PREFIX, DELIMITER = "HUB_", "__"


class _Surrounding(Sections, BaseSettings):
    """The sections as pydantic-settings looks for them: HUB_WEB__PORT, and files called hub_web__port."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, env_nested_delimiter=DELIMITER, extra="forbid", frozen=True)


@dataclass(frozen=True, slots=True)
class _Layer:
    """Values from one place."""

    name: str
    values: Mapping[str, Any]
    lines: Mapping[tuple[str | int, ...], int] = field(default_factory=dict)

    def holds(self, path: tuple[str | int, ...]) -> bool:
        """Whether the value at this path comes from here."""
        here: Any = self.values
        for part in path:
            try:
                here = here[part]
            except (KeyError, IndexError, TypeError):
                return False
        return True


def load_settings(path: Path | str = "settings.toml", **given: Any) -> Settings:
    """The settings of this file and what surrounds it; `given` sections win over all. Raises ConfigErrors."""
    file = Path(path).absolute()
    faults: list[SettingsFault] = []
    layers = [_Layer("(given)", given), *_from_surroundings(faults), _from_file(file, faults)]
    values: dict[str, Any] = {}
    for layer in reversed(layers):
        values = _merged(values, layer.values)
    around = Surroundings(
        folder=file.parent, environment=os.environ, testing=_merged({}, values.get("hub")).get("testing") is True
    )
    wrong: list[Wrong] = []
    settings = None
    try:
        settings = Settings.model_validate(values, context=around)
    except ValidationError as error:
        wrong += explain(error, Settings, values)
    reported = {each.path for each in wrong}
    wrong += [each for each in broken_links(values) if each.path not in reported]
    faults += [_placed(each, layers) for each in wrong]
    if faults or settings is None:
        raise ConfigErrors(sorted(faults))
    return settings


def _from_file(file: Path, faults: list[SettingsFault]) -> _Layer:
    """The TOML file; Notepad's byte order mark is no fault."""
    try:
        text = file.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        faults.append(SettingsFault(file.name, 0, "", "", f"{NO_FILE} in {file.parent}; name it by --settings"))
    except OSError as error:
        faults.append(SettingsFault(file.name, 0, "", "", f"the file must be readable: {error.strerror}"))
    except UnicodeDecodeError:
        faults.append(SettingsFault(file.name, 0, "", "", "the file must be saved as UTF-8"))
    else:
        try:
            return _Layer(file.name, tomllib.loads(text), lines_of(text))
        except tomllib.TOMLDecodeError as error:
            faults.append(SettingsFault(file.name, 0, "", "", f"not TOML: {error}"))
    return _Layer(file.name, {})


def _from_surroundings(faults: list[SettingsFault]) -> Iterator[_Layer]:
    """The environment, then secret files."""
    folder = os.environ.get("HUB_SECRETS_DIR", SECRETS_DIR)
    if "HUB_SECRETS_DIR" in os.environ and not Path(folder).is_dir():
        faults.append(SettingsFault("HUB_SECRETS_DIR", 0, "", folder, "a folder with secret files"))
    faults += _unknown_variables()
    yield from _read("environment", faults, lambda: EnvSettingsSource(_Surrounding)())
    files = SecretsSettingsSource(_Surrounding)
    yield from _read(
        folder, faults, lambda: NestedSecretsSettingsSource(files, secrets_dir=folder, secrets_dir_missing="ok")()
    )


def _read(name: str, faults: list[SettingsFault], read: Any) -> Iterator[_Layer]:
    try:
        yield _Layer(name, read())
    except (SettingsError, OSError, UnicodeDecodeError) as error:
        faults.append(SettingsFault(name, 0, "", "", f"cannot be read: {error}"))


def _unknown_variables() -> Iterator[SettingsFault]:
    """HUB_X__Y where there is no section x that stands alone; a misspelt y is found by the model."""
    sections = ", ".join(Sections.model_fields)
    for name in sorted(os.environ):
        section, delimiter, _ = name.upper().removeprefix(PREFIX).partition(DELIMITER)
        if name.upper().startswith(PREFIX) and delimiter and section.lower() not in Sections.model_fields:
            yield SettingsFault(name, 0, "", "", f"HUB_SECTION__KEY sets one key; the sections are: {sections}")


def _placed(wrong: Wrong, layers: list[_Layer]) -> SettingsFault:
    """The fault with the file, line or variable it came from; a missing key belongs to the file."""
    layer = next((layer for layer in layers if layer.holds(wrong.path)), layers[-1])
    if layer.name == "environment":
        variable = PREFIX + DELIMITER.join(str(part) for part in wrong.path).upper()
        return SettingsFault(variable, 0, key_path(wrong.path), wrong.value, wrong.allowed)
    return SettingsFault(layer.name, line_of(layer.lines, wrong.path), key_path(wrong.path), wrong.value, wrong.allowed)


def _merged(below: Any, above: Any) -> dict[str, Any]:
    """Both tables; where both have a key, the value of `above`, or both tables merged again."""
    if not isinstance(above, Mapping):
        return dict(below) if isinstance(below, Mapping) else {}
    merged = dict(below)
    for key, value in above.items():
        both_tables = isinstance(value, Mapping) and isinstance(merged.get(key), Mapping)
        merged[key] = _merged(merged[key], value) if both_tables else value
    return merged
