"""What follows from per-seed numbers: rankings, golden seeds, and what chance alone would give."""
