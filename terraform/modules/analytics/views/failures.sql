-- Failures, open and over: one row for each deployment that failed. A failure ends with the resolution of its incident or with the
-- next success of its service and environment, whichever is earlier and later than the failure; at equal times with the resolution.

WITH moments AS (
  SELECT deployment_id, service, environment, UNIX_MICROS(failure_time) AS time_us, UNIX_MICROS(recover_time) AS recover_us, NULL AS success_us
  FROM `${deployments}`
  WHERE failure_time IS NOT NULL
  UNION ALL
  SELECT deployment_id, service, environment, UNIX_MICROS(finish_time), NULL, UNIX_MICROS(finish_time)
  FROM `${deployments}`
  WHERE state = 'FINISHED' AND outcome = 'SUCCESS' AND finish_time IS NOT NULL
),

followed AS (
  SELECT
    *,
    MIN(success_us) OVER (
      PARTITION BY service, environment ORDER BY time_us RANGE BETWEEN 1 FOLLOWING AND UNBOUNDED FOLLOWING
    ) AS next_success_us
  FROM moments
),

failures AS (
  SELECT
    *,
    CASE
      WHEN recover_us > time_us AND recover_us <= COALESCE(next_success_us, recover_us) THEN 'RESOLUTION'
      WHEN next_success_us IS NOT NULL THEN 'SUCCESS'
    END AS ended_by
  FROM followed
  WHERE success_us IS NULL
)

SELECT
  deployment_id,
  service,
  environment,
  TIMESTAMP_MICROS(time_us) AS failure_time,
  ended_by,
  TIMESTAMP_MICROS(CASE ended_by WHEN 'RESOLUTION' THEN recover_us WHEN 'SUCCESS' THEN next_success_us END) AS end_time,
  CASE ended_by WHEN 'RESOLUTION' THEN recover_us WHEN 'SUCCESS' THEN next_success_us END - time_us AS recovery_us
FROM failures
