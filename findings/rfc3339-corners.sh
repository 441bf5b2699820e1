#!/usr/bin/env bash
# Lower-case letters, a leap second and an offset of +15:00, all of them RFC 3339, part the parsers; SQLite answers NULL.
#
# Expected: "2026-01-01t00:00:00z", "2016-12-31T23:59:60Z" and "2026-01-01T00:00:00+15:00" are times to whatever reads RFC 3339.
# Happens: SQLite gives NULL for all three, without an error. cbor2's tag 0 refuses the first two, as pendulum and arrow do.
#   dateutil, whenever, Luxon and Temporal take the letters; only whenever and Temporal take the leap second, as 23:59:59. date-fns
#   refuses the letters. All but SQLite take the offset.
# Versions: as pinned below, SQLite 3.40.1 (Python's own; its version is printed).
# Matters: a NULL compares as neither before nor after: a list's time must be checked for being one when it is stored, and written
#   in the plain form. Strings from issuers are to be read by one parser.
# Source: RFC 3339 section 5.6 (letters may be lower case, 60 for leap seconds, offsets to 23:59).
set -euo pipefail
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"

python3 -m venv venv
venv/bin/pip install --quiet cbor2==6.3.0 python-dateutil==4.0.0 pendulum==3.3.0 arrow==1.4.0 whenever==0.11.0
npm install --silent --no-audit --no-fund --ignore-scripts luxon@3.7.2 date-fns@4.4.0 temporal-polyfill@1.0.8
cat >ask.py <<'PY'
import datetime, sqlite3, sys
import arrow, cbor2, dateutil.parser, pendulum, whenever
print(sqlite3.sqlite_version, file=sys.stderr)
sqlite = sqlite3.connect(":memory:")
for text in ("2026-01-01T00:00:00Z", "2026-01-01t00:00:00z", "2016-12-31T23:59:60Z", "2026-01-01T00:00:00+15:00"):
    for name, parse in (
        ("SQLite", lambda: sqlite.execute("select datetime(?)", (text,)).fetchone()[0]),
        ("cbor2", lambda: cbor2.loads(cbor2.dumps(cbor2.CBORTag(0, text)))),
        ("dateutil", lambda: dateutil.parser.isoparse(text)),
        ("pendulum", lambda: pendulum.parse(text)),
        ("arrow", lambda: arrow.get(text)),
        ("whenever", lambda: whenever.Instant(text)),
    ):
        try:
            print(text, name, parse())
        except Exception as refusal:
            print(text, name, "refused:", type(refusal).__name__)
PY
cat >ask.mjs <<'JS'
import { DateTime } from "luxon"; import { parseISO } from "date-fns"; import { Temporal } from "temporal-polyfill";
for (const text of ["2026-01-01T00:00:00Z", "2026-01-01t00:00:00z", "2016-12-31T23:59:60Z", "2026-01-01T00:00:00+15:00"]) {
  console.log(text, "luxon", DateTime.fromISO(text, { zone: "utc" }).toISO());
  console.log(text, "date-fns", parseISO(text).getTime());
  console.log(text, "Temporal", Temporal.Instant.from(text).toString());
}
JS
{ venv/bin/python ask.py; node ask.mjs; } | tee got
diff got - <<'WANT'
2026-01-01T00:00:00Z SQLite 2026-01-01 00:00:00
2026-01-01T00:00:00Z cbor2 2026-01-01 00:00:00+00:00
2026-01-01T00:00:00Z dateutil 2026-01-01 00:00:00+00:00
2026-01-01T00:00:00Z pendulum 2026-01-01 00:00:00+00:00
2026-01-01T00:00:00Z arrow 2026-01-01T00:00:00+00:00
2026-01-01T00:00:00Z whenever 2026-01-01T00:00:00Z
2026-01-01t00:00:00z SQLite None
2026-01-01t00:00:00z cbor2 refused: CBORDecodeError
2026-01-01t00:00:00z dateutil 2026-01-01 00:00:00+00:00
2026-01-01t00:00:00z pendulum refused: ParserError
2026-01-01t00:00:00z arrow refused: ParserError
2026-01-01t00:00:00z whenever 2026-01-01T00:00:00Z
2016-12-31T23:59:60Z SQLite None
2016-12-31T23:59:60Z cbor2 refused: CBORDecodeError
2016-12-31T23:59:60Z dateutil refused: ValueError
2016-12-31T23:59:60Z pendulum refused: ParserError
2016-12-31T23:59:60Z arrow refused: ValueError
2016-12-31T23:59:60Z whenever 2016-12-31T23:59:59Z
2026-01-01T00:00:00+15:00 SQLite None
2026-01-01T00:00:00+15:00 cbor2 2026-01-01 00:00:00+15:00
2026-01-01T00:00:00+15:00 dateutil 2026-01-01 00:00:00+15:00
2026-01-01T00:00:00+15:00 pendulum 2026-01-01 00:00:00+15:00
2026-01-01T00:00:00+15:00 arrow 2026-01-01T00:00:00+15:00
2026-01-01T00:00:00+15:00 whenever 2025-12-31T09:00:00Z
2026-01-01T00:00:00Z luxon 2026-01-01T00:00:00.000Z
2026-01-01T00:00:00Z date-fns 1767225600000
2026-01-01T00:00:00Z Temporal 2026-01-01T00:00:00Z
2026-01-01t00:00:00z luxon 2026-01-01T00:00:00.000Z
2026-01-01t00:00:00z date-fns NaN
2026-01-01t00:00:00z Temporal 2026-01-01T00:00:00Z
2016-12-31T23:59:60Z luxon null
2016-12-31T23:59:60Z date-fns NaN
2016-12-31T23:59:60Z Temporal 2016-12-31T23:59:59Z
2026-01-01T00:00:00+15:00 luxon 2025-12-31T09:00:00.000Z
2026-01-01T00:00:00+15:00 date-fns 1767171600000
2026-01-01T00:00:00+15:00 Temporal 2025-12-31T09:00:00Z
WANT
