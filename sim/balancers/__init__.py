"""Balancers: which pod of a pool gets the next attempt. One file each.

A balancer is one plain function, marked as a rule and used by both engines::

    pick(columns, proxy, pool, first, second, user) -> pod

``proxy`` and ``pool`` say whose view of the endpoints counts: ``columns.routes.endpoint[proxy, pool, place]`` for
places 0 to ``columns.routes.listed[proxy, pool] - 1`` (never none). ``first`` and ``second`` are two uniforms that
belong to the attempt, ``user`` is who asks. A rule may read any column and may write
``columns.routes.turn[proxy, pool]`` only. The kind is a frozen class with the word, whose ``rule`` is the function.
Nothing else to register.
"""
