"""Git: one bare partial clone of an upstream, kept sound, locked and up to date; nothing is checked out.

``process`` runs git, ``clone`` keeps the clone, ``revision`` and ``blobs`` read it, ``url`` says what may
be asked for. Only ``tasks/sources/upstream.py`` and the doctor come in here. Every error says what to do
next.
"""
