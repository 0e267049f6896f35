"""The explorer: one page, readable offline, on which the pictures of a run's seeds are browsed."""
