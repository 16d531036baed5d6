-- | Fits polynomials to data points in the sense of least squares.
module LeastSquares (Fit (..), fitPolynomial, evaluate, residualNorm) where

import qualified Numeric.LinearAlgebra as LA

-- | Coefficients of a polynomial, constant term first.
newtype Fit = Fit { coefficients :: [Double] }
  deriving (Show, Eq)

-- | The matrix whose row @i@ is @[1, x_i, x_i^2, ..., x_i^degree]@.
vandermonde :: Int -> [Double] -> LA.Matrix Double
vandermonde degree xs = LA.fromLists [take (degree + 1) (iterate (* x) 1) | x <- xs]

-- | Polynomial of the given degree that minimises the sum of squared errors.
--
-- The normal equations square the condition number, so the problem is solved with an orthogonal
-- factorisation instead. Needs at least @degree + 1@ distinct abscissae.
fitPolynomial :: Int -> [(Double, Double)] -> Fit
fitPolynomial degree points = Fit (LA.toList solution)
  where
    (xs, ys) = unzip points
    solution = vandermonde degree xs LA.<\> LA.fromList ys

-- | Horner's scheme.
evaluate :: Fit -> Double -> Double
evaluate (Fit cs) x = foldr (\c acc -> c + x * acc) 0 cs

-- | Euclidean norm of the residuals.
residualNorm :: Fit -> [(Double, Double)] -> Double
residualNorm fit points = sqrt (sum [(y - evaluate fit x) ^ (2 :: Int) | (x, y) <- points])
