"""Meaning of the texts of synapses, and the programs that carry them out.

In: a `Synapses` object and its texts. Out: a definition without open names (`name_resolution`), which
variables have one value per neuron instead of per synapse (`variable_placement`), and programs: of pathways
(`pathway_programs`), of the values of event-driven variables (`event_driven`), of sums over synapses
(`summed_programs`).
"""
