#!/usr/bin/env bash
# Luxon's answer for an hour that comes twice depends on the season in which it is asked.
#
# Expected: 2:30 on the night when clocks go back, which means two moments, is always read as the same one of them (Temporal: the earlier).
# Happens: DateTime.fromISO with a zone takes the later in January and the earlier in July, since it tries the offset that the zone has now. In a
#   zone whose offset has changed for good, as Asia/Yekaterinburg in 2014, it is now the later all year.
# Version: luxon 3.7.2 (temporal-polyfill 1.0.8 as the yardstick), with the time zones of Node 20.
# Matters: a pass "until 02:30" from a web issuer is an hour longer or shorter by the day of its making. Sign moments, with an offset.
# Source: RFC 5545 section 3.3.5 (the earlier one); Temporal's "compatible".
set -euo pipefail
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"

npm install --silent --no-audit --no-fund --ignore-scripts luxon@3.7.2 temporal-polyfill@1.0.8
cat >ask.mjs <<'JS'
import { DateTime, Settings } from "luxon"; import { Temporal } from "temporal-polyfill";
for (const [time, zone] of [["2026-10-25T02:30:00", "Europe/Berlin"], ["2026-11-01T01:30:00", "America/New_York"], ["2014-10-26T01:30:00", "Asia/Yekaterinburg"]]) {
  const asked = ["2026-01-15", "2026-07-15"].map((day) => {
    Settings.now = () => Date.parse(day);
    return day.slice(0, 7) + " " + DateTime.fromISO(time, { zone }).toFormat("ZZ");
  });
  console.log(zone, time, "luxon", ...asked, "Temporal", Temporal.PlainDateTime.from(time).toZonedDateTime(zone).offset);
}
JS
node ask.mjs | tee got
diff got - <<'WANT'
Europe/Berlin 2026-10-25T02:30:00 luxon 2026-01 +01:00 2026-07 +02:00 Temporal +02:00
America/New_York 2026-11-01T01:30:00 luxon 2026-01 -05:00 2026-07 -04:00 Temporal -04:00
Asia/Yekaterinburg 2014-10-26T01:30:00 luxon 2026-01 +05:00 2026-07 +05:00 Temporal +06:00
WANT
