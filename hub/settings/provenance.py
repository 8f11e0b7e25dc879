"""Where the settings in force came from: which file, variable or secret file said what."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Provenance:
    """The places that were read; what none of them says has its default."""

    file: Path = Path("settings.toml")
    given: Mapping[str, Any] = field(default_factory=dict, repr=False)  #: sections that won over all
    #: section and key to the name of a file, "environment", the folder of secret files, or "(given)"
    origins: Mapping[tuple[str, str], str] = field(default_factory=dict)
    files: Mapping[str, str] = field(default_factory=dict)  #: name of a source to the file in which it stands
