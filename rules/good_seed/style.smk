"""What pictures of a seed look like, and habits that seeds trigger.

Inputs: none yet. Outputs: none yet.
"""
