// A Kalman filter for a body that moves with nearly constant velocity in one dimension.
//
// The state is (position, velocity). Only the position is measured.

#include <Eigen/Dense>
#include <cstdio>
#include <random>

struct Estimate {
    Eigen::Vector2d mean;
    Eigen::Matrix2d covariance;
};

class KalmanFilter {
public:
    KalmanFilter(double dt, double acceleration_noise, double measurement_noise)
        : measurement_variance_(measurement_noise * measurement_noise) {
        transition_ << 1.0, dt, 0.0, 1.0;
        const Eigen::Vector2d effect(0.5 * dt * dt, dt);
        process_ = acceleration_noise * acceleration_noise * effect * effect.transpose();
        observe_ << 1.0, 0.0;
    }

    Estimate predict(const Estimate& old) const {
        return {transition_ * old.mean,
                transition_ * old.covariance * transition_.transpose() + process_};
    }

    // Joseph's form keeps the covariance symmetric and positive semidefinite.
    Estimate update(const Estimate& prior, double measured) const {
        const double innovation = measured - (observe_ * prior.mean).value();
        const double variance = (observe_ * prior.covariance * observe_.transpose()).value() + measurement_variance_;
        const Eigen::Vector2d gain = prior.covariance * observe_.transpose() / variance;
        const Eigen::Matrix2d keep = Eigen::Matrix2d::Identity() - gain * observe_;
        return {prior.mean + gain * innovation,
                keep * prior.covariance * keep.transpose() + measurement_variance_ * gain * gain.transpose()};
    }

private:
    Eigen::Matrix2d transition_;
    Eigen::Matrix2d process_;
    Eigen::RowVector2d observe_;
    double measurement_variance_;
};

int main() {
    std::mt19937 random(7);
    std::normal_distribution<double> noise(0.0, 2.0);
    const KalmanFilter filter(0.1, 0.5, 2.0);
    Estimate estimate{Eigen::Vector2d::Zero(), 100.0 * Eigen::Matrix2d::Identity()};
    double raw = 0.0, filtered = 0.0;
    const int steps = 500;
    for (int k = 1; k <= steps; ++k) {
        const double truth = 3.0 * 0.1 * k;
        const double measured = truth + noise(random);
        estimate = filter.update(filter.predict(estimate), measured);
        raw += (measured - truth) * (measured - truth);
        filtered += (estimate.mean(0) - truth) * (estimate.mean(0) - truth);
    }
    std::printf("mean squared error: raw %.3f, filtered %.3f, velocity %.3f\n", raw / steps, filtered / steps, estimate.mean(1));
    return filtered < raw ? 0 : 1;
}
