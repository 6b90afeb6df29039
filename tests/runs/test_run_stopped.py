"""Runs that are stopped at any point: the same command goes on, and nothing shows that it was."""
