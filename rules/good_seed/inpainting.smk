"""Text that seeds insert when a part of a picture is painted anew.

Inputs: none yet. Outputs: none yet.
"""
