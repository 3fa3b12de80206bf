import { type HandedIn, UPLOAD_PART_BYTES_MAX } from '@tax-control/protocol/console';
import { ApiProblem, send } from '../../api/client.js';

const PATH = '/journals';
/** Tries of one part where the server is busy or no answer came; the same part again changes nothing. */
const TRIES_MAX = 5;
const RETRY_MS = 2_000;
/** Characters that one call turns into base64: as many arguments as every browser takes. */
const CALL_BYTES = 8_192;

export interface HandInForm {
  readonly file: File;
  readonly reason: string;
  readonly isCheck: boolean;
  readonly takesBroken: boolean;
}

/** Sends a file part by part, one in memory at a time, and hands it in. @param tell how much has been sent, 0 to 1 */
export async function uploadJournal(form: HandInForm, tell: (share: number) => void): Promise<HandedIn> {
  const { file, ...rest } = form;
  const uploadId = crypto.randomUUID();
  const parts = Math.max(1, Math.ceil(file.size / UPLOAD_PART_BYTES_MAX));
  for (let part = 0; part < parts; part += 1) {
    const from = part * UPLOAD_PART_BYTES_MAX;
    const bytes = new Uint8Array(await file.slice(from, from + UPLOAD_PART_BYTES_MAX).arrayBuffer());
    await sendPart({ uploadId, part, bytes: base64Of(bytes) });
    tell((part + 1) / parts);
  }
  return send<HandedIn>('POST', PATH, { uploadId, parts, ...rest });
}

async function sendPart(body: object): Promise<void> {
  for (let tried = 1; ; tried += 1) {
    try {
      await send('POST', `${PATH}/uploads`, body);
      return;
    } catch (error) {
      const isForGood = error instanceof ApiProblem && error.problem.retry === 'never';
      if (isForGood || tried === TRIES_MAX) throw error;
      await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
    }
  }
}

function base64Of(bytes: Uint8Array): string {
  let text = '';
  for (let from = 0; from < bytes.length; from += CALL_BYTES)
    text += String.fromCharCode(...bytes.subarray(from, from + CALL_BYTES));
  return btoa(text);
}
