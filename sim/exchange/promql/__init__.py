"""PromQL as analysis templates use it: what is asked, of whom, over how long.

``filling`` puts arguments and template variables in, ``reading`` says what an expression measures, ``scopes`` whose
series it selects, ``statuses`` which answers a label tells apart. The parser is promql-parser (MIT), loaded when the
first query is read.
"""
