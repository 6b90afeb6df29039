"""The arithmetic of a trained model, in numpy alone, and its folder on disk.

Imports `features`, `pages` for its data, `labels` and `errors`; scikit-learn never.
"""
