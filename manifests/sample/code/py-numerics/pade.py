"""Padé approximants with exact rational coefficients."""

from sympy import Matrix, Poly, Rational, Symbol, exp, factorial, series, symbols


def taylor_coefficients(expr, x, count):
    """The first `count` Taylor coefficients of `expr` at 0."""
    polynomial = Poly(series(expr, x, 0, count).removeO(), x)
    return [polynomial.coeff_monomial(x**k) for k in range(count)]


def pade(coefficients, m, n, x):
    """The [m/n] approximant p/q with q(0) = 1 for the series with these coefficients.

    The coefficients of q solve a linear system that makes the terms of order m+1 to m+n of
    q * f vanish; p is then the lower part of the product.
    """
    def c(k):
        return coefficients[k] if k >= 0 else 0

    system = Matrix(n, n, lambda i, j: c(m + 1 + i - (j + 1)))
    right = Matrix(n, 1, lambda i, _: -c(m + 1 + i))
    q = [Rational(1), *system.LUsolve(right)]
    p = [sum(q[j] * c(k - j) for j in range(min(k, n) + 1)) for k in range(m + 1)]
    numerator = sum(coefficient * x**k for k, coefficient in enumerate(p))
    denominator = sum(coefficient * x**k for k, coefficient in enumerate(q))
    return numerator / denominator


if __name__ == "__main__":
    x = symbols("x")
    assert isinstance(x, Symbol)
    coefficients = taylor_coefficients(exp(x), x, 5)
    assert coefficients == [1 / factorial(k) for k in range(5)]
    approximant = pade(coefficients, 2, 2, x)
    print(approximant)
    print(float(approximant.subs(x, 1)), "should be close to e = 2.718281828")
