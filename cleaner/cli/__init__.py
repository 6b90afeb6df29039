"""The command line: one file for each command, and `main.py` that gathers them.

May import every room, and is the only one that imports click and rich. `inputs.py` and
`output.py` hold what `clean` and `label` share; a command's module is imported when it is used.
"""
