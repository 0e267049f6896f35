"""Prompts: every source is read into one table, checked, and split.

``table`` defines the columns and the checks; ``parti``, ``synthetic``, ``lines`` and ``llava``
make such tables, ``splits`` divides them. Whatever is wrong with a source raises
``table.PromptError``: one line that says where and what to do.
"""
