# Euler-Maclaurin summation: sums of f(k) for k = a..b from the integral and end-point derivatives.

EulerMaclaurin := proc(f, a::integer, b::integer, m::posint)
    local x, j, total;
    description "Approximate sum(f(k), k = a..b) with m correction terms";
    total := int(f(x), x = a .. b) + (f(a) + f(b)) / 2;
    for j from 1 to m do
        total := total + bernoulli(2*j) / (2*j)!
                 * (eval(diff(f(x), x $ (2*j - 1)), x = b) - eval(diff(f(x), x $ (2*j - 1)), x = a));
    end do;
    return total;
end proc:

# The harmonic numbers minus the logarithm: Euler's constant from ten terms and four corrections.
EulerGamma := proc(n::posint, m::posint)
    local head, j;
    head := add(1/k, k = 1 .. n) - ln(n) - 1/(2*n);
    for j from 1 to m do
        head := head + bernoulli(2*j) / (2*j * n^(2*j));
    end do;
    return evalf[20](head);
end proc:

printf("sum of squares 1..100: %a\n", simplify(EulerMaclaurin(x -> x^2, 1, 100, 1)));
printf("Euler's constant:      %a\n", EulerGamma(10, 4));
printf("difference:            %a\n", evalf[20](EulerGamma(10, 4) - gamma));
