"""The denoising loop, over ranges of seeds, with the places where methods reach inside it."""
