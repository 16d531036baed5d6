/-!
# Even and odd numbers

Every natural number is even or odd, never both, and the product of two odd numbers is odd.
-/

namespace Warmup

/-- `n` is twice some number. -/
def Even (n : Nat) : Prop := ∃ k, n = 2 * k

/-- `n` is one more than twice some number. -/
def Odd (n : Nat) : Prop := ∃ k, n = 2 * k + 1

theorem even_or_odd (n : Nat) : Even n ∨ Odd n := by
  induction n with
  | zero => exact Or.inl ⟨0, rfl⟩
  | succ n ih =>
    cases ih with
    | inl h =>
      obtain ⟨k, hk⟩ := h
      exact Or.inr ⟨k, by omega⟩
    | inr h =>
      obtain ⟨k, hk⟩ := h
      exact Or.inl ⟨k + 1, by omega⟩

theorem not_even_and_odd (n : Nat) : ¬ (Even n ∧ Odd n) := by
  intro ⟨⟨k, hk⟩, ⟨m, hm⟩⟩
  omega

theorem even_add_even {m n : Nat} (hm : Even m) (hn : Even n) : Even (m + n) := by
  obtain ⟨k, hk⟩ := hm
  obtain ⟨l, hl⟩ := hn
  exact ⟨k + l, by omega⟩

theorem odd_add_odd {m n : Nat} (hm : Odd m) (hn : Odd n) : Even (m + n) := by
  obtain ⟨k, hk⟩ := hm
  obtain ⟨l, hl⟩ := hn
  exact ⟨k + l + 1, by omega⟩

theorem even_mul {m : Nat} (n : Nat) (hm : Even m) : Even (m * n) := by
  obtain ⟨k, hk⟩ := hm
  exact ⟨k * n, by rw [hk, Nat.mul_assoc]⟩

theorem odd_mul_odd {m n : Nat} (hm : Odd m) (hn : Odd n) : Odd (m * n) := by
  obtain ⟨k, hk⟩ := hm
  obtain ⟨l, hl⟩ := hn
  refine ⟨k * n + l, ?_⟩
  calc
    m * n = (2 * k + 1) * n := by rw [hk]
    _ = 2 * (k * n) + n := by rw [Nat.add_mul, Nat.one_mul, Nat.mul_assoc]
    _ = 2 * (k * n + l) + 1 := by omega

end Warmup
