"""Two benchmark profiles against each other: which pairs there are, their rows, findings, words and panels.

``find`` chooses the pairs, ``rows`` makes the rows of a chart, ``findings`` says what they show, ``panels``
draws them. A chart itself belongs in ``overview``. To compare along another dimension, add it to
``find.DIMENSIONS``.
"""
