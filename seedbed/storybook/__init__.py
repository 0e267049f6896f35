"""The Storybook world: drawn scenes with exact ground truth, and the training of its models.

Nothing outside this package imports it except through files it has written
(weights, prompt lists), so that real models can take its place.
"""
