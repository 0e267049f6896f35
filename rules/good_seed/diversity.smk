"""Diverse seeds against random ones and Particle Guidance.

Inputs: none yet. Outputs: none yet.
"""
