-- Addition and multiplication of natural numbers, from scratch.
module Naturals where

data ℕ : Set where
  zero : ℕ
  suc  : ℕ → ℕ

infix  4 _≡_
infixl 6 _+_
infixl 7 _*_

data _≡_ {A : Set} (x : A) : A → Set where
  refl : x ≡ x

sym : {A : Set} {x y : A} → x ≡ y → y ≡ x
sym refl = refl

trans : {A : Set} {x y z : A} → x ≡ y → y ≡ z → x ≡ z
trans refl q = q

cong : {A B : Set} (f : A → B) {x y : A} → x ≡ y → f x ≡ f y
cong f refl = refl

_+_ : ℕ → ℕ → ℕ
zero  + n = n
suc m + n = suc (m + n)

_*_ : ℕ → ℕ → ℕ
zero  * n = zero
suc m * n = n + m * n

+-zero : (m : ℕ) → m + zero ≡ m
+-zero zero    = refl
+-zero (suc m) = cong suc (+-zero m)

+-suc : (m n : ℕ) → m + suc n ≡ suc (m + n)
+-suc zero    n = refl
+-suc (suc m) n = cong suc (+-suc m n)

+-assoc : (m n p : ℕ) → (m + n) + p ≡ m + (n + p)
+-assoc zero    n p = refl
+-assoc (suc m) n p = cong suc (+-assoc m n p)

+-comm : (m n : ℕ) → m + n ≡ n + m
+-comm zero    n = sym (+-zero n)
+-comm (suc m) n = trans (cong suc (+-comm m n)) (sym (+-suc n m))

-- Multiplication distributes over addition from the right.
*-distrib-+ : (m n p : ℕ) → (m + n) * p ≡ m * p + n * p
*-distrib-+ zero    n p = refl
*-distrib-+ (suc m) n p =
  trans (cong (p +_) (*-distrib-+ m n p)) (sym (+-assoc p (m * p) (n * p)))

*-assoc : (m n p : ℕ) → (m * n) * p ≡ m * (n * p)
*-assoc zero    n p = refl
*-assoc (suc m) n p =
  trans (*-distrib-+ n (m * n) p) (cong (n * p +_) (*-assoc m n p))
