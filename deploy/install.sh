#!/bin/sh
# Installs this release beside the ones before, and makes it the one in force; part of each upgrade
# (docs/howto/install.md, upgrade.md). For root, in a checkout or an unpacked release: `sh deploy/install.sh`.
# Packages come from a folder `wheels` in it, where there is one, and then without any network; else from pip's index.
# Either way each has to have a hash that requirements.lock names.
#
#   /opt/hub/RELEASE     an environment of its own for each release
#   /opt/hub/current     the one in force; the way back is `ln -sfn`
set -eu
umask 022
cd "$(dirname "$0")/.."
root=${HUB_ROOT:-/opt/hub}
release=${RELEASE:-$(date +%Y%m%d-%H%M%S)}
step() { printf '== %s\n' "$*"; }

[ "$(id -u)" = 0 ] || { echo "run it as root" >&2; exit 1; }
python=${PYTHON:-python3}
"$python" -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' 2>/dev/null ||
    { echo "Python 3.11 or newer with venv is needed; on Debian: apt-get install python3-venv" >&2; exit 1; }

step "account and folders"
install -D -m 644 deploy/systemd/hub.sysusers.conf /etc/sysusers.d/hub.conf
install -D -m 644 deploy/systemd/hub.tmpfiles.conf /etc/tmpfiles.d/hub.conf
systemd-sysusers /etc/sysusers.d/hub.conf
systemd-tmpfiles --create /etc/tmpfiles.d/hub.conf

step "environment $root/$release"
[ ! -e "$root/$release" ] || { echo "$root/$release is there already; name another with RELEASE=" >&2; exit 1; }
trap 'rm -rf "$root/$release"' EXIT
"$python" -m venv "$root/$release"
pip="$root/$release/bin/python -m pip install --quiet --disable-pip-version-check --no-cache-dir"
if [ -d wheels ]; then pip="$pip --no-index --find-links wheels"; fi
$pip --require-hashes -r requirements.lock
$pip --no-deps --no-build-isolation .
"$root/$release/bin/hub" version
trap - EXIT

step "units and command"
for unit in deploy/systemd/*.service deploy/systemd/*.timer deploy/systemd/*.target; do install -m 644 "$unit" /etc/systemd/system/; done
install -m 755 deploy/systemd/hub /usr/local/sbin/hub
install -D -m 755 deploy/drill.py /usr/local/lib/hub/drill.py
ln -sf hub /usr/local/sbin/hub-drill
systemctl daemon-reload

before=$(readlink "$root/current" || true)
ln -sfn "$release" "$root/current"
step "in force: $root/$release${before:+, before: $root/$before}"
