! Heat equation u_t = u_xx on (0,1) with zero boundary values, by the method of Crank and Nicolson.
! The tridiagonal systems are solved with Thomas's algorithm. The initial value sin(pi x) decays
! like exp(-pi**2 t), which is used as a check.
program heat
  implicit none
  integer, parameter :: dp = kind(1.0d0)
  integer, parameter :: n = 99, steps = 200
  real(dp), parameter :: t_end = 0.1_dp, pi = 3.14159265358979323846_dp
  real(dp) :: u(n), rhs(n), x, h, dt, r, exact, error
  integer :: i, k

  h = 1.0_dp / (n + 1)
  dt = t_end / steps
  r = dt / (2.0_dp * h**2)
  do i = 1, n
    x = i * h
    u(i) = sin(pi * x)
  end do

  do k = 1, steps
    do i = 1, n
      rhs(i) = (1.0_dp - 2.0_dp * r) * u(i)
      if (i > 1) rhs(i) = rhs(i) + r * u(i - 1)
      if (i < n) rhs(i) = rhs(i) + r * u(i + 1)
    end do
    call solve_tridiagonal(-r, 1.0_dp + 2.0_dp * r, rhs, u)
  end do

  error = 0.0_dp
  do i = 1, n
    exact = exp(-pi**2 * t_end) * sin(pi * i * h)
    error = max(error, abs(u(i) - exact))
  end do
  print '(a, es10.3)', 'largest error: ', error

contains

  ! Solves the system with constant diagonal `d` and constant off-diagonals `e`.
  subroutine solve_tridiagonal(e, d, b, x)
    real(dp), intent(in) :: e, d, b(:)
    real(dp), intent(out) :: x(:)
    real(dp) :: upper(size(b)), pivot
    integer :: j, m

    m = size(b)
    pivot = d
    x(1) = b(1) / pivot
    do j = 2, m
      upper(j - 1) = e / pivot
      pivot = d - e * upper(j - 1)
      x(j) = (b(j) - e * x(j - 1)) / pivot
    end do
    do j = m - 1, 1, -1
      x(j) = x(j) - upper(j) * x(j + 1)
    end do
  end subroutine solve_tridiagonal

end program heat
