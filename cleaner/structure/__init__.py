"""A page's kept paragraphs with their structure: Markdown, or text that shows lists and tables.

Imports nothing of the package but `pages`. `outline.py` says which lists, quotes and tables the
blocks of HTML stand in, `tables.py` which tables are such; `inline.py` writes what stands within a
block as Markdown, `addresses.py` where links lead to; `layout.py` puts lines into lists and quotes;
`markdown.py` and `plain.py` write a page.
"""
