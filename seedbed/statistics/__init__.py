"""Numbers and what chance alone would give; nothing here knows a model or a picture."""
