||| Vectors and matrices whose sizes are part of their types.
module Matrix

import Data.Vect

%default total

||| A matrix with `rows` rows and `cols` columns.
public export
Matrix : Nat -> Nat -> Type -> Type
Matrix rows cols a = Vect rows (Vect cols a)

||| Inner product of two vectors of the same length.
export
dot : Num a => Vect n a -> Vect n a -> a
dot xs ys = sum (zipWith (*) xs ys)

||| Rows become columns.
export
flip : {cols : Nat} -> Matrix rows cols a -> Matrix cols rows a
flip [] = replicate cols []
flip (row :: rows) = zipWith (::) row (flip rows)

||| The product is only defined if the inner sizes agree, and the compiler checks it.
export
mul : Num a => {p : Nat} -> Matrix m n a -> Matrix n p a -> Matrix m p a
mul left right = map (\row => map (dot row) columns) left
  where
    columns : Matrix p n a
    columns = flip right

||| Appending a vector adds the lengths.
export
append : Vect m a -> Vect n a -> Vect (m + n) a
append [] ys = ys
append (x :: xs) ys = x :: append xs ys

||| Adding zero on the right changes nothing. This needs a proof by induction.
export
plusZero : (n : Nat) -> n + 0 = n
plusZero Z = Refl
plusZero (S k) = cong S (plusZero k)
