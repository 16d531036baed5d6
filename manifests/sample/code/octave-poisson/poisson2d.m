function [u, x, y] = poisson2d(f, n)
%POISSON2D  Solve -u_xx - u_yy = f on the unit square with zero boundary values.
%   [U, X, Y] = POISSON2D(F, N) uses the five-point formula on a grid of N-by-N inner points and
%   the eigenvectors of the second difference, so no linear system is solved. F is a handle.

  h = 1 / (n + 1);
  [x, y] = meshgrid((1:n) * h);

  % Eigenvalues and orthogonal eigenvectors of tridiag(-1, 2, -1).
  k = (1:n)';
  lambda = 2 - 2 * cos(pi * k * h);
  S = sqrt(2 * h) * sin(pi * h * (k * k'));

  % In the eigenbasis the operator is diagonal.
  g = S * (h^2 * f(x, y)) * S;
  g = g ./ (lambda + lambda');
  u = S * g * S;
end

%!test
%! exact = @(x, y) sin(pi * x) .* sin(2 * pi * y);
%! f = @(x, y) 5 * pi^2 * exact(x, y);
%! [u, x, y] = poisson2d(f, 63);
%! assert(max(max(abs(u - exact(x, y)))) < 2e-3);

%!test
%! e = zeros(1, 2); n = [15, 31];
%! for i = 1:2
%!   [u, x, y] = poisson2d(@(x, y) 2 * (x .* (1 - x) + y .* (1 - y)), n(i));
%!   e(i) = max(max(abs(u - x .* (1 - x) .* y .* (1 - y))));
%! end
%! assert(e < 1e-12);   % the five-point formula is exact for this polynomial
