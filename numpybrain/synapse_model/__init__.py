"""What the texts of synapses mean, and the programs that carry them out.

In: a `Synapses` object and its texts. Out: a closed definition (`closing`), which variables have one value
per neuron instead of per synapse (`placing`), and programs: of pathways (`pathways`), of the values of
event-driven variables (`eventual`), of sums over synapses (`summing`).
"""
