#!/usr/bin/env python3
"""Draws one text in three codes that belong together, and in one picture: `pip install segno==1.6.6 pillow`."""
import io
from pathlib import Path

import segno
from PIL import Image

HERE = Path(__file__).parent
TEXT = "https://menu.example/summer/2026/what-there-is-today?table=17&language=ru"

codes = segno.make_sequence(TEXT, symbol_count=3, error="m", boost_error=False)
pictures = []
for number, code in enumerate(codes, 1):
    drawn = io.BytesIO()
    code.save(drawn, kind="png", scale=4, border=4)
    picture = Image.open(drawn).convert("L")
    picture.save(HERE / f"{number}-of-3.png", optimize=True)
    pictures.append(picture)
side = pictures[0].height
everything = Image.new("L", (side * 3, side), 255)
for number, picture in enumerate(pictures):
    everything.paste(picture, (side * number, 0))
everything.save(HERE / "all.png", optimize=True)
(HERE / "text.txt").write_text(TEXT, encoding="utf-8")
