"""Layouts imposed on a UNet's cross-attention while it denoises."""
