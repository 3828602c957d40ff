"""Groups of neurons: thresholds, resets, refractoriness, events, spikes between steps."""
