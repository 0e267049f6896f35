"""Pictures to relative depth: one module for each kind."""
