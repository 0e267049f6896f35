"""Tickets: scored blocks of noise, their selection, latents built of them."""
