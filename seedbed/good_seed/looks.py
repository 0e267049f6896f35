"""What pictures are looked at for: names of measures and habits (Good Seed, section 3.4).

Without a library, since the workflow reads them at every parse.
"""

SIDES = ("left", "right", "top", "bottom")
MEASURES = ("brightness", "tint_a", "tint_b", "chroma", "colourfulness")
WIDTHS = tuple(f"width_{side}" for side in SIDES)
FLAGS = ("greyscale", *(f"border_{side}" for side in SIDES), "frame", "sky")
"""Habits that pixels tell."""
LETTERING = "lettering"
"""The habit that a detector tells."""
