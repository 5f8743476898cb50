-- Heads of the deployments, folded from the events of the topic by the service's own rules (event-store/src/domain): one row a
-- deployment. What the topic repeats counts once, and tombstones, which stand for events that could not be published, do not count.

WITH messages AS (
  SELECT
    JSON_VALUE(attributes, '$.deployment_id') AS deployment_id,
    SAFE_CAST(JSON_VALUE(attributes, '$."ce-sequence"') AS INT64) AS sequence,
    data,
    publish_time,
    message_id
  FROM `${events}`
  WHERE JSON_VALUE(attributes, '$."ce-type"') != 'activityevents.tombstone'
),

-- The copy that was published last is nearest to what is stored.
copies AS (
  SELECT
    *,
    ROW_NUMBER() OVER (PARTITION BY deployment_id, sequence ORDER BY publish_time DESC, message_id DESC) AS copy
  FROM messages
),

-- Times in microseconds since 1970. Digits beyond microseconds are cut off.
events AS (
  SELECT
    deployment_id,
    sequence,
    JSON_VALUE(data, '$.type') AS type,
    COALESCE(REPLACE(JSON_VALUE(data, '$.outcome'), 'OUTCOME_', ''), 'UNSPECIFIED') AS outcome,
    NULLIF(JSON_VALUE(data, '$.environment'), '') AS environment,
    NULLIF(JSON_VALUE(data, '$.service'), '') AS service,
    NULLIF(JSON_VALUE(data, '$.revision'), '') AS revision,
    NULLIF(JSON_VALUE(data, '$.actor'), '') AS actor,
    NULLIF(JSON_VALUE(data, '$.commit'), '') AS commit_id,
    NULLIF(JSON_VALUE(data, '$.url'), '') AS url,
    UNIX_MICROS(CAST(JSON_VALUE(data, '$.receiveTime') AS TIMESTAMP)) AS receive_us,
    UNIX_MICROS(CAST(REGEXP_REPLACE(JSON_VALUE(data, '$.sendTime'), r'([.][0-9]{6})[0-9]+', r'\1') AS TIMESTAMP)) AS send_us,
    UNIX_MICROS(CAST(REGEXP_REPLACE(JSON_VALUE(data, '$.commitTime'), r'([.][0-9]{6})[0-9]+', r'\1') AS TIMESTAMP)) AS commit_us
  FROM copies
  WHERE copy = 1
),

-- A send time is usable from the year 2000 up to 5 minutes after the receive time. Only some types leave a time in the head.
judged AS (
  SELECT
    *,
    COALESCE(send_us >= 946684800000000 AND send_us <= receive_us + 300000000, FALSE) AS is_sent,
    type IN (
      'deployment.queued', 'deployment.started', 'deployment.progress', 'deployment.finished', 'deployment.rolledback',
      'incident.opened', 'incident.resolved', 'service.removed'
    ) AS is_kept
  FROM events
),

-- The event time of an event without a usable send time is the receive time, but at least 1 µs after the greatest time that was
-- kept before. With n such kept events so far, the greatest kept time is n plus the greatest of (time - n) of each kept event.
counted AS (
  SELECT
    *,
    COUNT(IF(is_kept AND NOT is_sent, 1, NULL)) OVER (
      PARTITION BY deployment_id ORDER BY sequence ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
    ) AS unsent
  FROM judged
),

followed AS (
  SELECT
    *,
    MAX(IF(is_kept, IF(is_sent, send_us, receive_us) - unsent, NULL)) OVER (
      PARTITION BY deployment_id ORDER BY sequence ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
    ) AS kept_us,
    LAST_VALUE(commit_id IGNORE NULLS) OVER (
      PARTITION BY deployment_id ORDER BY sequence ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
    ) AS commit_before
  FROM counted
),

-- A commit time counts until another commit, or another time, follows.
settled AS (
  SELECT
    *,
    IF(is_sent, send_us, kept_us + unsent) AS time_us,
    CASE outcome WHEN 'FAILURE' THEN 4 WHEN 'ERROR' THEN 3 WHEN 'CANCELED' THEN 2 WHEN 'SUCCESS' THEN 1 ELSE 0 END AS outcome_weight,
    commit_us IS NOT NULL OR COALESCE(commit_id != COALESCE(commit_before, ''), FALSE) AS sets_commit_time
  FROM followed
),

timed AS (
  SELECT
    *,
    MAX(IF(sets_commit_time, sequence, NULL)) OVER (PARTITION BY deployment_id) AS commit_time_sequence
  FROM settled
),

folded AS (
  SELECT
    deployment_id,
    MAX(sequence) AS head_sequence,
    MAX(sequence) - COUNT(*) AS missing_events,
    ARRAY_AGG(environment IGNORE NULLS ORDER BY sequence DESC)[SAFE_OFFSET(0)] AS environment,
    ARRAY_AGG(service IGNORE NULLS ORDER BY sequence DESC)[SAFE_OFFSET(0)] AS service,
    ARRAY_AGG(revision IGNORE NULLS ORDER BY sequence DESC)[SAFE_OFFSET(0)] AS revision,
    ARRAY_AGG(actor IGNORE NULLS ORDER BY sequence DESC)[SAFE_OFFSET(0)] AS actor,
    ARRAY_AGG(url IGNORE NULLS ORDER BY sequence DESC)[SAFE_OFFSET(0)] AS url,
    ARRAY_AGG(commit_id IGNORE NULLS ORDER BY sequence DESC)[SAFE_OFFSET(0)] AS commit_id,
    MAX(IF(sequence = commit_time_sequence, commit_us, NULL)) AS commit_us,
    ARRAY_AGG(receive_us ORDER BY sequence)[SAFE_OFFSET(0)] AS create_us,
    MAX(receive_us) AS update_us,
    MAX(IF(type = 'deployment.queued', time_us, NULL)) AS queued_us,
    MAX(IF(type = 'deployment.started', time_us, NULL)) AS started_us,
    MAX(IF(type = 'deployment.progress', time_us, NULL)) AS progress_us,
    MAX(IF(type = 'deployment.finished', time_us, NULL)) AS finished_us,
    ARRAY_AGG(IF(type = 'deployment.finished', outcome, NULL) IGNORE NULLS ORDER BY time_us DESC, outcome_weight DESC)[SAFE_OFFSET(0)] AS finished_outcome,
    MAX(IF(type = 'deployment.rolledback', time_us, NULL)) AS rolled_back_us,
    MIN(IF(
      type IN ('deployment.rolledback', 'incident.opened') OR (type = 'deployment.finished' AND outcome = 'FAILURE'), time_us, NULL
    )) AS failure_us,
    MAX(IF(type = 'incident.opened', time_us, NULL)) AS incident_us,
    MAX(IF(type = 'incident.resolved', time_us, NULL)) AS recover_us,
    MAX(IF(type = 'service.removed', time_us, NULL)) AS remove_us
  FROM timed
  GROUP BY deployment_id
),

-- The kind with the latest time; at equal times the later one in a deployment's life.
latest AS (
  SELECT
    *,
    GREATEST(COALESCE(queued_us, -1), COALESCE(started_us, -1), COALESCE(finished_us, -1), COALESCE(rolled_back_us, -1)) AS latest_us
  FROM folded
),

lived AS (
  SELECT
    *,
    CASE
      WHEN rolled_back_us = latest_us THEN 'ROLLED_BACK'
      WHEN finished_us = latest_us THEN 'FINISHED'
      WHEN started_us = latest_us THEN 'RUNNING'
      WHEN progress_us > latest_us THEN 'RUNNING'
      WHEN queued_us = latest_us THEN 'QUEUED'
    END AS state
  FROM latest
)

SELECT
  deployment_id,
  head_sequence,
  missing_events,
  state,
  CASE state WHEN 'ROLLED_BACK' THEN 'FAILURE' WHEN 'FINISHED' THEN finished_outcome END AS outcome,
  COALESCE(environment, '') AS environment,
  COALESCE(service, '') AS service,
  COALESCE(revision, '') AS revision,
  COALESCE(actor, '') AS actor,
  COALESCE(commit_id, '') AS `commit`,
  COALESCE(url, '') AS url,
  TIMESTAMP_MICROS(commit_us) AS commit_time,
  TIMESTAMP_MICROS(create_us) AS create_time,
  TIMESTAMP_MICROS(update_us) AS update_time,
  TIMESTAMP_MICROS(started_us) AS start_time,
  TIMESTAMP_MICROS(
    IF(state IN ('FINISHED', 'ROLLED_BACK') AND finished_us >= COALESCE(started_us, finished_us), finished_us, NULL)
  ) AS finish_time,
  TIMESTAMP_MICROS(failure_us) AS failure_time,
  TIMESTAMP_MICROS(IF(recover_us >= incident_us, NULL, incident_us)) AS incident_time,
  TIMESTAMP_MICROS(recover_us) AS recover_time,
  TIMESTAMP_MICROS(remove_us) AS remove_time
FROM lived
