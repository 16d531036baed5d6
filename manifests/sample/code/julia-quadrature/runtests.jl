using Test
include("src/GaussLegendre.jl")
using .GaussLegendre

@testset "exactness" begin
    for n in 1:8, degree in 0:(2n - 1)
        exact = iseven(degree) ? 2 / (degree + 1) : 0.0
        @test isapprox(integrate(x -> x^degree, -1, 1; n = n), exact; atol = 1e-13)
    end
end

@testset "smooth functions" begin
    @test integrate(exp, 0, 1; n = 8) ≈ exp(1) - 1
    @test integrate(x -> 1 / (1 + x^2), -1, 1; n = 40) ≈ pi / 2
    @test integrate(sin, 0, pi; n = 12) ≈ 2
end

@testset "weights" begin
    for n in (1, 2, 5, 33)
        x, w = nodes_weights(n)
        @test sum(w) ≈ 2
        @test all(w .> 0)
        @test x ≈ -reverse(x) atol = 1e-14
    end
end
