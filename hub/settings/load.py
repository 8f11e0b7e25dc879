"""Read the settings: init values > environment > secret files > settings.toml, then check everything at once.

Further [[source]] tables may stand in sources.d/*.toml beside settings.toml; the console writes its own there.
"""

import os
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
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
from hub.settings.provenance import Provenance
from hub.settings.secrets import Surroundings, from_outside
from hub.settings.sections import Sections

#: Where containers put secrets; HUB_SECRETS_DIR names another folder.
SECRETS_DIR = "/run/secrets"
PREFIX, DELIMITER = "HUB_", "__"
#: Folder beside the settings file: every *.toml in it holds [[source]] tables, and nothing else.
SOURCES_DIR = "sources.d"
GIVEN, ENVIRONMENT = "(given)", "environment"


class _Surrounding(Sections, BaseSettings):
    """The sections as pydantic-settings looks for them: HUB_WEB__PORT, and files called hub_web__port."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, env_nested_delimiter=DELIMITER, extra="forbid", frozen=True)


@dataclass(frozen=True, slots=True)
class _Layer:
    """Values from one place."""

    name: str
    values: Mapping[str, Any]
    lines: Mapping[tuple[str | int, ...], int] = field(default_factory=dict)
    first: int = 0  #: place of its first source among all

    def own(self, path: tuple[str | int, ...]) -> tuple[str | int, ...]:
        """A path among all values as it is counted here."""
        if len(path) > 1 and path[0] == "source" and isinstance(path[1], int):
            return ("source", path[1] - self.first, *path[2:])
        return path

    def holds(self, path: tuple[str | int, ...]) -> bool:
        """Whether the value at this path comes from here."""
        here: Any = self.values
        for part in self.own(path):
            if isinstance(part, int) and part < 0:
                return False
            try:
                here = here[part]
            except (KeyError, IndexError, TypeError):
                return False
        return True


def load_settings(
    path: Path | str = "settings.toml", *, also: Mapping[str, str] | None = None, **given: Any
) -> Settings:  # fmt: skip
    """The settings of this file and what surrounds it; `given` sections win over all. Raises ConfigErrors.

    `also` are texts of files that would stand in sources.d, by name: to find out what would be wrong with them.
    """
    file = Path(path).absolute()
    faults: list[SettingsFault] = []
    written = _from_file(file, faults)
    layers = [_Layer(GIVEN, given), *_from_surroundings(faults), written]
    values: dict[str, Any] = {}
    for layer in reversed(layers):
        values = _merged(values, layer.values)
    main = list(layers)
    if isinstance(values.get("source", []), list):
        for further in _from_sources_dir(file.parent / SOURCES_DIR, also or {}, faults):
            layers.insert(-1, replace(further, first=len(values.get("source", []))))
            values["source"] = [*values.get("source", []), *further.values["source"]]
    around = Surroundings(
        folder=file.parent, environment=os.environ, testing=_merged({}, values.get("hub")).get("testing") is True,
        provenance=Provenance(
            file=file, given=given, origins=_origins(main), files=_files(values.get("source"), layers)
        ),
    )  # fmt: skip
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


def _from_file(file: Path, faults: list[SettingsFault], name: str = "") -> _Layer:
    """The TOML file; Notepad's byte order mark is no fault."""
    name = name or file.name
    try:
        text = file.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        faults.append(SettingsFault(name, 0, "", "", f"{NO_FILE} in {file.parent}; name it by --settings"))
    except OSError as error:
        faults.append(SettingsFault(name, 0, "", "", f"the file must be readable: {error.strerror}"))
    except UnicodeDecodeError:
        faults.append(SettingsFault(name, 0, "", "", "the file must be saved as UTF-8"))
    else:
        return _from_text(name, text, faults)
    return _Layer(name, {})


def _from_text(name: str, text: str, faults: list[SettingsFault]) -> _Layer:
    try:
        return _Layer(name, tomllib.loads(text), lines_of(text))
    except tomllib.TOMLDecodeError as error:
        faults.append(SettingsFault(name, 0, "", "", f"not TOML: {error}"))
    return _Layer(name, {})


def _from_sources_dir(folder: Path, also: Mapping[str, str], faults: list[SettingsFault]) -> Iterator[_Layer]:
    """The files of sources.d by name, and those that would stand there; what begins with a dot is no settings file."""
    there = {path.name: path for path in folder.glob("*.toml") if not path.name.startswith(".")}
    for name in sorted({*there, *also}):
        shown = f"{SOURCES_DIR}/{name}"
        found = _from_text(shown, also[name], faults) if name in also else _from_file(there[name], faults, shown)
        for key in found.values:
            if key != "source":
                faults.append(
                    SettingsFault(shown, line_of(found.lines, (key,)), key, "", "only [[source]] stands here")
                )
        entries = found.values.get("source", [])
        if isinstance(entries, list):
            yield replace(found, values={"source": entries})
        else:
            faults.append(SettingsFault(shown, line_of(found.lines, ("source",)), "source", "", "[[source]] tables"))


def _origins(layers: list[_Layer]) -> dict[tuple[str, str], str]:
    """Where each key of a section that stands alone was written; what stands nowhere is a default."""
    found: dict[tuple[str, str], str] = {}
    for layer in layers:
        for section in Sections.model_fields:
            keys = layer.values.get(section)
            for key in keys if isinstance(keys, Mapping) else ():
                found.setdefault((section, key), layer.name)
    return found


def _files(sources: object, layers: list[_Layer]) -> dict[str, str]:
    """The file of each source, by the source's name."""
    found: dict[str, str] = {}
    for place, entry in enumerate(sources if isinstance(sources, list) else ()):
        name = entry.get("name") if isinstance(entry, Mapping) else None
        if isinstance(name, str):
            found[name] = next((each.name for each in layers if each.holds(("source", place))), "")
    return found


def _from_surroundings(faults: list[SettingsFault]) -> Iterator[_Layer]:
    """The environment, then secret files."""
    folder = os.environ.get("HUB_SECRETS_DIR", SECRETS_DIR)
    if "HUB_SECRETS_DIR" in os.environ and not Path(folder).is_dir():
        faults.append(SettingsFault("HUB_SECRETS_DIR", 0, "", folder, "a folder with secret files"))
    faults += _unknown_variables()
    yield from _read(ENVIRONMENT, faults, lambda: EnvSettingsSource(_Surrounding)())
    files = SecretsSettingsSource(_Surrounding)
    yield from _read(
        folder, faults, lambda: NestedSecretsSettingsSource(files, secrets_dir=folder, secrets_dir_missing="ok")()
    )


def _read(name: str, faults: list[SettingsFault], read: Any) -> Iterator[_Layer]:
    try:
        yield _Layer(name, from_outside(read()))
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
    """The fault with the file, line or variable it came from; a missing key belongs to where its table stands."""
    layer = next((layer for part in (wrong.path, wrong.path[:2]) for layer in layers if layer.holds(part)), layers[-1])
    if layer.name == ENVIRONMENT:
        variable = PREFIX + DELIMITER.join(str(part) for part in wrong.path).upper()
        return SettingsFault(variable, 0, key_path(wrong.path), wrong.value, wrong.allowed)
    own = layer.own(wrong.path)
    return SettingsFault(layer.name, line_of(layer.lines, own), key_path(own), wrong.value, wrong.allowed)


def _merged(below: Any, above: Any) -> dict[str, Any]:
    """Both tables; where both have a key, the value of `above`, or both tables merged again."""
    if not isinstance(above, Mapping):
        return dict(below) if isinstance(below, Mapping) else {}
    merged = dict(below)
    for key, value in above.items():
        both_tables = isinstance(value, Mapping) and isinstance(merged.get(key), Mapping)
        merged[key] = _merged(merged[key], value) if both_tables else value
    return merged
