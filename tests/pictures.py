"""Make the pictures of docs/ from the made-up pages of seeds/: `python tests/pictures.py`."""

import json
import subprocess
import sys
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory

from browser import NARROW, open_browser, resize
from PIL import Image
from selenium.webdriver import ActionChains
from selenium.webdriver.common.keys import Keys

ROOT = Path(__file__).parents[1]

SIZE = 1440, 820

COLOURS, NO_DITHER = 255, Image.Dither.NONE
"""Of a picture: enough for text in few colours, and a third of the bytes."""

SHOWN = "observatory budget quarry foley".split()


def main() -> None:
    lines = (ROOT / "seeds" / "pages.jsonl").read_text(encoding="utf-8").splitlines()
    pages = [page for page in map(json.loads, lines) if page["id"] in SHOWN]
    with TemporaryDirectory() as folder:
        source, review = Path(folder) / "pages.jsonl", Path(folder) / "review.html"
        source.write_text("".join(json.dumps(page) + "\n" for page in pages), encoding="utf-8")
        command = [sys.executable, "-m", "cleaner", "review", source, "-o", review]
        subprocess.run(command, check=True, cwd=ROOT)
        browser = open_browser(Path(folder))
        try:
            browser.get(review.as_uri())
            _press(browser, Keys.ENTER, *["j"] * 12, "3")
            for name, size in (("review", SIZE), ("review-narrow", NARROW)):
                resize(browser, size)
                _press(browser, "k", "j")
                picture = Image.open(BytesIO(browser.get_screenshot_as_png())).convert("RGB")
                picture.quantize(
                    COLOURS, Image.Quantize.MAXCOVERAGE, dither=Image.Dither.NONE
                ).save(ROOT / "docs" / f"{name}.png", optimize=True)
        finally:
            browser.quit()


def _press(browser, *keys: str) -> None:
    ActionChains(browser).send_keys(*keys).perform()


if __name__ == "__main__":
    main()
