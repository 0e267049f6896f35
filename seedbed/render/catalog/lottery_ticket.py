"""Tables and figures of Lottery Ticket: per model, and per detector where boxes matter."""

from __future__ import annotations

from seedbed.render.catalog import lottery_comparison, lottery_tickets

RENDERINGS = (
    *lottery_comparison.TABLES,
    *lottery_tickets.TABLES,
    *lottery_tickets.FIGURES,
    *lottery_comparison.FIGURES,
)
