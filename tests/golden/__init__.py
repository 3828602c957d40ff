"""What NumpyBrain gave before it was rebuilt inside: the same numbers, schedules, code and files ever after."""
