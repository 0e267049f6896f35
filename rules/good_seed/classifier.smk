"""Naming the seed of a picture.

Inputs: none yet. Outputs: none yet.
"""
