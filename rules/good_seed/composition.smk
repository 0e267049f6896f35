"""Where seeds put objects.

Inputs: none yet. Outputs: none yet.
"""
