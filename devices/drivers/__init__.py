"""Protocols of counter machines: bytes in, frames out. No port, no thread, no clock of their own choosing."""
