-- The five delivery metrics of the last 7, 30 and 90 days: one row for each service, environment and window. The metrics service
-- computes the same (metrics-service/src/delivery); docs/delivery-metrics.md defines them.

WITH windows AS (
  SELECT
    days AS window_days,
    TIMESTAMP_SUB(CURRENT_TIMESTAMP(), INTERVAL days * 24 HOUR) AS from_time,
    CURRENT_TIMESTAMP() AS to_time
  FROM UNNEST([7, 30, 90]) AS days
),

-- Successes that ended a failure, by their time.
endings AS (
  SELECT DISTINCT service, environment, end_time
  FROM `${failures}`
  WHERE ended_by = 'SUCCESS'
),

facts AS (
  SELECT
    windows.window_days,
    deployments.service,
    deployments.environment,
    deployments.outcome,
    deployments.commit_time,
    deployments.finish_time,
    failures.ended_by,
    failures.recovery_us,
    endings.end_time IS NOT NULL AS ends_failure,
    COALESCE(
      deployments.state = 'FINISHED' AND deployments.finish_time >= windows.from_time AND deployments.finish_time < windows.to_time, FALSE
    ) AS finished,
    failures.failure_time IS NOT NULL AS has_failed,
    COALESCE(failures.failure_time >= windows.from_time AND failures.failure_time < windows.to_time, FALSE) AS failed
  FROM `${deployments}` AS deployments
  CROSS JOIN windows
  LEFT JOIN `${failures}` AS failures ON failures.deployment_id = deployments.deployment_id
  LEFT JOIN endings
    ON endings.service = deployments.service
    AND endings.environment = deployments.environment
    AND endings.end_time = deployments.finish_time
),

judged AS (
  SELECT
    *,
    finished AND outcome = 'SUCCESS' AS succeeded,
    IF(
      finished AND outcome = 'SUCCESS' AND commit_time <= finish_time, TIMESTAMP_DIFF(finish_time, commit_time, MICROSECOND), NULL
    ) AS lead_time_us,
    IF(failed, recovery_us, NULL) AS recovery_time_us
  FROM facts
),

-- Ranks among those of the same service, environment and window that have one.
ranked AS (
  SELECT
    *,
    ROW_NUMBER() OVER (PARTITION BY service, environment, window_days, lead_time_us IS NULL ORDER BY lead_time_us) AS lead_rank,
    COUNT(lead_time_us) OVER (PARTITION BY service, environment, window_days) AS lead_times,
    ROW_NUMBER() OVER (PARTITION BY service, environment, window_days, recovery_time_us IS NULL ORDER BY recovery_time_us) AS recovery_rank,
    COUNT(recovery_time_us) OVER (PARTITION BY service, environment, window_days) AS recovery_times
  FROM judged
)

-- Median and 90th percentile by nearest rank: the least value such that at least this share of all is not greater.
SELECT
  service,
  environment,
  window_days,
  COUNTIF(succeeded) AS succeeded,
  COUNTIF(succeeded) / window_days AS succeeded_per_day,
  MIN(IF(lead_rank * 2 >= lead_times, lead_time_us, NULL)) / 1000000 AS lead_time_median_seconds,
  MIN(IF(lead_rank * 10 >= lead_times * 9, lead_time_us, NULL)) / 1000000 AS lead_time_p90_seconds,
  COUNT(lead_time_us) AS with_lead_time,
  COUNTIF(succeeded AND commit_time IS NULL) AS without_commit_time,
  COUNTIF(succeeded AND commit_time > finish_time) AS commit_after_finish,
  SAFE_DIVIDE(COUNTIF(failed), COUNTIF(succeeded OR failed)) AS change_fail_ratio,
  COUNTIF(failed) AS failed,
  COUNTIF(succeeded OR failed) AS succeeded_or_failed,
  MIN(IF(recovery_rank * 2 >= recovery_times, recovery_time_us, NULL)) / 1000000 AS recovery_time_median_seconds,
  MIN(IF(recovery_rank * 10 >= recovery_times * 9, recovery_time_us, NULL)) / 1000000 AS recovery_time_p90_seconds,
  COUNT(recovery_time_us) AS recovered,
  COUNTIF(failed AND ended_by = 'RESOLUTION') AS ended_by_resolution,
  COUNTIF(failed AND ended_by = 'SUCCESS') AS ended_by_success,
  COUNTIF(failed AND ended_by IS NULL) AS open_failures,
  SAFE_DIVIDE(COUNTIF(succeeded AND ends_failure), COUNTIF(succeeded)) AS rework_ratio,
  COUNTIF(succeeded AND ends_failure) AS rework,
  COUNTIF(finished AND outcome = 'CANCELED' AND NOT has_failed) AS canceled,
  COUNTIF(finished AND outcome = 'ERROR' AND NOT has_failed) AS error
FROM ranked
GROUP BY service, environment, window_days
