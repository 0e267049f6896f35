"""Layouts: captions with a box for each object they name, and the regions those boxes cover.

``table`` defines the columns and the checks, ``regions`` turns boxes into grid cells;
``storybook`` and ``coco`` make such tables, ``words`` finds a category in a caption.
"""
