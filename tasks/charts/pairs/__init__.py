"""Two benchmark profiles against each other: which pairs there are, their rows, findings, words and panels.

``find`` says which profiles are alike but for one dimension, ``shared`` puts their rows side by side,
``choose`` takes the pair with most comparable rows, ``rows`` makes the rows of a chart, ``findings`` says
what they show, ``panels`` draws them. A chart itself belongs in ``overview``. To compare along another
dimension, add it to ``find.DIMENSIONS``.
"""
