"""Good Seed: rankings of seeds, golden seeds and their trial."""
