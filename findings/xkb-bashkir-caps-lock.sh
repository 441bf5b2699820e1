#!/usr/bin/env bash
# With Caps Lock the Bashkir and Tatar layouts cannot type their own small letters; the Russian letters beside them can.
#
# Expected: Caps Lock and Shift together give small letters, as for every letter of the layouts us and ru.
# Happens: in ru(bak) and ru(tt) each letter that Russian lacks (ә ө ү ғ ҡ ң ҙ ҫ һ; ә ө ү ң һ җ) stays capital under Caps Lock with Shift: two
#   states of the keyboard type one character, and none of them the small one.
# Versions: Debian 12's xkb-data 2.35.1-1 and libxkbcommon0 1.5.0-1.
# Matters: whoever turns keys back into characters (a scanner that types, read through the wrong layout) cannot undo Caps Lock by
#   a table: it is not one-to-one.
# Source: X Keyboard Extension, key types ALPHABETIC and FOUR_LEVEL_SEMIALPHABETIC.
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
    ("state_key_get_utf8", c.c_int, [pointer, number, c.c_char_p, c.c_size_t]),
):
    function = getattr(xkb, "xkb_" + name)
    function.restype, function.argtypes = result, arguments

class Names(c.Structure):
    _fields_ = [(name, c.c_char_p) for name in ("rules", "model", "layout", "variant", "options")]

context = xkb.xkb_context_new(0)
for layout, variant in (("us", ""), ("ru", ""), ("ru", "bak"), ("ru", "tt")):
    keymap = xkb.xkb_keymap_new_from_names(context, c.byref(Names(b"evdev", b"pc105", layout.encode(), variant.encode(), None)), 0)
    state = xkb.xkb_state_new(keymap)
    shift, caps = (1 << xkb.xkb_keymap_mod_get_index(keymap, name) for name in (b"Shift", b"Lock"))

    def typed(held, locked):
        xkb.xkb_state_update_mask(state, held, 0, locked, 0, 0, 0)
        keys = []
        for key in range(10, 62):
            text = c.create_string_buffer(16)
            xkb.xkb_state_key_get_utf8(state, key, text, 16)
            keys.append(text.value.decode())
        return keys

    plain, capital, small = typed(0, 0), typed(0, caps), typed(shift, caps)
    letters = [key for key in range(len(plain)) if plain[key].isalpha()]
    print(layout, variant or "-", "letters", len(letters), "never small:", "".join(small[key] for key in letters if small[key] == capital[key]) or "none")
PY
python3 type.py | tee got
diff got - <<'WANT'
us - letters 26 never small: none
ru - letters 33 never small: none
ru bak letters 41 never small: ӨҠҒҪҘҺҮӘҢ
ru tt letters 33 never small: ӨӘҮҢҺҖ
WANT
