import warnings

import pytest

from .runs import Run, run


@pytest.fixture(scope="session")
def recorded() -> Run:
    return run()


@pytest.fixture(autouse=True)
def _warnings_of_others():
    """What other packages say of each other is not ours."""
    with warnings.catch_warnings():
        for package in (
            "hdmf",
            "pynwb",
            "neo",
            "quantities",
            "xarray",
            "pandas",
            "elephant",
            "nwbinspector",
        ):
            warnings.filterwarnings("ignore", module=rf"{package}(\.|$)")
        yield
