"""Makes cases.jsonl of a clone of eu-digital-green-certificates/dgc-testdata: `python3 make.py CLONE >cases.jsonl`.

What a verifier needs of each file, and nothing is changed: the text of the code, the certificate of the key, the clock, and
what is expected. Pictures and intermediate forms are left out.
"""

import json
import pathlib
import sys

clone = pathlib.Path(sys.argv[1])
for path in sorted(clone.rglob("*.json")):
    case = json.loads(path.read_text(encoding="utf-8-sig"))
    if "PREFIX" not in case or "TESTCTX" not in case:
        continue
    body = case.get("JSON") or {}
    line = {
        "file": str(path.relative_to(clone)),
        "text": case["PREFIX"],
        "certificate": case["TESTCTX"]["CERTIFICATE"],
        "clock": case["TESTCTX"]["VALIDATIONCLOCK"],
        "expected": {name: value for name, value in case["EXPECTEDRESULTS"].items() if name.startswith("EXPECTED")},
        "name": body.get("nam"),
        "born": body.get("dob"),
    }
    print(json.dumps(line, ensure_ascii=False, sort_keys=True))
