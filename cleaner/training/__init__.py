"""Training and evaluation: the only room that imports scikit-learn.

Imports everything but `formats`, `cli` and `integrations`. `train.py`, `adapt.py` and
`evaluate.py` are the ways in; `data.py` reads labelled pages, `views.py` renders them with
`align.py`, `tree.py` changes them, `inserted.py` puts the sentences of `sentences.py` into them,
`fit.py` fits a model, `marks.py` fits what corrected pages say beside one, `card.py` describes it.
"""
