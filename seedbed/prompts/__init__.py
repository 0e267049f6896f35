"""Prompts: every source is read into one table, checked, and split.

``table`` defines the columns and the checks; ``parti``, ``synthetic`` and ``lines`` make such
tables, ``splits`` divides them, ``download`` fetches the one file that has to come from outside.
Whatever is wrong with a source raises ``table.PromptError``: one line that says where and what
to do.
"""
