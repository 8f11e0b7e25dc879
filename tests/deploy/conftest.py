"""Programs that judge what lies in deploy/: found, or installed where the run is root on a Debian."""

import os
import shutil
from collections.abc import Callable

import pytest

from tests.conftest import do_without
from tests.servers import MissingServerError, Servers, install

#: Debian keeps servers off the path of people.
PATH = f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin"
#: Program and the package that brings it.
PACKAGES = {"nginx": "nginx-light", "promtool": "prometheus", "systemd-analyze": "systemd"}


@pytest.fixture
def program(servers: Servers) -> Callable[[str], str]:
    """The path of a program of PACKAGES; installed once a session."""

    def find(name: str) -> str:
        found = shutil.which(name, path=PATH)
        if found is None and name not in servers.notes:
            trouble = install.install(PACKAGES[name]) if install.can_install() else "not installed, and we are not root"
            found = shutil.which(name, path=PATH)
            servers.notes[name] = f"installed Debian's package {PACKAGES[name]}" if found else f"missing: {trouble}"
        if found is None:
            do_without(MissingServerError(f"{name} {servers.notes[name]}; install the package {PACKAGES[name]}"))
        return str(found)

    return find
