"""A package, since one of the installed ones has a package of this name."""
