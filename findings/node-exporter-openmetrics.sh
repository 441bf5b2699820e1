#!/usr/bin/env bash
# node_exporter's textfile collector drops a whole file for one OpenMetrics type: info, stateset or unknown.
#
# Expected: a tool may write OpenMetrics 1.0, which Prometheus asks for first and whose own Python library reads; at worst a
#   family that is not understood is missing.
# Happens: of a file with a family of type info, stateset or unknown nothing at all is exported, its gauges neither; the
#   process goes on and answers 200, and only node_textfile_scrape_error and the log say so. A counter, which OpenMetrics
#   declares without its suffix, comes through as untyped.
# Versions: prometheus-node-exporter 1.5.0 of Debian 12, prometheus-client 0.25.0 (PyPI).
# Matters: `greenlit status --openmetrics` writes gauges alone, with the version as a label, which both formats read.
# Source: OpenMetrics 1.0, sections "Metric Types" and "Overall Structure"; Prometheus, "Exposition formats".
set -euo pipefail
dir=$(mktemp -d)
exporter=
trap '[ -z "$exporter" ] || kill "$exporter" 2>/dev/null || true; rm -rf "$dir"' EXIT
cd "$dir"

python3 -m venv venv
venv/bin/pip install --quiet prometheus-client==0.25.0
apt-get download -q prometheus-node-exporter=1.5.0-1+b6 >/dev/null
dpkg -x prometheus-node-exporter_*.deb .

mkdir files
family() { # file, type, and the samples; each file has a gauge, too
    name=$1 type=$2; shift 2
    printf '%s\n' "# TYPE ${name}_up gauge" "${name}_up 1" "# TYPE $name $type" "$@" '# EOF' >files/"$name".prom
}
family a info 'a_info{version="1"} 1'
family b stateset 'b{b="open"} 1' 'b{b="shut"} 0'
family c unknown 'c 1'
family d counter 'd_total 17'
venv/bin/python - <<'PY' | tee got
from prometheus_client.openmetrics.parser import text_string_to_metric_families as families
for name in "abcd":
    print(name, *(f"{f.name}:{f.type}" for f in families(open(f"files/{name}.prom").read())))
PY

usr/bin/prometheus-node-exporter --web.listen-address=127.0.0.1:0 --collector.disable-defaults --collector.textfile \
    --collector.textfile.directory=files 2>log &
exporter=$!
until address=$(grep -o 'Listening on" address=[0-9.:]*' log | cut -d= -f2) && [ -n "$address" ]; do sleep 0.1; done
curl -sS --fail --noproxy '*' "http://$address/metrics" | grep -E '^(# TYPE )?([abcd]_|node_textfile_scrape_error)' | tee -a got
grep -o 'unknown metric type[^ ]* [^ ]*' log | tr -d '\\"' | sort -u | tee -a got
diff got - <<'WANT'
a a_up:gauge a:info
b b_up:gauge b:stateset
c c_up:gauge c:unknown
d d_up:gauge d:counter
# TYPE d_total untyped
d_total 17
# TYPE d_up gauge
d_up 1
# TYPE node_textfile_scrape_error gauge
node_textfile_scrape_error 1
unknown metric type info
unknown metric type stateset
unknown metric type unknown
WANT
