"""Seed cards of a run: what it found out about each model's seeds, made from its own tables.

``card_sources`` says which tables a card is made from, ``golden_list``, ``diverse_list``,
``habit_lists``, ``text_list`` and ``ticket_entry`` make its parts, ``folder`` puts them together,
``model_card`` writes the page for people. What is in a card, and who reads it: ``seedbed.card``.
"""
