#!/usr/bin/env python3
"""Draws one text in three codes that belong together, and in one picture; and in another one what begins as a pass, in two:
`pip install segno==1.6.6 pillow`."""
import io
from pathlib import Path

import segno
from PIL import Image

HERE = Path(__file__).parent
TEXT = "https://menu.example/summer/2026/what-there-is-today?table=17&language=ru"

PASS = "GL1:" + "A PASS IS IN ONE CODE " * 4


def drawn(text, count):
    """A picture of each code."""
    for code in segno.make_sequence(text, symbol_count=count, error="m", boost_error=False):
        png = io.BytesIO()
        code.save(png, kind="png", scale=4, border=4)
        yield Image.open(png).convert("L")


def beside_one_another(pictures):
    """One picture of all."""
    side = pictures[0].height
    everything = Image.new("L", (side * len(pictures), side), 255)
    for number, picture in enumerate(pictures):
        everything.paste(picture, (side * number, 0))
    return everything


parts = list(drawn(TEXT, 3))
for number, picture in enumerate(parts, 1):
    picture.save(HERE / f"{number}-of-3.png", optimize=True)
beside_one_another(parts).save(HERE / "all.png", optimize=True)
beside_one_another(list(drawn(PASS, 2))).save(HERE / "pass.png", optimize=True)
(HERE / "text.txt").write_text(TEXT, encoding="utf-8")
