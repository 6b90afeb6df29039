"""HTML the plain way: an element, a block and a word at a time."""

import math
import re
from collections import Counter
from dataclasses import dataclass, field
from html import unescape
from urllib.parse import urlsplit
from zlib import crc32

from hypothesis import strategies as st
from lxml import etree

from cleaner.features.marks import INLINE as INLINE_SALT
from cleaner.features.marks import LEVELS, LINK
from cleaner.features.markup import AROUND, TAGS
from cleaner.pages.blocks import APART, INLINE, INVISIBLE, MARKED

WORD = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])")

TAGS_AND_TEXTS = st.lists(
    st.sampled_from(
        """
        <p> </p> <div| class="a-Box|x"> </div> <span> </span> <a| href="/x/News-desk?y=1&amp;z">
        <a| href="http://q.example/A/b/c-d#e"> <a| href="//h.example"> <a| href="x.html"> <a> </a>
        <a| href="https://h.example/?q"> <a| href="/a//b/"> <a| href="tel:1"> <a| href=""> <b> </b>
        <br> <br/> <i| id=q> </i> <em> <time> </time> <small> <label> </label> <ul><li> </ul>
        <table><tr><td> </table> <p| hidden> <div| style="display:|none">
        <span| style="DISPLAY:none;x">
        <script>a<b</script> <style>x</style> <img| src=x> <h1> </h1> <article> </article> <nav>
        <x-y| z"q=1| class="HTMLPage"> <p| a<b="x"| class="AbC-def"> <p| "=="x"| class=u> <a"b| c=d>
        </a"b> <svg:path| class=x> <!--c--> <![CDATA[x<y]]> <?php|x|?> <input> <form| name=n>
        <title>t</title> <textarea><b></textarea> <p| class=""> <span| class=""> <span| id=s>
        <p| class="|a&quot;b|&amp;|&lt;x&gt;|">
        <body| class=z> <body| hidden>
        <html| lang=x| class=y> </body> </html> <head> <wbr> <p| a='"'| id="x/">
        <p| class=x=> <div/> <p| title="a://b"> <section| role=main| aria-label="NewsBox|menu-menu">
        x hello | || é 日本語 \u3000 \u2028 \u200b &nbsp; &amp; &lt; &gt; " ' > < =|" a|b 1 / &#13;
        &#x85; &#11; &copy; &foo; &#0; "=" "/>
        """.split()
    ).map(lambda piece: piece.replace("|", " ")),
    max_size=40,
).map("".join)
"""Pages of odd tags and texts, most of them broken."""


@dataclass
class Element:
    tag: str
    parent: int
    marks: list = field(default_factory=list)


@dataclass
class Block:
    element: int
    text: str = ""
    chars: int = 0
    link_chars: int = 0
    links: list = field(default_factory=list)
    inline: list = field(default_factory=list)


def walk(tree):
    """The block elements and the blocks of a parsed page."""
    elements, blocks = [Element("html", -1)], []
    parts, stack, skipped = [], [0], None
    in_link = breaks = 0
    closed = False
    block = Block(0)

    def flush():
        nonlocal block, breaks, closed
        block.text, block.element = " ".join("".join(parts).split()), stack[-1]
        if block.text:
            blocks.append(block)
        parts.clear()
        block, breaks, closed = Block(0), 0, False

    def add(text):
        nonlocal breaks, closed
        closed = False
        parts.append(text)
        if not text.isspace():
            breaks = 0
            block.chars += len(text)
            block.link_chars += len(text) if in_link else 0

    steps = etree.iterwalk(tree, events=("start", "end"))
    for event, element in steps:
        tag, style = element.tag, element.get("style", "").replace(" ", "").lower()
        if event == "start":
            hidden = element.get("hidden") is not None or "display:none" in style
            if tag in INVISIBLE or (hidden and tag not in ("html", "body")):
                steps.skip_subtree()
                skipped = element
                continue
            marks = [value for name in MARKED if (value := element.get(name))]
            if tag == "br":
                parts.append("\n")
                breaks += 1
                if breaks == 2:
                    flush()
                continue
            if tag in INLINE:
                if closed and tag in APART and len(parts[-1]) > 1:
                    parts.append(" ")
                if tag == "a":
                    in_link += 1
                    block.links.append(element.get("href") or "")
                if marks or tag != "span":
                    block.inline.append((tag, marks))
            else:
                flush()
                elements.append(Element(tag, stack[-1], marks))
                stack.append(len(elements) - 1)
            if element.text:
                add(element.text)
        else:
            if element is not skipped and tag in INLINE:
                in_link -= tag == "a"
                closed = tag in APART and bool(parts)
            elif element is not skipped:
                flush()
                stack.pop()
            if element is not tree and element.tail:
                add(element.tail)
    flush()
    return elements, blocks


def bucket(word, salt):
    return ((crc32(word.encode()) ^ salt * 0x9E3779B1) * 0x85EBCA6B >> 9) & 0xFFFF


def mark_words(tag, marks):
    words = {word.lower() for mark in marks for word in WORD.findall(mark)}
    return {f"<{tag}>"} | words | {f"{tag}.{word}" for word in words if len(word) > 1}


def link_words(link):
    try:
        parts = urlsplit(link)
    except ValueError:
        return ["broken"]
    words = WORD.findall(parts.path)
    return [
        f"depth{min(parts.path.strip('/').count('/'), 4)}",
        f"words{min(len(words), 8)}",
        parts.scheme,
        "host" if parts.netloc else "local",
        "query" if parts.query else "plain",
        *(word.lower() for word in words[:2]),
    ]


def marks(elements, block):
    """The buckets of a block's marks."""
    found, at = [], block.element
    for salt, reach in LEVELS:
        words = set()
        for _ in range(reach):
            if at >= 0:
                words |= mark_words(elements[at].tag, elements[at].marks)
                at = elements[at].parent
        found += {bucket(word, salt) for word in words}
    for tag, own in block.inline[:6]:
        found += {bucket(word, INLINE_SALT) for word in mark_words(tag, own)}
    for link in block.links[:2]:
        found += [bucket(word, LINK) for word in link_words(link)]
    return sorted(found)


def numbers(elements, blocks, at):
    """The features of a block from the markup around it."""
    block = blocks[at]

    def chain(element):
        while element >= 0:
            yield element
            element = elements[element].parent

    def key(element):
        return element.parent, element.tag, tuple(element.marks)

    alike = Counter(map(key, elements))
    siblings = [math.log1p(alike[key(element)]) for element in elements]

    def size(element):
        inside = [b for b in blocks if element in chain(b.element)]
        chars = sum(b.chars for b in inside)
        return [math.log1p(chars) / 4, sum(b.link_chars for b in inside) / max(chars, 1)]

    own = block.element
    above = {elements[element].tag for element in chain(own)}
    depth = len(list(chain(own))) - 1
    previous = blocks[max(at - 1, 0)].element
    found = [float(elements[own].tag == tag) for tag in TAGS]
    found += [float(tag in above) for tag in AROUND]
    found += [
        block.link_chars / max(block.chars, 1),
        math.log1p(len(block.links)),
        sum("://" in link for link in block.links) / max(len(block.links), 1),
        math.log1p(depth) / 2,
        siblings[own],
    ]
    levels = list(chain(own))[:4]
    levels += [0] * (4 - len(levels))
    for n, element in enumerate(levels):
        found += [*size(element), *([siblings[element]] if n else [])]
    found.append(math.log1p(abs(depth - len(list(chain(previous))) + 1)))
    found.append(float(elements[own].parent == elements[previous].parent))
    found.append(float(any(tag in ("em", "i") for tag, _ in block.inline)))
    found.append(float(any(tag == "time" for tag, _ in block.inline)))
    return found


def titles(block, names, body):
    """How a block matches what the page calls itself, and its story's text."""

    def letters(text):
        return "".join(filter(str.isalnum, text.casefold()))

    def words(text):
        return set(map(letters, text.split()[:60])) - {""}

    own = words(block.text)
    known = [t for t in map(words, names) if len(t) >= 3]
    share = max((len(own & t) / len(own | t) for t in known if own), default=0.0)
    same = share > 0.7 or (len(own) >= 3 and any(own <= t for t in known))
    start = letters(block.text[:200])
    in_body = 0.0 if not body else 1.0 if len(start) > 20 and start in letters(body) else -1.0
    return [share, float(same), in_body]


def unescaped(data, start, end):
    return unescape(bytes(data[start:end]).decode())
