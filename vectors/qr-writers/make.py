"""Draw one text with many QR encoders: small PNG pictures and a manifest.

Run it in the folder where the npm packages are installed:

    python make.py TEXT_FILE

The pictures and manifest.tsv are written beside this script.  Pinned versions:

    Python   segno 1.6.6, qrcode 8.2, qrcodegen 1.8.0, reportlab 5.1.0, PyQRCode 1.2.1,
             zxing-cpp 3.1.1, pillow 13.0.0
    Debian   qrencode 4.1.1 (the command, and its library through ctypes), zint 2.11.1
    npm      see make.mjs

A file is named encoder-level-request.png: what the encoder was ASKED for.  In the
manifest, level and form are what the picture really HOLDS (read back by segments.py);
version is the encoder's.
"""
import ctypes
import json
import re
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

import pyqrcode
import qrcode
import qrcodegen
import segno
import segno.consts
import zxingcpp
from PIL import Image
from qrcode import util as qrutil
from reportlab.graphics.barcode import qr as rl_widget, qrencoder as rl

from segments import look

OUT = Path(__file__).parent
TEXT = Path(sys.argv[1]).read_text(encoding="ascii").rstrip("\n")
LEVELS = "LMQH"

# The ways to cut the text by hand: lists of (mode, part).
DIGITS = re.search(r"\d{2,}", TEXT)
TWO = [("byte", TEXT[:4]), ("alphanumeric", TEXT[4:])]
HALVES = [("alphanumeric", TEXT[:105]), ("alphanumeric", TEXT[105:])]  # odd lengths
MIXED = [("byte", TEXT[:DIGITS.start()]), ("numeric", DIGITS[0]), ("alphanumeric", TEXT[DIGITS.end():])]
MANY = [(("byte", "alphanumeric")[i % 2], TEXT[k:k + 15]) for i, k in enumerate(range(0, len(TEXT), 15))]
# Which cut is drawn at which levels.
CUTS = [("two-segments", TWO, LEVELS), ("halves", HALVES, "M"), ("mixed", MIXED, "M"), ("many-segments", MANY, "M")]

rows = []
problems = []


def save(name, encoder, encoder_version, matrix):
    """Write the picture and its line of the manifest."""
    size = len(matrix)
    image = Image.new("1", (size + 8, size + 8), 1)
    for r, row in enumerate(matrix):
        for c, dark in enumerate(row):
            if dark:
                image.putpixel((c + 4, r + 4), 0)
    image = image.resize((3 * image.width, 3 * image.height), Image.Resampling.NEAREST)
    path = OUT / f"{name}.png"
    image.save(path, optimize=True)

    level, segments = look(matrix)
    modes = [mode for mode, _ in segments if mode != "eci"]
    ecis = [f"eci-{value}" for mode, value in segments if mode == "eci"]
    held = "".join(value for mode, value in segments if mode != "eci")
    if held != TEXT:
        problems.append(f"{name}: does not hold the text")
        form = f"broken {'+'.join(modes)}"
    elif ecis:
        form = f"{ecis[0]}{'' if segments[0][0] == 'eci' else '-inside'} {'+'.join(modes)}"
    elif len(modes) == 1:
        form = modes[0]
    elif len(modes) == 2:
        form = f"two-segments {'+'.join(modes)}"
    else:
        form = f"mixed {'+'.join(modes) if len(modes) < 6 else f'{len(modes)} segments'}"

    found = zxingcpp.read_barcodes(Image.open(path).convert("L"))
    reads = "yes" if len(found) == 1 and found[0].text == TEXT else "no"
    rows.append((path.name, encoder, encoder_version, level, form, reads))


def draw(encoder, encoder_version, level, what, make):
    """Draw one picture; a refusal by the encoder is told at the end."""
    name = f"{encoder}-{level.lower()}-{what}"
    try:
        matrix = make()
    except Exception as error:
        problems.append(f"{name}: {type(error).__name__}: {error}")
        return
    save(name, encoder, encoder_version, matrix)


def draw_cuts(encoder, encoder_version, make):
    """Draw every cut of the text; make(level, cut) returns the matrix."""
    for what, cut, levels in CUTS:
        for level in levels:
            draw(encoder, encoder_version, level, what, lambda: make(level, cut))


def draw_segno():
    v = version("segno")
    modes = {"byte": segno.consts.MODE_BYTE, "alphanumeric": segno.consts.MODE_ALPHANUMERIC,
             "numeric": segno.consts.MODE_NUMERIC}

    def make(content, level, **options):
        return segno.make(content, error=level, micro=False, **options).matrix

    for level in LEVELS:
        draw("segno", v, level, "auto", lambda: make(TEXT, level))
        draw("segno", v, level, "auto-no-boost", lambda: make(TEXT, level, boost_error=False))
        draw("segno", v, level, "alphanumeric", lambda: make(TEXT, level, mode="alphanumeric"))
        draw("segno", v, level, "byte", lambda: make(TEXT, level, mode="byte"))
        draw("segno", v, level, "byte-no-boost", lambda: make(TEXT, level, mode="byte", boost_error=False))
        draw("segno", v, level, "eci-26", lambda: make(TEXT, level, mode="byte", encoding="utf-8", eci=True))
    # A roomy symbol: here the boost really raises the level.
    draw("segno", v, "L", "version-12-boost", lambda: make(TEXT, "L", version=12))
    draw("segno", v, "L", "version-12-no-boost", lambda: make(TEXT, "L", version=12, boost_error=False))
    # segno leaves the header out for alphanumeric mode, and for iso-8859-1 unless spelt another way.
    draw("segno", v, "M", "eci-3", lambda: make(TEXT, "M", mode="byte", encoding="latin1", eci=True))
    draw("segno", v, "M", "eci-auto", lambda: make(TEXT, "M", eci=True))
    draw_cuts("segno", v, lambda level, cut: make([(part, modes[mode]) for mode, part in cut], level))


def draw_python_qrcode():
    v = version("qrcode")
    codes = {"L": qrcode.ERROR_CORRECT_L, "M": qrcode.ERROR_CORRECT_M,
             "Q": qrcode.ERROR_CORRECT_Q, "H": qrcode.ERROR_CORRECT_H}
    modes = {"byte": qrutil.MODE_8BIT_BYTE, "alphanumeric": qrutil.MODE_ALPHA_NUM, "numeric": qrutil.MODE_NUMBER}

    def make(level, *parts, **options):
        code = qrcode.QRCode(error_correction=codes[level], border=0)
        for part in parts:
            code.add_data(part, **options)
        code.make(fit=True)
        return code.modules

    def data(part, mode):
        return qrutil.QRData(part, mode=modes[mode])

    for level in LEVELS:
        draw("python-qrcode", v, level, "auto", lambda: make(level, TEXT))
        draw("python-qrcode", v, level, "alphanumeric", lambda: make(level, data(TEXT, "alphanumeric")))
        draw("python-qrcode", v, level, "byte", lambda: make(level, data(TEXT, "byte")))
        draw("python-qrcode", v, level, "optimize-4", lambda: make(level, TEXT, optimize=4))
        draw("python-qrcode", v, level, "optimize-2", lambda: make(level, TEXT, optimize=2))
        draw("python-qrcode", v, level, "two-add-data", lambda: make(level, TEXT[:4], TEXT[4:]))
    draw_cuts("python-qrcode", v, lambda level, cut: make(level, *[data(part, mode) for mode, part in cut]))


def draw_qrcodegen():
    v = version("qrcodegen")
    code, segment = qrcodegen.QrCode, qrcodegen.QrSegment
    ecc = dict(zip(LEVELS, (code.Ecc.LOW, code.Ecc.MEDIUM, code.Ecc.QUARTILE, code.Ecc.HIGH)))
    modes = {"byte": lambda part: segment.make_bytes(part.encode()),
             "alphanumeric": segment.make_alphanumeric, "numeric": segment.make_numeric}

    def matrix(made):
        return [[made.get_module(x, y) for x in range(made.get_size())] for y in range(made.get_size())]

    def make(level, segments, **options):
        return matrix(code.encode_segments(segments, ecc[level], **options))

    def cut_to_segments(cut):
        return [modes[mode](part) for mode, part in cut]

    alphanumeric, byte = cut_to_segments([("alphanumeric", TEXT), ("byte", TEXT)])
    for level in LEVELS:
        draw("qrcodegen", v, level, "auto", lambda: matrix(code.encode_text(TEXT, ecc[level])))
        draw("qrcodegen", v, level, "alphanumeric-no-boost", lambda: make(level, [alphanumeric], boostecl=False))
        draw("qrcodegen", v, level, "byte", lambda: matrix(code.encode_binary(TEXT.encode(), ecc[level])))
        draw("qrcodegen", v, level, "eci-26", lambda: make(level, [segment.make_eci(26), byte]))
    draw("qrcodegen", v, "L", "version-12-boost", lambda: make("L", [alphanumeric], minversion=12))
    draw("qrcodegen", v, "M", "eci-3", lambda: make("M", [segment.make_eci(3), byte]))
    draw("qrcodegen", v, "M", "eci-26-alphanumeric", lambda: make("M", [segment.make_eci(26), alphanumeric]))
    draw("qrcodegen", v, "M", "eci-26-two-segments",
         lambda: make("M", [segment.make_eci(26), *cut_to_segments(TWO)]))
    draw_cuts("qrcodegen", v, lambda level, cut: make(level, cut_to_segments(cut)))


def draw_reportlab():
    v = version("reportlab")
    modes = {"byte": rl.QR8bitByte, "alphanumeric": rl.QRAlphaNum, "numeric": rl.QRNumber}

    def make(level, value):
        widget = rl_widget.QrCodeWidget(value, barLevel=level)
        widget.qr.make()
        return widget.qr.modules

    for level in LEVELS:
        draw("reportlab", v, level, "auto", lambda: make(level, TEXT))
        draw("reportlab", v, level, "alphanumeric", lambda: make(level, [rl.QRAlphaNum(TEXT)]))
        draw("reportlab", v, level, "byte", lambda: make(level, [rl.QR8bitByte(TEXT)]))
        draw("reportlab", v, level, "eci-26", lambda: make(level, [rl.QRECI(26), rl.QR8bitByte(TEXT)]))
    draw("reportlab", v, "M", "eci-3", lambda: make("M", [rl.QRECI(3), rl.QR8bitByte(TEXT)]))
    draw_cuts("reportlab", v, lambda level, cut: make(level, [modes[mode](part) for mode, part in cut]))


def draw_pyqrcode():
    v = version("PyQRCode")
    for level in LEVELS:
        draw("pyqrcode", v, level, "auto", lambda: pyqrcode.create(TEXT, error=level).code)
        draw("pyqrcode", v, level, "alphanumeric",
             lambda: pyqrcode.create(TEXT, error=level, mode="alphanumeric").code)
        draw("pyqrcode", v, level, "byte", lambda: pyqrcode.create(TEXT, error=level, mode="binary").code)


def draw_zxing_cpp():
    v = version("zxing-cpp")

    def make(level, content, **options):
        code = zxingcpp.create_barcode(content, zxingcpp.BarcodeFormat.QRCode, ec_level=level, **options)
        image = memoryview(code.to_image(scale=1, add_quiet_zones=False))
        return [[image[r, c] == 0 for c in range(image.shape[1])] for r in range(image.shape[0])]

    for level in LEVELS:
        draw("zxing-cpp", v, level, "auto", lambda: make(level, TEXT))
        draw("zxing-cpp", v, level, "bytes", lambda: make(level, TEXT.encode()))
        draw("zxing-cpp", v, level, "eci-26", lambda: make(level, TEXT, eci=26))
    draw("zxing-cpp", v, "M", "bytes-eci-26", lambda: make("M", TEXT.encode(), eci=26))
    draw("zxing-cpp", v, "M", "eci-3", lambda: make("M", TEXT, eci=3))


def draw_qrencode():
    v = "4.1.1"

    def make(level, *options):
        lines = subprocess.run(["qrencode", "-t", "ASCII", "-m", "0", "-l", level, *options, TEXT],
                               check=True, capture_output=True, text=True).stdout.splitlines()
        return [[line[2 * c] == "#" for c in range(len(lines))] for line in lines]

    for level in LEVELS:
        draw("qrencode", v, level, "auto", lambda: make(level))
        draw("qrencode", v, level, "ignore-case", lambda: make(level, "-i"))
        draw("qrencode", v, level, "byte", lambda: make(level, "-8"))

    # The command cannot cut or write an ECI; its library can.
    class Code(ctypes.Structure):
        _fields_ = [("version", ctypes.c_int), ("width", ctypes.c_int), ("data", ctypes.POINTER(ctypes.c_ubyte))]

    library = ctypes.CDLL("libqrencode.so.4")
    library.QRinput_new2.restype = ctypes.c_void_p
    library.QRinput_append.argtypes = [ctypes.c_void_p, ctypes.c_int, ctypes.c_int, ctypes.c_char_p]
    library.QRinput_appendECIheader.argtypes = [ctypes.c_void_p, ctypes.c_uint]
    library.QRcode_encodeInput.argtypes = [ctypes.c_void_p]
    library.QRcode_encodeInput.restype = ctypes.POINTER(Code)
    modes = {"numeric": 0, "alphanumeric": 1, "byte": 2}

    def make_cut(level, cut, eci=None):
        data = library.QRinput_new2(0, LEVELS.index(level))
        if eci is not None:
            library.QRinput_appendECIheader(data, eci)
        for mode, part in cut:
            if library.QRinput_append(data, modes[mode], len(part), part.encode()):
                raise ValueError("segment refused")
        code = library.QRcode_encodeInput(data).contents
        return [[code.data[r * code.width + c] & 1 for c in range(code.width)] for r in range(code.width)]

    draw_cuts("qrencode", v, make_cut)
    for level in LEVELS:
        draw("qrencode", v, level, "eci-26", lambda: make_cut(level, [("byte", TEXT)], 26))
    draw("qrencode", v, "M", "eci-3", lambda: make_cut("M", [("byte", TEXT)], 3))


def draw_zint():
    v = "2.11.1"

    def make(level, *options, text=TEXT):
        lines = subprocess.run(["zint", "-b", "QRCODE", f"--secure={LEVELS.index(level) + 1}", "--dump", "--direct",
                                *options, "-d", text], check=True, capture_output=True, text=True).stdout.splitlines()
        rows = ["".join(f"{int(digit, 16):04b}" for digit in line.replace(" ", "")) for line in lines]
        return [[bit == "1" for bit in row[:len(rows)]] for row in rows]

    for level in LEVELS:
        draw("zint", v, level, "auto", lambda: make(level))
        draw("zint", v, level, "binary", lambda: make(level, "--binary"))
        draw("zint", v, level, "eci-26", lambda: make(level, "--eci=26"))
        draw("zint", v, level, "eci-3", lambda: make(level, "--eci=3"))
        draw("zint", v, level, "eci-26-second", lambda: make(level, f"--seg1=26,{TEXT[4:]}", text=TEXT[:4]))
    draw("zint", v, "M", "two-segments", lambda: make("M", f"--seg1=0,{TEXT[4:]}", text=TEXT[:4]))
    draw("zint", v, "M", "full-multibyte", lambda: make("M", "--fullmultibyte"))


def draw_npm():
    result = subprocess.run(["node", OUT / "make.mjs", TEXT], check=True, capture_output=True, text=True)
    for item in json.loads(result.stdout):
        if "error" in item:
            problems.append(f"{item['name']}: {item['error']}")
        else:
            save(item["name"], item["encoder"], item["version"], item["matrix"])


for step in (draw_segno, draw_python_qrcode, draw_qrcodegen, draw_reportlab, draw_pyqrcode, draw_zxing_cpp,
             draw_qrencode, draw_zint, draw_npm):
    step()

rows.sort()
header = ("file", "encoder", "version", "level", "form", "zxing")
(OUT / "manifest.tsv").write_text("".join("\t".join(row) + "\n" for row in [header, *rows]), encoding="ascii")
print(len(rows), "pictures")
for problem in problems:
    print(problem)
