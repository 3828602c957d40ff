"""Mean-field rates of integrate-and-fire neurons: what noisy input makes them fire."""

from __future__ import annotations

import functools
from typing import Any

import numpy as np

from numpybrain.errors import ArgumentError

NODES = 400  # of the integral of (exp(2*high*w) - exp(2*low*w))*exp(-w**2)/w over w
BEYOND = 7.0  # where exp(-w**2) is nothing
SLOW, PART = 300, 0.02  # rounds, and how far the rates go in one
ROUNDS = 50
SMALL = 1e-9


@functools.cache
def _gauss() -> tuple[Any, Any]:
    """Nodes and weights of the integral, from -1 to 1."""
    return np.polynomial.legendre.leggauss(NODES)


def siegert(
    mu: Any, sigma: Any, *, tau: float, threshold: float, reset: float = 0.0, refractory: float = 0.0
) -> Any:
    """Firing rate of a leaky integrate-and-fire neuron with white noise as input (Siegert 1951).

    Args:
        mu: mean of the potential without a threshold, in mV; any shape.
        sigma: size of its fluctuations: tau dv = (mu - v) dt + sigma*sqrt(tau) dW, in mV. Without a
            threshold the standard deviation is sigma/sqrt(2).
        tau: membrane time constant in ms.
        threshold: in mV.
        reset: in mV.
        refractory: refractory period in ms.

    Returns:
        The rate in Hz.
    """
    if not reset < threshold or not tau > 0 or refractory < 0:
        raise ArgumentError(
            "an integrate-and-fire neuron has reset < threshold, tau > 0 and refractory >= 0"
        )
    mu, sigma = np.broadcast_arrays(np.asarray(mu, dtype=float), np.asarray(sigma, dtype=float))
    if not (sigma > 0).all():
        raise ArgumentError(
            "the fluctuations 'sigma' are positive", help="nb.analysis.lif_rate is for none"
        )
    low, high = ((x - mu) / sigma for x in (reset, threshold))
    nodes, weights = _gauss()
    reach = (np.maximum(high, 0) + BEYOND)[..., None] / 2
    w = reach * (1 + nodes)
    with np.errstate(over="ignore"):
        parts = np.exp(-w * w + 2 * high[..., None] * w) - np.exp(-w * w + 2 * low[..., None] * w)
        integral = (parts / w * weights).sum(axis=-1) * reach[..., 0]
        rate: Any = 1000.0 / (refractory + tau * integral)
    return rate


def mean_field(
    weights: Any,
    external: Any,
    *,
    tau: float,
    threshold: float,
    reset: float = 0.0,
    refractory: float = 0.0,
) -> Any:
    """Stationary rates of populations of leaky integrate-and-fire neurons (Brunel 2000).

    Each neuron of population i gets the spikes of K_ij neurons of population j, each of which moves its
    potential by J_ij; their sum is taken as white noise.

    Args:
        weights: pair (K, J): numbers of connections and jumps in mV, each of shape (n, n).
        external: pair (mu, sigma2): mean and squared fluctuations of the input from outside, in mV and
            mV**2, shape (n,).
        tau: membrane time constant in ms.
        threshold: in mV.
        reset: in mV.
        refractory: refractory period in ms.

    Returns:
        The rates in Hz, shape (n,).
    """
    number, jump = (np.asarray(x, dtype=float) for x in weights)
    outside, noise = (np.asarray(x, dtype=float) for x in external)

    def change(rate: Any) -> Any:
        per_tau = np.maximum(rate, 0) / 1000 * tau
        mu = outside + (number * jump) @ per_tau
        sigma = np.sqrt(noise + (number * jump**2) @ per_tau)
        return siegert(mu, sigma, tau=tau, threshold=threshold, reset=reset, refractory=refractory) - rate

    rate = np.zeros(len(outside))
    for _ in range(SLOW):  # first as populations would, slowly, then by Newton's method
        rate = rate + PART * change(rate)
    for _ in range(ROUNDS):
        now = change(rate)
        if np.abs(now).max() < SMALL * max(1.0, float(np.abs(rate).max())):
            return rate
        width = 1e-6 * np.maximum(np.abs(rate), 1)
        columns = [(change(rate + w * e) - now) / w for w, e in zip(width, np.eye(len(rate)), strict=True)]
        rate = rate - np.linalg.solve(np.stack(columns, axis=1), now)
    raise ArgumentError(
        "the rates do not come to rest", help="a stationary state may not be stable, or not exist"
    )
