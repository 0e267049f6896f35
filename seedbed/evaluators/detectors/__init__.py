"""Pictures to boxes; a module per kind."""
