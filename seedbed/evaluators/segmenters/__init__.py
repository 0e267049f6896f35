"""Pictures to masks with classes: one module for each kind."""
