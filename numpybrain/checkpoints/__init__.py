"""Checkpoints: what objects leave in a snapshot, snapshots, and their files."""
