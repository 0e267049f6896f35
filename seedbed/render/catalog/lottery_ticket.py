"""Tables and figures of Lottery Ticket: per model, and per detector where boxes matter."""

from __future__ import annotations

from seedbed.render.catalog import lottery_comparison, lottery_tickets, lottery_why

RENDERINGS = (
    *lottery_comparison.TABLES,
    *lottery_tickets.TABLES,
    *lottery_why.TABLES,
    *lottery_tickets.FIGURES,
    *lottery_comparison.FIGURES,
    *lottery_why.FIGURES,
)
