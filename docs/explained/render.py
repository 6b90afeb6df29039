"""Print anew what `cleaner explain` says in docs/explain.md, after models were trained:
python docs/explained/render.py"""

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "explain.md"

SHOWN = re.compile(r"(```sh\ncleaner (explain .+)\n```\n\n```text\n)[^`]*(```\n)")
"""A command and what it printed."""


def rendered(found: re.Match[str]) -> str:
    """Return a command with what it prints now."""
    command = [sys.executable, "-m", "cleaner", *shlex.split(found[2])]
    env = os.environ | {"COLUMNS": "90"}
    printed = subprocess.run(
        command, cwd=ROOT, env=env, check=True, capture_output=True, encoding="utf-8"
    ).stdout
    return f"{found[1]}{printed}{found[3]}"


if __name__ == "__main__":
    PAGE.write_text(SHOWN.sub(rendered, PAGE.read_text(encoding="utf-8")), encoding="utf-8")
