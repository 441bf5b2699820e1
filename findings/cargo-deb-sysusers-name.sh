#!/usr/bin/env bash
# cargo-deb's postinst asks systemd-sysusers for a file by the name that it has in the sources, not by the one it is installed by.
#
# Expected: a sysusers file may be called in the sources what it likes; `assets` says where it goes, and the postinst names
#   what is installed there.
# Happens: with ["deb/users.in", "usr/lib/sysusers.d/demo.conf"] the package holds demo.conf, and the postinst runs
#   `systemd-sysusers users.conf`, which nobody has: the package's user is not made, and installing it fails.
# Versions: cargo-deb 3.8.0.
# Matters: the kiosk's sysusers file has its installed name in packaging/kiosk, too.
# Source: sysusers.d(5), systemd-sysusers(8), "CONFIGURATION FILE"; cargo-deb's README on `systemd-units`.
set -euo pipefail
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cargo install --quiet --locked --root "$dir/tools" --version 3.8.0 cargo-deb
mkdir -p "$dir/demo/deb"
cd "$dir/demo"
cargo init --quiet --bin --name demo . 2>/dev/null
printf 'u demo - "Demo"\n' >deb/users.in
printf '%s\n' '[Unit]' 'Description=Demo' '[Service]' 'ExecStart=/usr/bin/true' '[Install]' 'WantedBy=multi-user.target' >deb/demo.service
printf '%s\n' '#!/bin/sh' 'set -e' '#DEBHELPER#' >deb/postinst
cat >>Cargo.toml <<'TOML'
[package.metadata.deb]
maintainer = "Demo <demo@example.org>"
copyright = "Demo"
extended-description = "Demo."
assets = [["deb/users.in", "usr/lib/sysusers.d/demo.conf", "644"]]
maintainer-scripts = "deb"
systemd-units = { unit-name = "demo", unit-scripts = "deb", enable = false }
TOML
"$dir/tools/bin/cargo-deb" --quiet --no-build --no-strip --output . >/dev/null
mkdir control
dpkg-deb -e demo_*.deb control
{
    dpkg-deb -c demo_*.deb | grep -o 'usr/lib/sysusers.d/.*conf'
    grep -o 'systemd-sysusers .*' control/postinst
} | tee got
diff got - <<'WANT'
usr/lib/sysusers.d/demo.conf
systemd-sysusers ${DPKG_ROOT:+--root="$DPKG_ROOT"} users.conf
WANT
