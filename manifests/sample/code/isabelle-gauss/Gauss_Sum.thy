theory Gauss_Sum
  imports Main
begin

section \<open>Sums of powers\<close>

text \<open>
  The sum of the first natural numbers, of their cubes, and the classical identity that relates the
  two: the sum of the cubes is the square of the sum.
\<close>

lemma gauss_sum: "2 * (\<Sum>i\<le>n. i) = n * (n + 1)" for n :: nat
proof (induction n)
  case 0
  show ?case by simp
next
  case (Suc n)
  have "2 * (\<Sum>i\<le>Suc n. i) = 2 * (\<Sum>i\<le>n. i) + 2 * Suc n" by simp
  also have "\<dots> = n * (n + 1) + 2 * Suc n" using Suc.IH by simp
  also have "\<dots> = Suc n * (Suc n + 1)" by (simp add: algebra_simps)
  finally show ?case .
qed

lemma sum_of_cubes: "4 * (\<Sum>i\<le>n. i ^ 3) = (n * (n + 1)) ^ 2" for n :: nat
  by (induction n) (auto simp: power2_eq_square power3_eq_cube algebra_simps)

theorem nicomachus: "(\<Sum>i\<le>n. i ^ 3) = (\<Sum>i\<le>n. i) ^ 2" for n :: nat
proof -
  have "4 * (\<Sum>i\<le>n. i ^ 3) = (2 * (\<Sum>i\<le>n. i)) ^ 2"
    using gauss_sum[of n] sum_of_cubes[of n] by simp
  also have "\<dots> = 4 * (\<Sum>i\<le>n. i) ^ 2" by (simp add: power_mult_distrib)
  finally show ?thesis by simp
qed

lemma odd_sum: "(\<Sum>i<n. 2 * i + 1) = n ^ 2" for n :: nat
  by (induction n) (auto simp: power2_eq_square algebra_simps)

end
