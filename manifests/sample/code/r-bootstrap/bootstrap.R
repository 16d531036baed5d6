# Confidence intervals for a statistic by resampling.

#' Bootstrap replicates of `statistic` on the numeric vector `x`.
#' Each replicate draws length(x) values with replacement.
bootstrap <- function(x, statistic, replicates = 2000) {
  stopifnot(is.numeric(x), length(x) > 1, replicates >= 1)
  vapply(seq_len(replicates), function(i) {
    statistic(sample(x, replace = TRUE))
  }, numeric(1))
}

#' Percentile interval: cut off alpha/2 of the replicates on either side.
percentile_interval <- function(values, level = 0.95) {
  alpha <- 1 - level
  quantile(values, c(alpha / 2, 1 - alpha / 2), names = FALSE)
}

#' Bias-corrected interval: shift the percentiles by the share of
#' replicates that lie below the estimate.
bias_corrected_interval <- function(values, estimate, level = 0.95) {
  z0 <- qnorm(mean(values < estimate))
  alpha <- 1 - level
  probs <- pnorm(2 * z0 + qnorm(c(alpha / 2, 1 - alpha / 2)))
  quantile(values, probs, names = FALSE)
}

set.seed(1)
x <- rexp(60, rate = 0.5)          # true mean 2, true median 2 * log(2)
for (name in c("mean", "median")) {
  statistic <- get(name)
  values <- bootstrap(x, statistic)
  estimate <- statistic(x)
  cat(sprintf("%-6s  estimate %.3f  standard error %.3f\n", name, estimate, sd(values)))
  cat("        percentile    ", sprintf("%.3f", percentile_interval(values)), "\n")
  cat("        bias corrected", sprintf("%.3f", bias_corrected_interval(values, estimate)), "\n")
}
