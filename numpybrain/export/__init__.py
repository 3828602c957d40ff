"""Records of monitors, and synapses, in the data structures and files of other packages.

`nb.export.to_nwb("run.nwb", spikes, trace)` writes several records to one file; the methods
`spikes.to_nwb("run.nwb")` write one. The other packages are imported when they are needed: `pip
install "numpybrain[export]"` brings them all. Units, the text of the model and what else is known of the
run go along. `nb.read_spikes` reads spikes back.
"""

from __future__ import annotations

from numpybrain.export.neo_objects import to_neo
from numpybrain.export.nwb import to_nwb
from numpybrain.export.sonata import to_sonata
from numpybrain.export.tables import to_pandas, to_xarray
from numpybrain.export.text_and_arrays import to_csv, to_npz

__all__ = ["to_csv", "to_neo", "to_npz", "to_nwb", "to_pandas", "to_sonata", "to_xarray"]
