import type { Sql } from '../registry/sql.js';

/** A file on its way: whose it is, and under which id its browser sends the parts. */
export interface Upload {
  readonly uploadId: string;
  readonly officialName: string;
}

/** Keeps one part. Idempotent by upload and part: the first one stays. */
export async function addPart(
  sql: Sql,
  { uploadId, officialName }: Upload,
  part: number,
  bytes: Buffer,
): Promise<void> {
  await sql.query(
    `INSERT INTO handed_upload_part (upload_id, official_name, part, bytes) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING`,
    [uploadId, officialName, part, bytes],
  );
}

/** How many parts of a file have come. */
export async function countParts(sql: Sql, { uploadId, officialName }: Upload): Promise<number> {
  const { rows } = await sql.query<{ count: number }>(
    'SELECT count(*)::integer AS count FROM handed_upload_part WHERE upload_id = $1 AND official_name = $2',
    [uploadId, officialName],
  );
  return rows[0]?.count ?? 0;
}

/** The file, one part in memory at a time. */
export async function* readParts(sql: Sql, { uploadId, officialName }: Upload, count: number): AsyncGenerator<Buffer> {
  for (let part = 0; part < count; part += 1) {
    const { rows } = await sql.query<{ bytes: Buffer }>(
      'SELECT bytes FROM handed_upload_part WHERE upload_id = $1 AND official_name = $2 AND part = $3',
      [uploadId, officialName, part],
    );
    if (rows[0] === undefined) throw new Error('a part of an uploaded file is gone');
    yield rows[0].bytes;
  }
}

/** Removes a file that was handed in, and all that nobody handed in within a day. */
export async function removeParts(sql: Sql, { uploadId, officialName }: Upload): Promise<void> {
  await sql.query(
    `DELETE FROM handed_upload_part
     WHERE (upload_id = $1 AND official_name = $2) OR arrived_at < now() - interval '1 day'`,
    [uploadId, officialName],
  );
}
