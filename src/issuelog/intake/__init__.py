"""Importers, one a format: bytes in, incoming reports out. Nothing is executed or fetched."""
