"""Look into a clean QR module matrix: its level and the list of its segments.

No error correction: the matrix comes straight from an encoder.  The two tables
(block sizes, centres of the alignment patterns) are taken from python-qrcode.
"""
from qrcode.base import rs_blocks
from qrcode.util import pattern_position

LEVELS = {1: "L", 0: "M", 3: "Q", 2: "H"}  # the two level bits in the format information
MASKS = [
    lambda r, c: (r + c) % 2 == 0,
    lambda r, c: r % 2 == 0,
    lambda r, c: c % 3 == 0,
    lambda r, c: (r + c) % 3 == 0,
    lambda r, c: (r // 2 + c // 3) % 2 == 0,
    lambda r, c: r * c % 2 + r * c % 3 == 0,
    lambda r, c: (r * c % 2 + r * c % 3) % 2 == 0,
    lambda r, c: ((r + c) % 2 + r * c % 3) % 2 == 0,
]
ALPHANUMERIC = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:"


def function_modules(size):
    """The places that hold no data: finders, format, timing, version, alignment."""
    version = (size - 17) // 4
    taken = {(r, c) for r in range(9) for c in range(9)}
    taken |= {(r, c) for r in range(9) for c in range(size - 8, size)}
    taken |= {(c, r) for r in range(9) for c in range(size - 8, size)}
    taken |= {(6, i) for i in range(size)} | {(i, 6) for i in range(size)}
    if version >= 7:
        block = {(r, c) for r in range(6) for c in range(size - 11, size - 8)}
        taken |= block | {(c, r) for r, c in block}
    centres = pattern_position(version)
    corners = {(6, 6), (6, size - 7), (size - 7, 6)}
    for r in centres:
        for c in centres:
            if (r, c) not in corners:
                taken |= {(r + i, c + j) for i in range(-2, 3) for j in range(-2, 3)}
    return taken


def look(matrix):
    """Return (level, segments); a segment is (mode name, text or ECI number)."""
    size = len(matrix)
    version = (size - 17) // 4
    head = int("".join(str(int(matrix[8][c])) for c in range(5)), 2) ^ 0b10101
    level, mask = LEVELS[head >> 3], head & 7

    # The codewords, in the zigzag order of the standard.
    taken, bits = function_modules(size), []
    columns = [c for c in range(size - 1, 0, -2) if c > 6] + [5, 3, 1]
    for n, right in enumerate(columns):
        for r in range(size - 1, -1, -1) if n % 2 == 0 else range(size):
            for c in (right, right - 1):
                if (r, c) not in taken:
                    bits.append(bool(matrix[r][c]) ^ MASKS[mask](r, c))
    words = [sum(b << (7 - i) for i, b in enumerate(bits[k:k + 8])) for k in range(0, len(bits) - 7, 8)]

    # Undo the interleaving of the data blocks.
    lengths = [b.data_count for b in rs_blocks(version, {"L": 1, "M": 0, "Q": 3, "H": 2}[level])]
    blocks, feed = [[] for _ in lengths], iter(words)
    for i in range(max(lengths)):
        for block, length in zip(blocks, lengths):
            if i < length:
                block.append(next(feed))
    stream = "".join(f"{w:08b}" for block in blocks for w in block)

    at = 0

    def take(n):
        nonlocal at
        at += n
        return int(stream[at - n:at], 2)

    segments, wide = [], version >= 10  # good for versions 1 to 26
    while len(stream) - at >= 4:
        mode = take(4)
        if mode == 0:
            break
        if mode == 1:
            count, text = take(12 if wide else 10), ""
            while len(text) < count:
                n = min(3, count - len(text))
                text += f"{take((0, 4, 7, 10)[n]):0{n}d}"
            segments.append(("numeric", text))
        elif mode == 2:
            count, text = take(11 if wide else 9), ""
            for _ in range(count // 2):
                pair = take(11)
                text += ALPHANUMERIC[pair // 45] + ALPHANUMERIC[pair % 45] if pair < 2025 else "??"
            if count % 2:
                text += ALPHANUMERIC[take(6)]
            segments.append(("alphanumeric", text))
        elif mode == 4:
            count = take(16 if wide else 8)
            segments.append(("byte", bytes(take(8) for _ in range(count)).decode("latin-1")))
        elif mode == 7:
            number = take(8)
            if number >= 192:
                number = ((number & 31) << 16) + take(16)
            elif number >= 128:
                number = ((number & 63) << 8) + take(8)
            segments.append(("eci", number))
        else:
            segments.append((f"mode-{mode}", ""))
            break
    return level, segments
