"""What cross-attention shows: its modules, first-step maps, where words stand in a prompt."""
