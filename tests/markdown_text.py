"""The text of Markdown, as a parser that is not ours reads it."""

from markdown_it import MarkdownIt

PARSER = MarkdownIt("commonmark").enable(["table", "strikethrough"])


def text_of(markdown):
    """The words of Markdown, without pictures."""
    return " ".join(" ".join(_texts(PARSER.parse(markdown))).split())


def kinds_of(markdown):
    """What Markdown begins, in order: the types of its blocks and of what stands in them."""
    tokens = PARSER.parse(markdown)
    inner = [child for token in tokens for child in token.children or ()]
    return {token.type for token in tokens + inner if token.type.endswith("open")}


def _texts(tokens):
    for token in tokens:
        if token.type == "inline":
            yield "".join(
                " " if t.type in ("softbreak", "hardbreak", "html_inline") else t.content
                for t in token.children
                if t.type != "image"
            )
        elif token.type in ("fence", "code_block", "html_block"):
            yield token.content
