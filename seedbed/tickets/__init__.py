"""Lottery tickets: blocks of noise scored, selected and put together (Lottery Ticket, 3 and 4)."""
