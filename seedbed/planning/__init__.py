"""What a run would cost and what it could see, from its config alone: torch-free, before it runs.

``seedbed.plan`` says what a run consists of; this counts it.
"""
