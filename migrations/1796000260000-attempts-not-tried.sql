-- An invoice that was not even tried, because the line was known to be down, waits like one that failed (docs/decisions/0038).
-- migrate:up
CREATE OR REPLACE FUNCTION note_waiting_invoices() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO waiting_invoice AS known (terminal_id, invoice_id, first_at, last_at, last_cause, attempts, is_refused)
  SELECT entry.terminal_id, entry.invoice_id, min(entry.at) FILTER (WHERE entry.outcome <> 'refused'),
         max(entry.at) FILTER (WHERE entry.outcome <> 'refused'),
         (array_agg(entry.cause ORDER BY entry.at DESC) FILTER (WHERE entry.outcome <> 'refused'))[1],
         count(*) FILTER (WHERE entry.outcome <> 'refused'), bool_or(entry.outcome = 'refused')
  FROM new_entry AS entry
  WHERE entry.outcome IN ('failed', 'deferred', 'not_authenticated', 'not_tried', 'refused')
    AND NOT EXISTS (
      SELECT FROM ledger WHERE ledger.terminal_id = entry.terminal_id AND ledger.invoice_id = entry.invoice_id
    )
  GROUP BY entry.terminal_id, entry.invoice_id
  ORDER BY entry.terminal_id, entry.invoice_id
  ON CONFLICT (terminal_id, invoice_id) DO UPDATE
    SET first_at = LEAST(known.first_at, EXCLUDED.first_at),
        last_at = GREATEST(known.last_at, EXCLUDED.last_at),
        last_cause = CASE WHEN known.last_at > EXCLUDED.last_at THEN known.last_cause ELSE COALESCE(EXCLUDED.last_cause, known.last_cause) END,
        attempts = known.attempts + EXCLUDED.attempts,
        is_refused = known.is_refused OR EXCLUDED.is_refused;
  RETURN NULL;
END
$$;

CREATE OR REPLACE FUNCTION collect_waiting_invoices() RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp AS $$
  LOCK TABLE transaction_log_entry IN SHARE ROW EXCLUSIVE MODE;
  DELETE FROM waiting_invoice;
  INSERT INTO waiting_invoice (terminal_id, invoice_id, first_at, last_at, last_cause, attempts, is_refused)
  SELECT entry.terminal_id, entry.invoice_id, min(entry.at) FILTER (WHERE entry.outcome <> 'refused'),
         max(entry.at) FILTER (WHERE entry.outcome <> 'refused'),
         (array_agg(entry.cause ORDER BY entry.at DESC) FILTER (WHERE entry.outcome <> 'refused'))[1],
         count(*) FILTER (WHERE entry.outcome <> 'refused'), bool_or(entry.outcome = 'refused')
  FROM transaction_log_entry AS entry
  WHERE entry.outcome IN ('failed', 'deferred', 'not_authenticated', 'not_tried', 'refused')
    AND NOT EXISTS (
      SELECT FROM ledger WHERE ledger.terminal_id = entry.terminal_id AND ledger.invoice_id = entry.invoice_id
    )
  GROUP BY entry.terminal_id, entry.invoice_id;
$$;

-- migrate:down
CREATE OR REPLACE FUNCTION note_waiting_invoices() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO waiting_invoice AS known (terminal_id, invoice_id, first_at, last_at, last_cause, attempts, is_refused)
  SELECT entry.terminal_id, entry.invoice_id, min(entry.at) FILTER (WHERE entry.outcome <> 'refused'),
         max(entry.at) FILTER (WHERE entry.outcome <> 'refused'),
         (array_agg(entry.cause ORDER BY entry.at DESC) FILTER (WHERE entry.outcome <> 'refused'))[1],
         count(*) FILTER (WHERE entry.outcome <> 'refused'), bool_or(entry.outcome = 'refused')
  FROM new_entry AS entry
  WHERE entry.outcome IN ('failed', 'deferred', 'not_authenticated', 'refused')
    AND NOT EXISTS (
      SELECT FROM ledger WHERE ledger.terminal_id = entry.terminal_id AND ledger.invoice_id = entry.invoice_id
    )
  GROUP BY entry.terminal_id, entry.invoice_id
  ORDER BY entry.terminal_id, entry.invoice_id
  ON CONFLICT (terminal_id, invoice_id) DO UPDATE
    SET first_at = LEAST(known.first_at, EXCLUDED.first_at),
        last_at = GREATEST(known.last_at, EXCLUDED.last_at),
        last_cause = CASE WHEN known.last_at > EXCLUDED.last_at THEN known.last_cause ELSE COALESCE(EXCLUDED.last_cause, known.last_cause) END,
        attempts = known.attempts + EXCLUDED.attempts,
        is_refused = known.is_refused OR EXCLUDED.is_refused;
  RETURN NULL;
END
$$;

CREATE OR REPLACE FUNCTION collect_waiting_invoices() RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp AS $$
  LOCK TABLE transaction_log_entry IN SHARE ROW EXCLUSIVE MODE;
  DELETE FROM waiting_invoice;
  INSERT INTO waiting_invoice (terminal_id, invoice_id, first_at, last_at, last_cause, attempts, is_refused)
  SELECT entry.terminal_id, entry.invoice_id, min(entry.at) FILTER (WHERE entry.outcome <> 'refused'),
         max(entry.at) FILTER (WHERE entry.outcome <> 'refused'),
         (array_agg(entry.cause ORDER BY entry.at DESC) FILTER (WHERE entry.outcome <> 'refused'))[1],
         count(*) FILTER (WHERE entry.outcome <> 'refused'), bool_or(entry.outcome = 'refused')
  FROM transaction_log_entry AS entry
  WHERE entry.outcome IN ('failed', 'deferred', 'not_authenticated', 'refused')
    AND NOT EXISTS (
      SELECT FROM ledger WHERE ledger.terminal_id = entry.terminal_id AND ledger.invoice_id = entry.invoice_id
    )
  GROUP BY entry.terminal_id, entry.invoice_id;
$$;
