"""A scenario out of manifests: every line says where it comes from, or that it is a guess and how far to trust it.

``lines`` are the values with their origins, ``writing`` makes the text; ``service``, ``scaling``, ``routes``,
``argo_strategy``, ``argo_gate``, ``flagger_strategy`` and ``rolling`` read what manifests know, ``guesses`` stands for
what they cannot know, ``whole`` puts it together.
"""
