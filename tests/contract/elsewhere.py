"""The same work in another process: another hash seed, another time zone, another working folder.

python -m tests.contract.elsewhere NAME/DEFECT ...      prints {"NAME/DEFECT": {file: digest}}
"""

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from connectors.registry import known
from tests.contract.subjects import Subject, digest

_ROOT = Path(__file__).parents[2]


def digests(subject: Subject) -> Mapping[str, str]:
    """Digests of all bodies of a connector's cases, made elsewhere."""
    return _of_all()[subject.key] if not subject.defect else _made(subject.key)[subject.key]


@cache
def _of_all() -> Mapping[str, Mapping[str, str]]:
    return _made(*(f"{name}/" for name in known().sources))


@cache
def _made(*keys: str) -> Mapping[str, Mapping[str, str]]:
    environment = os.environ | {"PYTHONHASHSEED": "4711", "TZ": "America/New_York", "PYTHONPATH": str(_ROOT)}
    command = [sys.executable, "-m", "tests.contract.elsewhere", *keys]
    done = subprocess.run(command, env=environment, cwd=_ROOT, capture_output=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr.decode()
    read: dict[str, dict[str, str]] = json.loads(done.stdout)
    return read


def _subject(key: str) -> Subject:
    name, _, defect = key.partition("/")
    if not defect:
        return Subject.of(name)
    from tests.contract.defects import broken

    return broken(defect, name)


def _main() -> None:
    found = {}
    for key in sys.argv[1:]:
        subject = _subject(key)
        found[key] = {case.path.name: digest(case.connector(subject), case.capture()) for case in subject.cases}
    print(json.dumps(found))


if __name__ == "__main__":
    _main()
