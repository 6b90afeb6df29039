"""The review as one HTML file: its own style and script, named by their hashes, and data."""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Iterable
from hashlib import blake2b, sha256
from html import escape
from importlib.resources import files
from typing import Any

import orjson

from cleaner.labels import LABELS, MARKS

IN_DOUBT = 80
"""Percent of probability below which a label is in doubt: one in five and more of them is wrong."""

SCRIPTS = ("state.js", "elements.js", "review.js")

_PLACE = re.compile(r"\{\{(\w+)\}\}")


def render(entries: list[dict[str, Any]], keep: Iterable[str]) -> bytes:
    """Return the file in which these pages are corrected; `keep` are the labels of clean text.

    The browser runs no script but this one, loads nothing, and makes no HTML of a text: so says the
    policy in it. What pages bring stands in it as JSON without a "<".
    """
    kept = [*keep]
    labels = [{"name": name, "kept": name in kept} for name in LABELS]
    data = orjson.dumps({"labels": labels, "inDoubt": IN_DOUBT, "pages": entries})
    style, script = style_of(_asset("review.css")), "".join(map(_asset, SCRIPTS))
    policy = (
        f"default-src 'none'; script-src {hash_of(script)}; style-src {hash_of(style)}; "
        "base-uri 'none'; form-action 'none'; require-trusted-types-for 'script'; "
        "trusted-types 'none'"
    )
    parts = {
        "policy": escape(policy),
        "style": style,
        "script": script,
        "digest": blake2b(data, digest_size=16).hexdigest(),
        "data": data.replace(b"<", b"\\u003c").decode(),
    }
    return _PLACE.sub(lambda place: parts[place[1]], _asset("page.html")).encode()


def style_of(own: str) -> str:
    """Return the style of a page that people look at: what all share, and its own."""
    marks = "".join(f".label-{n} {{ --mark: {MARKS[name]} }}\n" for n, name in enumerate(LABELS))
    return marks + _asset("base.css") + own


def hash_of(text: str) -> str:
    """Return a style or script as a Content-Security-Policy names it."""
    return f"'sha256-{b64encode(sha256(text.encode()).digest()).decode()}'"


def _asset(name: str) -> str:
    return files(__package__).joinpath(name).read_text(encoding="utf-8")
