(** Reversal of lists: the quadratic definition, the linear one, and a proof that they agree. *)

Require Import List.
Require Import Arith.
Import ListNotations.

Section Reverse.
  Variable A : Type.

  (** Append, written out so that the file explains itself. *)
  Fixpoint app (xs ys : list A) : list A :=
    match xs with
    | [] => ys
    | x :: rest => x :: app rest ys
    end.

  Fixpoint rev (xs : list A) : list A :=
    match xs with
    | [] => []
    | x :: rest => app (rev rest) [x]
    end.

  (** Moves the elements of [xs] onto [acc] one by one. *)
  Fixpoint rev_onto (xs acc : list A) : list A :=
    match xs with
    | [] => acc
    | x :: rest => rev_onto rest (x :: acc)
    end.

  Lemma app_nil_r : forall xs, app xs [] = xs.
  Proof.
    induction xs as [| x rest IH]; simpl.
    - reflexivity.
    - rewrite IH. reflexivity.
  Qed.

  Lemma app_assoc : forall xs ys zs, app (app xs ys) zs = app xs (app ys zs).
  Proof.
    intros xs ys zs. induction xs as [| x rest IH]; simpl.
    - reflexivity.
    - rewrite IH. reflexivity.
  Qed.

  Lemma rev_app : forall xs ys, rev (app xs ys) = app (rev ys) (rev xs).
  Proof.
    intros xs ys. induction xs as [| x rest IH]; simpl.
    - rewrite app_nil_r. reflexivity.
    - rewrite IH. rewrite app_assoc. reflexivity.
  Qed.

  Theorem rev_involutive : forall xs, rev (rev xs) = xs.
  Proof.
    induction xs as [| x rest IH]; simpl.
    - reflexivity.
    - rewrite rev_app. simpl. rewrite IH. reflexivity.
  Qed.

  Lemma rev_onto_spec : forall xs acc, rev_onto xs acc = app (rev xs) acc.
  Proof.
    induction xs as [| x rest IH]; intros acc; simpl.
    - reflexivity.
    - rewrite IH. rewrite app_assoc. simpl. reflexivity.
  Qed.

  (** The fast version is correct. It is a pragmatic choice: linear time. *)
  Theorem rev_onto_nil : forall xs, rev_onto xs [] = rev xs.
  Proof.
    intros xs. rewrite rev_onto_spec. apply app_nil_r.
  Qed.
End Reverse.
