"""Small tools that know nothing of simulations: arrays, quantities, names, data files."""
