-- Sums by region follow premises whose region is corrected, in every grain that regions keep.
-- migrate:up

-- Regions keep other grains than premises, so what moves is added up from the rows, as far as the sums hold them. What leaves one
-- region arrives at the other: the rows that are lessened say which grains and figures are kept. No roll-up runs meanwhile.
CREATE OR REPLACE FUNCTION move_invoice_statistics() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  -- Named one by one, so that the ledger is read by its index of terminals.
  moving text[] := ARRAY(SELECT terminal_id FROM terminal WHERE premises_id = NEW.premises_id);
  staying text[] := ARRAY(SELECT terminal_id FROM terminal JOIN premises USING (premises_id) WHERE region = OLD.region);
BEGIN
  PERFORM pg_advisory_xact_lock(hashtext('invoice_statistics'));
  WITH held AS (
    SELECT at, figure, label, door, times, base, amount, longest_ms FROM invoice_figure
    WHERE terminal_id = ANY (moving)
      AND (recorded_in, number) <= (SELECT recorded_in, number FROM invoice_statistics_mark WHERE source = 'ledger')
    UNION ALL
    SELECT at, figure, label, door, times, base, amount, longest_ms FROM refusal_figure
    WHERE terminal_id = ANY (moving)
      AND (recorded_in, number) <= (SELECT recorded_in, number FROM invoice_statistics_mark WHERE source = 'refused_invoice')
  ), moved AS (
    SELECT figure, grain, date_bin(width, at, 'epoch'::timestamptz) AS start, label, door,
           sum(times) AS times, sum(base) AS base, sum(amount) AS amount, max(longest_ms) AS longest_ms
    FROM held
    CROSS JOIN (VALUES ('quarter', interval '15 minutes'), ('hour', '1 hour'), ('day', '1 day')) AS wanted(grain, width)
    GROUP BY 1, 2, 3, 4, 5
  ), lessened AS (
    UPDATE invoice_statistics AS kept
    SET times = kept.times - moved.times, base = kept.base - moved.base, amount = kept.amount - moved.amount
    FROM moved
    WHERE kept.level = 'region' AND kept.unit = OLD.region AND kept.figure = moved.figure AND kept.grain = moved.grain
      AND kept.start = moved.start AND kept.label = moved.label AND kept.door = moved.door
    RETURNING moved.*
  )
  INSERT INTO invoice_statistics AS kept (level, unit, figure, grain, start, label, door, times, base, amount, longest_ms)
  SELECT 'region', NEW.region, figure, grain, start, label, door, times, base, amount, longest_ms
  FROM lessened
  ORDER BY figure, grain, start, label, door
  ON CONFLICT (level, unit, figure, grain, start, label, door) DO UPDATE
    SET times = kept.times + EXCLUDED.times, base = kept.base + EXCLUDED.base, amount = kept.amount + EXCLUDED.amount,
        longest_ms = GREATEST(kept.longest_ms, EXCLUDED.longest_ms);
  DELETE FROM invoice_statistics WHERE level = 'region' AND unit = OLD.region AND times = 0;
  -- A longest time can't be taken away: it is looked for among those that stay.
  WITH longest AS (
    SELECT grain, date_bin(width, at, 'epoch'::timestamptz) AS start, label, door, max(longest_ms) AS longest_ms
    FROM invoice_figure
    CROSS JOIN (VALUES ('quarter', interval '15 minutes'), ('hour', '1 hour'), ('day', '1 day')) AS wanted(grain, width)
    WHERE figure = 'waited' AND terminal_id = ANY (staying)
      AND (recorded_in, number) <= (SELECT recorded_in, number FROM invoice_statistics_mark WHERE source = 'ledger')
    GROUP BY 1, 2, 3, 4
  )
  UPDATE invoice_statistics AS kept SET longest_ms = longest.longest_ms
  FROM longest
  WHERE kept.level = 'region' AND kept.unit = OLD.region AND kept.figure = 'waited' AND kept.grain = longest.grain
    AND kept.start = longest.start AND kept.label = longest.label AND kept.door = longest.door
    AND kept.longest_ms <> longest.longest_ms;
  RETURN NULL;
END
$$;

-- Sums that a correction of before has spoiled (it left hours behind, which regions do not keep of these figures) are made anew by the
-- roll-up, from the rows. Reports stay exact meanwhile.
DO $$
BEGIN
  IF EXISTS (
    SELECT FROM invoice_statistics WHERE level = 'region' AND grain = 'hour' AND figure NOT IN ('invoices', 'refused')
  ) THEN
    PERFORM forget_invoice_statistics();
  END IF;
END
$$;

-- migrate:down
CREATE OR REPLACE FUNCTION move_invoice_statistics() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  PERFORM pg_advisory_xact_lock(hashtext('invoice_statistics'));
  INSERT INTO invoice_statistics AS kept (level, unit, figure, grain, start, label, door, times, base, amount, longest_ms)
  SELECT 'region', NEW.region, figure, grain, start, label, door, times, base, amount, longest_ms
  FROM invoice_statistics WHERE level = 'premises' AND unit = NEW.premises_id
  ON CONFLICT (level, unit, figure, grain, start, label, door) DO UPDATE
    SET times = kept.times + EXCLUDED.times, base = kept.base + EXCLUDED.base, amount = kept.amount + EXCLUDED.amount,
        longest_ms = GREATEST(kept.longest_ms, EXCLUDED.longest_ms);
  UPDATE invoice_statistics AS kept
  SET times = kept.times - moved.times, base = kept.base - moved.base, amount = kept.amount - moved.amount,
      -- A longest time can't be taken away: it is looked for among those that stay.
      longest_ms = CASE WHEN kept.longest_ms = 0 THEN 0 ELSE COALESCE((
        SELECT max(staying.longest_ms)
        FROM premises JOIN invoice_statistics AS staying ON staying.level = 'premises' AND staying.unit = premises.premises_id
        WHERE premises.region = OLD.region AND staying.grain = kept.grain AND staying.start = kept.start
          AND staying.figure = kept.figure AND staying.label = kept.label AND staying.door = kept.door), 0) END
  FROM invoice_statistics AS moved
  WHERE moved.level = 'premises' AND moved.unit = NEW.premises_id AND kept.level = 'region' AND kept.unit = OLD.region
    AND kept.grain = moved.grain AND kept.start = moved.start
    AND kept.figure = moved.figure AND kept.label = moved.label AND kept.door = moved.door;
  DELETE FROM invoice_statistics WHERE level = 'region' AND unit = OLD.region AND times = 0;
  RETURN NULL;
END
$$;
