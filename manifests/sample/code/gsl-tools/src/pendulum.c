/* Period of a pendulum: numerical integration of the equation of motion with GSL, compared with
 * the complete elliptic integral. The angle obeys theta'' = -sin(theta). */

#include <math.h>
#include <stdio.h>

#include <gsl/gsl_errno.h>
#include <gsl/gsl_odeiv2.h>
#include <gsl/gsl_sf_ellint.h>

static int pendulum(double t, const double y[], double dydt[], void *params)
{
    (void)t;
    (void)params;
    dydt[0] = y[1];
    dydt[1] = -sin(y[0]);
    return GSL_SUCCESS;
}

/* Time until the pendulum, released at rest at the angle `amplitude`, first passes the lowest
 * point. A quarter of the period. Returns a negative value if the solver fails. */
static double quarter_period(double amplitude)
{
    gsl_odeiv2_system system = {pendulum, NULL, 2, NULL};
    gsl_odeiv2_driver *driver =
        gsl_odeiv2_driver_alloc_y_new(&system, gsl_odeiv2_step_rk8pd, 1e-3, 1e-12, 1e-12);
    double t = 0.0, y[2] = {amplitude, 0.0};
    const double step = 1e-3;
    double result = -1.0;

    while (t < 100.0) {
        double before_t = t, before = y[0];
        if (gsl_odeiv2_driver_apply(driver, &t, t + step, y) != GSL_SUCCESS)
            break;
        if (y[0] <= 0.0) { /* crossed: linear interpolation is good to about step^3 here */
            result = before_t + step * before / (before - y[0]);
            break;
        }
    }
    gsl_odeiv2_driver_free(driver);
    return result;
}

int main(void)
{
    printf("amplitude   integrated     elliptic       small-angle\n");
    for (int degrees = 10; degrees <= 170; degrees += 40) {
        double amplitude = degrees * M_PI / 180.0;
        double exact = 4.0 * gsl_sf_ellint_Kcomp(sin(amplitude / 2.0), GSL_PREC_DOUBLE);
        printf("%6d      %.9f   %.9f   %.9f\n", degrees, 4.0 * quarter_period(amplitude), exact, 2.0 * M_PI);
    }
    return 0;
}
