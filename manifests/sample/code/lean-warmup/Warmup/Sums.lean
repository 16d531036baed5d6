/-!
# Two sums

The sum of the first `n` positive integers and the sum of the first `n` odd numbers, by induction.
Only core Lean is used.
-/

namespace Warmup

/-- `sumTo n = 1 + 2 + ... + n`. -/
def sumTo : Nat → Nat
  | 0 => 0
  | n + 1 => sumTo n + (n + 1)

/-- Gauss's formula, without division. -/
theorem two_mul_sumTo (n : Nat) : 2 * sumTo n = n * (n + 1) := by
  induction n with
  | zero => rfl
  | succ n ih =>
    calc
      2 * sumTo (n + 1) = 2 * sumTo n + 2 * (n + 1) := by rw [sumTo, Nat.mul_add]
      _ = n * (n + 1) + 2 * (n + 1) := by rw [ih]
      _ = (n + 2) * (n + 1) := by rw [← Nat.add_mul]
      _ = (n + 1) * (n + 2) := Nat.mul_comm _ _

/-- `oddSum n = 1 + 3 + ... + (2 * n - 1)`. -/
def oddSum : Nat → Nat
  | 0 => 0
  | n + 1 => oddSum n + (2 * n + 1)

/-- The sum of the first `n` odd numbers is a square. -/
theorem oddSum_eq_sq (n : Nat) : oddSum n = n * n := by
  induction n with
  | zero => rfl
  | succ n ih =>
    have h : (n + 1) * (n + 1) = n * n + 2 * n + 1 := by
      rw [Nat.add_mul, Nat.mul_add, Nat.one_mul, Nat.mul_one]
      omega
    rw [oddSum, ih, h, Nat.add_assoc]

/-- The sums grow: a larger number of terms gives a larger sum. -/
theorem sumTo_lt_succ (n : Nat) : sumTo n < sumTo (n + 1) := by
  show sumTo n < sumTo n + (n + 1)
  omega

example : sumTo 10 = 55 := rfl

end Warmup
