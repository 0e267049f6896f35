"""Tables and figures of both papers, in one style."""
