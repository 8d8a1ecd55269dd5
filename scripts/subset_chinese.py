"""Cuts assets/fonts/NotoSansSC-subset.ttf anew from a full Noto Sans SC Regular (TrueType outlines).

    python3 scripts/subset_chinese.py NotoSansSC-Regular.ttf      # needs fonttools

Keeps the characters of the catalogue (assets/*.tsv, assets/lessons, src/words) that Inter lacks.
"""

import sys
from pathlib import Path

from fontTools import subset
from fontTools.ttLib import TTFont

root = Path(__file__).parent.parent
fonts = root / "assets" / "fonts"
texts = [*root.glob("assets/*.tsv"), *root.glob("assets/lessons/*.toml"), *root.glob("src/words/*.rs"), *root.glob("src/gui/**/*.rs")]
first_cjk = 0x2E80
wanted = {ord(c) for text in texts for c in text.read_text("utf-8") if first_cjk <= ord(c) <= 0xFFFF}
wanted -= set(TTFont(fonts / "Inter-Regular.ttf").getBestCmap())

options = subset.Options(hinting=False, layout_features=[], notdef_outline=True)
font = subset.load_font(sys.argv[1], options)
cutter = subset.Subsetter(options)
cutter.populate(unicodes=wanted | {ord(" ")})
cutter.subset(font)
subset.save_font(font, fonts / "NotoSansSC-subset.ttf", options)
print(f"{len(wanted)} characters")
