"""Naming the seed of a picture: training, controls on what gives a seed away, Grad-CAM."""
