"""settings.toml becomes frozen settings; what is wrong is reported all at once.

    settings.toml   ─┐
    secret files    ─┤ load.py: merged, the upper ones last      sections.py, entries.py: what each key means
    environment     ─┘     │                                     values.py, secrets.py:   what may stand there
                           ▼
                   Settings (model.py), or ConfigErrors with every fault (faults.py, links.py)

docs/reference/settings.md is made from the same declarations: `python -m hub.settings.reference`.
"""

from hub.settings.entries import (
    DestinationSettings,
    MemberKind,
    MemberSettings,
    RouteSettings,
    SourceSettings,
    When,
    Window,
)
from hub.settings.faults import ConfigErrors, SettingsFault
from hub.settings.load import load_settings
from hub.settings.model import Settings
from hub.settings.secrets import Surroundings

__all__ = [
    "ConfigErrors",
    "DestinationSettings",
    "MemberKind",
    "MemberSettings",
    "RouteSettings",
    "Settings",
    "SettingsFault",
    "SourceSettings",
    "Surroundings",
    "When",
    "Window",
    "load_settings",
]
