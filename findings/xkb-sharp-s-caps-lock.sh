#!/usr/bin/env bash
# With Caps Lock, ß and µ type nothing at all where the layout leaves making the capital to libxkbcommon.
#
# Expected: a letter whose capital is outside of Latin-1 gives that capital (ẞ, U+1E9E; Μ, U+039C), or stays as it is.
# Happens: xkb_keysym_to_upper makes of ssharp (0xdf) the number 0x1e9e, and of mu (0xb5) 0x39c: the capitals' bare Unicode numbers, which as
#   keysyms mean nothing (Unicode's begin at 0x1000000). So under Caps Lock ß is silent in de(T3), µ in fr. In plain de, ẞ is a level of the key.
# Versions: Debian 12's libxkbcommon0 1.5.0-1 and xkb-data 2.35.1-1.
# Matters: a scanner that types as under us sends - by the key of ß: under de(T3) with Caps Lock that character of a code vanishes without a trace.
# Source: xkb_keysym_to_upper in xkbcommon/xkbcommon.h; xkb_keysym_to_utf32 gives 0 for a keysym that is no character.
set -euo pipefail
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"

apt-get download -qq xkb-data=2.35.1-1 libxkbcommon0=1.5.0-1 2>/dev/null
for package in *.deb; do dpkg -x "$package" root; done
library=$(find "$dir/root" -name 'libxkbcommon.so.0')
export library XKB_CONFIG_ROOT=$dir/root/usr/share/X11/xkb
cat >type.py <<'PY'
import ctypes as c, os
xkb, pointer, number = c.CDLL(os.environ["library"]), c.c_void_p, c.c_uint32
for name, result, arguments in (
    ("context_new", pointer, [c.c_int]), ("keymap_new_from_names", pointer, [pointer, pointer, c.c_int]), ("state_new", pointer, [pointer]),
    ("keymap_mod_get_index", number, [pointer, c.c_char_p]), ("state_update_mask", c.c_int, [pointer] + [number] * 6),
    ("state_key_get_one_sym", number, [pointer, number]), ("state_key_get_utf8", c.c_int, [pointer, number, c.c_char_p, c.c_size_t]),
    ("keysym_to_upper", number, [number]), ("keysym_to_utf32", number, [number]),
):
    function = getattr(xkb, "xkb_" + name)
    function.restype, function.argtypes = result, arguments

class Names(c.Structure):
    _fields_ = [(name, c.c_char_p) for name in ("rules", "model", "layout", "variant", "options")]

for sign in "äßµ":
    upper = xkb.xkb_keysym_to_upper(ord(sign))
    print(sign, "upper", hex(upper), "as a character", hex(xkb.xkb_keysym_to_utf32(upper)))
context = xkb.xkb_context_new(0)
# The key of - under us, and that of \ with Shift.
for layout, variant, key, held in (("de", "", 20, b""), ("de", "T3", 20, b""), ("fr", "", 51, b"Shift")):
    keymap = xkb.xkb_keymap_new_from_names(context, c.byref(Names(b"evdev", b"pc105", layout.encode(), variant.encode(), None)), 0)
    state = xkb.xkb_state_new(keymap)
    mask = lambda name: 1 << xkb.xkb_keymap_mod_get_index(keymap, name) if name else 0
    typed = []
    for locked in (b"", b"Lock"):
        xkb.xkb_state_update_mask(state, mask(held), 0, mask(locked), 0, 0, 0)
        text = c.create_string_buffer(16)
        xkb.xkb_state_key_get_utf8(state, key, text, 16)
        typed.append(text.value.decode() or "nothing")
    print(layout, variant or "-", "types", typed[0], "and with Caps Lock", typed[1])
PY
python3 type.py | tee got
diff got - <<'WANT'
ä upper 0xc4 as a character 0xc4
ß upper 0x1e9e as a character 0x0
µ upper 0x39c as a character 0x0
de - types ß and with Caps Lock ẞ
de T3 types ß and with Caps Lock nothing
fr - types µ and with Caps Lock nothing
WANT
