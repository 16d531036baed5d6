"""Dominant eigenvalues by power iteration, with an error bound.

For a symmetric matrix the Rayleigh quotient rho of a unit vector v has an eigenvalue within
||A v - rho v|| of it, so the iteration can say how good its answer is.
"""

import numpy as np


def power_iteration(matrix, tolerance=1e-12, max_steps=10_000, seed=0):
    """Return (eigenvalue, eigenvector, error bound) for a symmetric matrix.

    Starts from a random unit vector and multiplies until the residual is at most
    `tolerance` times the size of the eigenvalue. Raises ValueError if the matrix is not
    square and symmetric, and RuntimeError if it does not converge.
    """
    matrix = np.asarray(matrix, dtype=float)
    if matrix.ndim != 2 or matrix.shape[0] != matrix.shape[1]:
        raise ValueError("the matrix must be square")
    if not np.allclose(matrix, matrix.T):
        raise ValueError("the matrix must be symmetric")

    vector = np.random.default_rng(seed).normal(size=matrix.shape[0])
    vector /= np.linalg.norm(vector)
    for _ in range(max_steps):
        image = matrix @ vector
        rho = float(vector @ image)
        residual = float(np.linalg.norm(image - rho * vector))
        if residual <= tolerance * max(abs(rho), 1.0):
            return rho, vector, residual
        vector = image / np.linalg.norm(image)
    raise RuntimeError(f"no convergence after {max_steps} steps, residual {residual:.2e}")


def deflate(matrix, eigenvalue, vector):
    """Remove a known eigenpair, so that the next one becomes dominant."""
    return np.asarray(matrix, dtype=float) - eigenvalue * np.outer(vector, vector)


def leading_eigenvalues(matrix, count):
    """The `count` eigenvalues of largest absolute value, in that order."""
    values = []
    for _ in range(count):
        value, vector, _ = power_iteration(matrix)
        values.append(value)
        matrix = deflate(matrix, value, vector)
    return values


if __name__ == "__main__":
    n = 6
    laplacian = 2 * np.eye(n) - np.eye(n, k=1) - np.eye(n, k=-1)
    exact = sorted((2 - 2 * np.cos(np.pi * np.arange(1, n + 1) / (n + 1))), reverse=True)
    found = leading_eigenvalues(laplacian, 3)
    for value, truth in zip(found, exact):
        print(f"{value:.12f}  {abs(value - truth):.1e}")
