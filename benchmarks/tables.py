"""The tables of figures in README.md and docs/accuracy.md: each stands between `<!-- NAME -->` and
`<!-- end -->`."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
FILES = (ROOT / "README.md", ROOT / "docs" / "accuracy.md")


def as_markdown(rows: Sequence[Sequence[str]]) -> str:
    """A table, the first row its head."""
    lines = [f"| {' | '.join(row)} |" for row in rows]
    return "\n".join([lines[0], "|---" * len(rows[0]) + "|", *lines[1:]])


def renew(name: str, rows: Sequence[Sequence[str]]) -> None:
    """Put a table in the place of those of its name."""
    table = f"<!-- {name} -->\n{as_markdown(rows)}\n<!-- end -->"
    found = re.compile(f"<!-- {re.escape(name)} -->\n.*?<!-- end -->", re.DOTALL)
    for file in FILES:
        text = file.read_text(encoding="utf-8")
        file.write_text(found.sub(lambda _: table, text), encoding="utf-8")
