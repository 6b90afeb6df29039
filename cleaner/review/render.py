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

_PLACE = re.compile(r"\{\{(\w+)\}\}")


def render(entries: list[dict[str, Any]], keep: Iterable[str]) -> bytes:
    """Return the file in which these pages are corrected; `keep` are the labels of clean text.

    The browser runs no script but this one, loads nothing, and makes no HTML of a text: so says the
    policy in it. What pages bring stands in it as JSON without a "<".
    """
    kept = [*keep]
    labels = [{"name": name, "kept": name in kept} for name in LABELS]
    data = orjson.dumps({"labels": labels, "inDoubt": IN_DOUBT, "pages": entries})
    marks = "".join(f".label-{n} {{ --mark: {MARKS[name]} }}\n" for n, name in enumerate(LABELS))
    style, script = marks + _asset("review.css"), _asset("review.js")
    policy = (
        f"default-src 'none'; script-src {_hash(script)}; style-src {_hash(style)}; "
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


def _asset(name: str) -> str:
    return files(__package__).joinpath(name).read_text(encoding="utf-8")


def _hash(text: str) -> str:
    """Return the source of a style or script as a policy names it."""
    return f"'sha256-{b64encode(sha256(text.encode()).digest()).decode()}'"
