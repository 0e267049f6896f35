"""Pictures to feature vectors; a module per kind."""
