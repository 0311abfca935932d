"""The corpus folder: its tables on disk, the manifest, and the views that join them."""
