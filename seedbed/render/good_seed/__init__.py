"""Tables and figures of Good Seed."""
