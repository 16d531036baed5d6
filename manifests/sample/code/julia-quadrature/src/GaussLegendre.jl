"""
    GaussLegendre

Nodes and weights of Gauss–Legendre quadrature on `[-1, 1]`, and integration with them.
"""
module GaussLegendre

using LinearAlgebra

export nodes_weights, integrate

"""
    nodes_weights(n)

Return the nodes and the weights of the rule with `n` points, which is exact for polynomials of
degree at most `2n - 1`. The nodes are the eigenvalues of the symmetric tridiagonal Jacobi matrix,
and the weights follow from the first components of the normalised eigenvectors.
"""
function nodes_weights(n::Integer)
    n >= 1 || throw(ArgumentError("n must be positive"))
    beta = [k / sqrt(4k^2 - 1) for k in 1:(n - 1)]
    jacobi = SymTridiagonal(zeros(n), beta)
    values, vectors = eigen(jacobi)
    weights = 2 .* vectors[1, :] .^ 2
    return values, weights
end

"""
    integrate(f, a, b; n = 16)

Approximate the integral of `f` from `a` to `b` with one rule of `n` points.
"""
function integrate(f, a::Real, b::Real; n::Integer = 16)
    x, w = nodes_weights(n)
    half = (b - a) / 2
    middle = (a + b) / 2
    return half * sum(w[i] * f(middle + half * x[i]) for i in eachindex(x))
end

end # module
