"""Pictures and prompts to scores; a module per kind."""
