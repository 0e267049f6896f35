"""Text-to-image models: loaded by family, all behind what ``base`` defines."""

from seedbed.models.registry import ModelError, load

__all__ = ["ModelError", "load"]
