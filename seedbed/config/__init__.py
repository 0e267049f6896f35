"""Config files: read strictly (``load``), checked and filled with defaults (``complete``).

The schemas (``schemas/``) hold types, ranges, defaults and the meaning of every key; what a schema
cannot say, that names refer to things defined, that ranges are not empty and do not overlap, is in
one module for each section. Every fault is a line that says which key is wrong.
"""

from seedbed.config.completion import complete, merged
from seedbed.config.loader import load
from seedbed.config.messages import ConfigError
from seedbed.config.training import complete_training

__all__ = ["ConfigError", "complete", "complete_training", "load", "merged"]
