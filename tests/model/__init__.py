"""Tests of models: algebra, text, explanations."""
