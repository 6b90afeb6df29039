"""The text of Markdown, as a parser that is not ours reads it."""

from markdown_it import MarkdownIt

PARSER = MarkdownIt("commonmark").enable(["table", "strikethrough"])


def text_of(markdown):
    """The words of Markdown, without pictures."""
    return " ".join(" ".join(_texts(PARSER.parse(markdown))).split())


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
