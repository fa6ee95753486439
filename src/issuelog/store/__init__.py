"""Bytes on disk: where reports lie, how they are read and written, and the derived index."""
