"""A run's pictures with all that was measured of them, as a Hugging Face data set folder."""
