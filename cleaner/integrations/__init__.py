"""`cleaner` inside other programs' pipelines: one file each, named as what it is for.

Imports `cleaner.py` and what lies below it; only these files import their frameworks, each its own.
`cleaning.py` is what they share: the options, and one loaded `Cleaner` for each process.
"""
