(** Insertion sort returns a sorted list that is a permutation of its input. *)

Require Import List Arith Lia Permutation.
Import ListNotations.

Fixpoint insert (n : nat) (xs : list nat) : list nat :=
  match xs with
  | [] => [n]
  | x :: rest => if n <=? x then n :: x :: rest else x :: insert n rest
  end.

Fixpoint isort (xs : list nat) : list nat :=
  match xs with
  | [] => []
  | x :: rest => insert x (isort rest)
  end.

Inductive sorted : list nat -> Prop :=
  | sorted_nil : sorted []
  | sorted_one : forall x, sorted [x]
  | sorted_cons : forall x y rest, x <= y -> sorted (y :: rest) -> sorted (x :: y :: rest).

Lemma insert_sorted : forall n xs, sorted xs -> sorted (insert n xs).
Proof.
  intros n xs H. induction H as [| x | x y rest Hxy Hrest IH]; simpl.
  - constructor.
  - destruct (Nat.leb_spec n x); constructor; try constructor; lia.
  - destruct (Nat.leb_spec n x).
    + constructor; [lia | constructor; assumption].
    + revert IH. simpl. destruct (Nat.leb_spec n y); intros IH.
      * constructor; [lia | constructor; [lia | assumption]].
      * constructor; [assumption | assumption].
Qed.

Theorem isort_sorted : forall xs, sorted (isort xs).
Proof.
  induction xs as [| x rest IH]; simpl.
  - constructor.
  - apply insert_sorted. exact IH.
Qed.

Lemma insert_perm : forall n xs, Permutation (n :: xs) (insert n xs).
Proof.
  intros n xs. induction xs as [| x rest IH]; simpl.
  - apply Permutation_refl.
  - destruct (n <=? x).
    + apply Permutation_refl.
    + apply perm_trans with (x :: n :: rest).
      * apply perm_swap.
      * apply perm_skip. exact IH.
Qed.

Theorem isort_perm : forall xs, Permutation xs (isort xs).
Proof.
  induction xs as [| x rest IH]; simpl.
  - apply Permutation_refl.
  - apply perm_trans with (x :: isort rest).
    + apply perm_skip. exact IH.
    + apply insert_perm.
Qed.
