"""From programs and variables to operations: binding, integrators, and the engines themselves."""
