"""The one way to a file that a person or a scenario names: resolved once, judged as it was opened, read within bounds.

Nothing is asked of a path and then believed of whatever stands there later. A file is opened once, and what the open
descriptor says it is decides whether it is read: a plain file, or a pipe that the shell handed over, of so many bytes
at most. The command line reads what its user may read (:data:`ANYWHERE`); the what-if page keeps to its folders
(:class:`Inside`). Both are a :class:`Reach`.
"""

from sim.named_files.anywhere import ANYWHERE, Anywhere
from sim.named_files.content import PATIENCE, Content, OutsideError, UnreadableError
from sim.named_files.inside import Inside
from sim.named_files.reach import Reach

__all__ = ["ANYWHERE", "PATIENCE", "Anywhere", "Content", "Inside", "OutsideError", "Reach", "UnreadableError"]
