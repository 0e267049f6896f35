"""From feature vectors and scores to numbers, each with its interval."""
