"""Cross-attention of a UNet: what it shows, and how layouts are imposed on it."""
