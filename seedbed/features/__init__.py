"""Images to numbers: feature extractors and preference scorers, by name from the config."""
