"""Lottery Ticket: tickets, noise built of them, and its comparison with other methods."""
