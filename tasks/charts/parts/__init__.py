"""Parts that several charts are made of: encodings, spans and labels, tables of ranks, choices of models.

No chart is declared here, and nothing here knows which chart uses it. What only pairs of profiles need is
in ``pairs``. To add a part: move it here when a second chart needs it, not before.
"""
